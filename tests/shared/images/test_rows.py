"""An inspection as columns."""

import hashlib

import pytest

from shared.images.rows import find_credit, hash_content, make_columns
from shared.imaging import inspect
from shared.models import Image
from shared.models.base import new_id
from tests import factories

DATA = factories.picture(1)


def test_every_measure_has_its_column() -> None:
    columns = make_columns(inspect(DATA), len(DATA))
    assert set(columns) <= {column.key for column in Image.__table__.columns}
    assert columns["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert columns["file_size"] == len(DATA)
    # The row fits the table: what the validation rules measure is known.
    row = Image(**columns)
    assert None not in (row.width, row.sharpness, row.brightness, row.uniformity, row.phash)


def test_a_content_has_another_hash_for_each_owner() -> None:
    mine, yours = new_id(), new_id()
    assert hash_content(mine, "0" * 64) == hash_content(mine, "0" * 64)
    assert hash_content(mine, "0" * 64) != hash_content(yours, "0" * 64)
    assert len(hash_content(mine, "0" * 64)) == 64


@pytest.mark.parametrize(
    ("exif", "credit"),
    [
        (None, None),
        ({"make": "Acme"}, None),
        ({"artist": "Ada"}, "Ada"),
        ({"copyright": "© 2026 Ada"}, "© 2026 Ada"),
        ({"artist": "Ada", "copyright": "© 2026 Agency"}, "Ada, © 2026 Agency"),
        ({"artist": "Ada", "copyright": "Ada"}, "Ada"),
    ],
)
def test_whom_a_camera_names(exif: dict[str, str] | None, credit: str | None) -> None:
    assert find_credit(exif) == credit

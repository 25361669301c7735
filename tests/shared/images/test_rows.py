"""An inspection as columns."""

import hashlib

import pytest

from shared.images.rows import hash_content, make_columns, make_credit_columns
from shared.imaging import inspect
from shared.models import Image
from shared.models.base import new_id
from shared.rights.embedded import FileRights
from tests import factories

DATA = factories.picture(1)


def test_every_measure_has_its_column() -> None:
    columns = make_columns(inspect(DATA), len(DATA))
    assert set(columns) <= {column.key for column in Image.__table__.columns}
    assert columns["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert columns["file_size"] == len(DATA)
    # The row fits the table: what the validation rules measure is known.
    row = Image(**columns)
    assert None not in (
        row.color,
        row.width,
        row.sharpness,
        row.brightness,
        row.uniformity,
        row.phash,
    )


def test_a_content_has_another_hash_for_each_owner() -> None:
    mine, yours = new_id(), new_id()
    assert hash_content(mine, "0" * 64) == hash_content(mine, "0" * 64)
    assert hash_content(mine, "0" * 64) != hash_content(yours, "0" * 64)
    assert len(hash_content(mine, "0" * 64)) == 64


@pytest.mark.parametrize(
    ("rights", "told", "columns"),
    [
        (FileRights(), (None, None), (None, None, None)),
        (FileRights((), "Ann", "CC0", "Agency"), (None, None), ("Ann", "CC0", "Agency")),
        (FileRights((), "Ann", "CC0", "Agency"), ("BY", "Bob"), ("Ann", "BY", "Bob")),
        (FileRights(), ("BY", "Bob"), (None, "BY", "Bob")),
    ],
)
def test_what_the_source_tells_goes_before_the_file(
    rights: FileRights, told: tuple[str | None, str | None], columns: tuple[str | None, ...]
) -> None:
    assert make_credit_columns(rights, *told) == dict(
        zip(("creator", "license", "attribution"), columns, strict=True)
    )

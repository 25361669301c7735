"""The columns of an export's rows."""

from dataclasses import replace

import pytest

from shared.exports.entries import COLUMNS, LICENSE_COLUMNS, list_columns, to_row
from tests.shared.exports.building import photographs

ENTRY = photographs()[0][0]


def test_a_row_has_every_column() -> None:
    names = [column.name for column in COLUMNS]

    assert list(to_row(ENTRY, "name.png")) == names
    assert set(LICENSE_COLUMNS) < {column.name for column in list_columns(include_metadata=False)}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [(None, None), (0, "0" * 16), (-1, "f" * 16), (-(2**63), "8" + "0" * 15)],
)
def test_a_signed_hash_is_shown_as_its_64_bits(stored: int | None, shown: str | None) -> None:
    assert to_row(replace(ENTRY, phash=stored), "name.png")["phash"] == shown


def test_no_column_is_taken_for_images() -> None:
    assert not [c.name for c in COLUMNS if c.name.endswith(("_file_name", "_file_names"))]

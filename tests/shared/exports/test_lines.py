"""Lines of CSV and JSON."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from shared.exports.lines import to_csv_line, to_json, to_sheet_line
from tests.shared.exports.building import HOSTILE


def read_cells(line: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(line.decode(), newline="")))


def test_csv_holds_texts_as_they_are() -> None:
    assert read_cells(to_csv_line(HOSTILE)) == HOSTILE


def test_sheets_hold_no_formula() -> None:
    cells = read_cells(to_sheet_line(HOSTILE))

    assert [cell.removeprefix("'") for cell in cells] == HOSTILE
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_csv_numbers_and_unknowns_stay() -> None:
    for write in (to_csv_line, to_sheet_line):
        assert write([-5, None, "a,b"]) == b'-5,,"a,b"\r\n'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_is_one_line(text: str) -> None:
    line = to_json({"text": text})

    assert line.splitlines() == [line]
    assert json.loads(line) == {"text": text}

"""Lines of CSV and JSON."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from shared.exports.lines import to_csv_line, to_json
from tests.shared.exports.building import HOSTILE


def test_csv_holds_no_formula() -> None:
    cells = next(csv.reader(io.StringIO(to_csv_line(HOSTILE).decode(), newline="")))

    assert [cell.removeprefix("'") for cell in cells] == HOSTILE
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_csv_numbers_and_unknowns_stay() -> None:
    assert to_csv_line([-5, None, "a,b"]) == b'-5,,"a,b"\r\n'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_is_one_line(text: str) -> None:
    line = to_json({"text": text})

    assert line.splitlines() == [line]
    assert json.loads(line) == {"text": text}

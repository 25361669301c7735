"""Rows as lines: CSV that spreadsheets may open (RFC 4180), and JSON."""

import csv
import io
import json
from collections.abc import Iterable

from shared.texts import escape_csv_cell


def to_csv_line(cells: Iterable[str | int | None]) -> bytes:
    """Return a line of CSV in UTF-8: unknown is empty, no text can become a formula."""
    line = io.StringIO()
    csv.writer(line).writerow(
        escape_csv_cell(cell) if isinstance(cell, str) else cell for cell in cells
    )
    return line.getvalue().encode()


def to_json(value: object, *, indent: int | None = None) -> bytes:
    """Return JSON in UTF-8, compact unless indented, keys as given, without a line's end."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    return text.encode()

"""Rows as lines: CSV (RFC 4180), JSON, and JSON that YAML reads."""

import csv
import io
import json
import re
from collections.abc import Iterable

from shared.texts import escape_csv_cell

_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def to_csv_line(cells: Iterable[str | float | None]) -> bytes:
    """Return a line of CSV in UTF-8, with every text as it is; unknown is empty."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def to_sheet_line(cells: Iterable[str | float | None]) -> bytes:
    """Return a line of CSV for people's spreadsheets, where no text can become a formula."""
    return to_csv_line(escape_csv_cell(cell) if isinstance(cell, str) else cell for cell in cells)


def to_json(value: object, *, indent: int | None = None) -> bytes:
    """Return JSON in UTF-8, compact unless indented, keys as given, without a line's end."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    return text.encode()


def to_yaml(value: object) -> str:
    """Return a value as one line of YAML: JSON, but characters that YAML calls unprintable escaped.

    PyYAML refuses them as they are, and takes the two escapes of a character beyond U+FFFF for two.
    """
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", to_json(value).decode())

"""Rows of separated values (RFC 4180): commas, semicolons, tabs or bars, fields in quotes or not.

A quote that never closes would take all that follows into one field. So a row ends after 64 KiB;
then its first line is bad, and the others are read as rows of one line each. That way each line is
looked at twice at most.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain

from shared.manifests.columns import Columns, find_columns
from shared.manifests.limits import MAX_RECORD, ManifestError
from shared.manifests.lines import Line
from shared.manifests.rows import BadRow, ManifestRow, Position, make_row

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_DECLARED = re.compile(r"sep=(.)")  # the first line of a table for Excel


class SeparatedTable:
    """The form of a table, by its first lines: what separates values, and the columns."""

    def __init__(
        self, lines: Iterator[Line], given: Mapping[str, str | None], delimiter: str | None = None
    ) -> None:
        """Read the header. Raise `ManifestError` when it names no column of addresses."""
        first = next((line for line in lines if line.text is None or line.text.strip()), None)
        if first is None or first.text is None:
            raise ManifestError("bad_columns", "there is no header line of at most 64 KiB")
        if declared := _DECLARED.fullmatch(first.text):
            delimiter = declared[1]
            first = next(lines, first)
        self.delimiter = delimiter or _guess_delimiter(first.text or "")
        records = self._read_records(chain([first], lines))
        position, _, names = next(records)
        self.columns: Columns = find_columns(names or [], given)
        self.first_row: Position = position

    def read(self, lines: Iterator[Line]) -> Iterator[tuple[Position, ManifestRow | BadRow]]:
        """Yield rows, each with the place behind it; lines that are blank make none."""
        width = self.columns.count
        for position, number, values in self._read_records(lines):
            if values is None:
                yield position, BadRow(number, "bad_row", f"line {number}: {_UNREADABLE}")
            elif any(values[width:]):
                detail = f"line {number}: {len(values)} fields, and there are {width} columns"
                yield position, BadRow(number, "bad_row", detail)
            elif values:
                yield position, make_row(number, *self.columns.split(values))

    def _read_records(
        self, lines: Iterator[Line]
    ) -> Iterator[tuple[Position, int, list[str] | None]]:
        """Yield the place behind each record, the number of its first line, and its values."""
        alone: deque[Line] = deque()
        while True:
            if alone:
                first = alone.popleft()
                window = [first]
                values = self._parse_alone(first)
            elif (following := next(lines, None)) is not None:
                first = following
                window = [first]
                values = self._parse(window, lines) if first.text != "" else []
                if values is None:
                    alone.extend(window[1:])
                    window = [first]
                    values = self._parse_alone(first)
            else:
                return
            yield window[-1].position, first.number, values

    def _parse(self, window: list[Line], lines: Iterator[Line]) -> list[str] | None:
        """Parse a record that may go on in further lines, which are added to the window."""

        def feed() -> Iterator[str]:
            size = 0
            line: Line | None = window[0]
            while line is not None and line.text is not None:
                size += len(line.text)
                if size > MAX_RECORD:
                    return
                yield line.text + "\n"
                if (line := next(lines, None)) is not None:
                    window.append(line)

        try:
            return next(csv.reader(feed(), delimiter=self.delimiter, strict=True), None)
        except csv.Error:
            return None

    def _parse_alone(self, line: Line) -> list[str] | None:
        """Parse a line as a record of its own, leniently; None when a quote in it stays open."""
        if line.text is None:
            return None
        asked_for_more = False

        def feed() -> Iterator[str]:
            nonlocal asked_for_more
            yield f"{line.text}\n"
            asked_for_more = True

        try:
            values = next(csv.reader(feed(), delimiter=self.delimiter), [])
        except csv.Error:
            return None
        if not asked_for_more:
            return values
        # Tables separated by tabs are often written without quoting, and then quotes mean nothing.
        return (line.text or "").split("\t") if self.delimiter == "\t" else None


_UNREADABLE = f"a quote in it is not closed, or it has more than {MAX_RECORD // 1024} KiB"


def _guess_delimiter(header: str) -> str:
    plain = _QUOTED.sub("", header)
    return next((one for one in _DELIMITERS if one in plain), ",")

"""Rows of plain text, one address a line, and of JSON Lines, one object a line."""

from collections.abc import Iterator, Mapping

from pydantic_core import from_json

from shared.manifests.columns import find_columns, find_fields
from shared.manifests.limits import MAX_RECORD
from shared.manifests.lines import Line
from shared.manifests.rows import BadRow, ManifestRow, Position, make_row

Rows = Iterator[tuple[Position, ManifestRow | BadRow]]

_TOO_LONG = f"it has more than {MAX_RECORD // 1024} KiB"


def read_addresses(lines: Iterator[Line]) -> Rows:
    """Yield a row for each line that is neither blank nor a comment (``#``)."""
    for line in lines:
        if line.text is None:
            yield line.position, _refuse(line, _TOO_LONG)
        elif (text := line.text.strip()) and not text.startswith("#"):
            yield line.position, make_row(line.number, {"url": text}, {})


def read_objects(lines: Iterator[Line], given: Mapping[str, str | None]) -> Rows:
    """Yield a row for each line that is not blank."""
    for line in lines:
        if line.text is None:
            yield line.position, _refuse(line, _TOO_LONG)
        elif line.text.strip():
            record = _parse(line.text)
            if record is None:
                yield line.position, _refuse(line, "it is not an object of JSON")
            else:
                known, others = find_fields(record, given)
                yield line.position, make_row(line.number, known, others)


def check_objects(lines: Iterator[Line], given: Mapping[str, str | None]) -> None:
    """Raise `ManifestError` when none of these lines has a field of addresses."""
    names: dict[str, None] = {}
    for line in lines:
        if line.text is not None and (record := _parse(line.text)):
            if "url" in find_fields(record, given)[0]:
                return
            names |= dict.fromkeys(record)
    if names:
        find_columns(list(names), dict.fromkeys(given) | {"url": given.get("url")})


def _parse(text: str) -> dict[str, object] | None:
    try:
        value = from_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refuse(line: Line, why: str) -> BadRow:
    return BadRow(line.number, "bad_row", f"line {line.number}: {why}")

"""Rows of a manifest, checked one by one: an address with what is known about it, or why not."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from shared.fetching.typed import check_typed_address, show_typed_address
from shared.fetching.urls import BadUrl
from shared.schemas.errors import list_problems
from shared.schemas.fields import Name, Phash, Sha256, Text
from shared.schemas.kinds import Input
from shared.schemas.metadata import INTEGERS, MAX_METADATA
from shared.texts import clean_line

_MAX_NAME = 100  # characters of a column's name


@dataclass(frozen=True, slots=True)
class Position:
    """The place behind a row, from which reading goes on.

    `offset` counts bytes of the unpacked text as UTF-8, of Parquet rows; `line` is the number of
    the next line or row, from 1; `text` are the bytes that the rows of Parquet came to.
    """

    offset: int = 0
    line: int = 1
    text: int = 0


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no entry. `reason` is ``bad_url`` or ``bad_row``; `url` may be no address."""

    line: int
    reason: str
    detail: str
    url: str = ""


class ManifestRow(Input):
    """An address with what its row says about the image.

    `sha256` (64 hex digits) is the digest of its bytes and `phash` (16) its perceptual hash, both
    to be compared with what the address brings.
    """

    line: int
    url: str
    label: Name | None = None
    caption: Annotated[Text, Field(max_length=5000)] | None = None
    license: Name | None = None
    attribution: Name | None = None
    sha256: Sha256 | None = None
    phash: Phash | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


START = Position()
FIELDS = ("url", "label", "caption", "license", "attribution", "sha256", "phash")
_ROW = TypeAdapter(ManifestRow)


class _Refused(ValueError):
    """A value cannot be kept."""


def make_row(
    line: int, known: Mapping[str, Any], others: Mapping[str, Any]
) -> ManifestRow | BadRow:
    """Check a row's values: `known` by field, and those of other columns by their names."""
    given = known.get("url")
    if given is not None and not isinstance(given, str):
        return BadRow(line, "bad_url", f"line {line}: the address is no text")
    if not given or not given.strip():
        return BadRow(line, "bad_url", f"line {line}: there is no address")
    try:
        values: dict[str, Any] = {"line": line, "url": check_typed_address(given.strip())}
        for name in FIELDS[1:]:
            if (text := _to_text(name, known.get(name))) is not None:
                values[name] = text
        if metadata := _to_metadata(others):
            values["metadata"] = metadata
        return _ROW.validate_python(values)
    except ValidationError as error:
        first = list_problems(error)[0]
        name = first["pointer"].strip("/")
        return BadRow(
            line, "bad_row", f"line {line}: {name}: {first['detail']}", show_typed_address(given)
        )
    except BadUrl as error:
        return BadRow(line, "bad_url", f"line {line}: {error.detail}", show_typed_address(given))
    except _Refused as error:
        return BadRow(line, "bad_row", f"line {line}: {error}", show_typed_address(given))


def _to_text(name: str, value: Any) -> str | None:
    """Return a value as text; None for one that says nothing, as an empty cell."""
    if isinstance(value, str):
        return value if value.strip() else None
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a column of whole numbers in which some are missing
    if isinstance(value, bytes) and name in ("sha256", "phash"):
        return value.hex()
    if isinstance(value, (int, float)) and (isinstance(value, float) or value in INTEGERS):
        return str(value)
    raise _Refused(f"{name}: must be text")


def _to_metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what other columns say as JSON that PostgreSQL can store."""
    found = {}
    for name, value in values.items():
        if (kept := _to_json(value)) not in (None, "") and (key := clean_line(name, _MAX_NAME)):
            found[key] = kept
    if found and len(json.dumps(found, ensure_ascii=False).encode()) > MAX_METADATA:
        raise _Refused(f"its other columns have more than {MAX_METADATA} bytes")
    return found


def _to_json(value: Any) -> Any:
    match value:
        case str():
            return _clean(value)
        case bool() | None:
            return value
        case int():
            if value not in INTEGERS:
                raise _Refused("a number has more than 64 bits")
            return value
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_to_json(one) for one in value]
        case dict():
            return {_clean(name): _to_json(one) for name, one in value.items()}
        case bytes():
            return None
        case _:
            return str(value)  # a date, a time, a decimal


def _clean(text: str) -> str:
    """Return text without what PostgreSQL cannot store: U+0000 and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()

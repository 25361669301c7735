"""Header lines of an answer, read as browsers read them, and the fields that lead elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import quote_from_bytes

_STATUS = re.compile(rb"HTTP(?:/\d{1,3}(?:\.\d{1,3})?)?[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SPACE = r"[\t\n\f\r\ ]*+"
# HTML standard §4.2.5.3, "shared declarative refresh steps".
_REFRESH = re.compile(
    rf"""{_SPACE}(?P<seconds>[0-9]++|(?=\.))[0-9.]*+(?:\Z|(?=[;,\t\n\f\r\ ])){_SPACE}[;,]?+{_SPACE}
    (?:url{_SPACE}={_SPACE})?+(?:"(?P<double>[^"]*+)|'(?P<single>[^']*+)|(?P<bare>.*+))""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_AUTHORITY = re.compile(rb"(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}[^/\\?#]*", re.IGNORECASE)


class HeaderReader:
    """Reads a head line by line; a line without a colon, or with NUL, is passed over.

    `status` is 0 until a status line has come. Interim answers (1xx) are dropped when the next head
    begins. `complete` says that the last head has ended. Folded lines are joined.
    """

    def __init__(self) -> None:
        self.status = 0
        self.complete = False
        self._inside = False
        self._fields: dict[str, list[list[str]]] = {}
        self._last: list[str] | None = None

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields: names in lower case, repeats on lines of their own."""
        return {
            name: "\n".join(" ".join(parts) for parts in values)
            for name, values in self._fields.items()
        }

    def read_line(self, line: bytes) -> None:
        """Take in the next line, with or without its end. Raises ValueError for no status line."""
        text = line.strip()
        if not self._inside:
            self._begin(text)
        elif not line.strip(b"\r\n"):
            self._inside = False
            self.complete = self.status >= 200 or self.status == 101
        elif line[:1] in (b" ", b"\t"):
            if self._last is not None and b"\0" not in text:
                self._last.append(text.decode("latin-1"))
        else:
            name, colon, value = text.partition(b":")
            self._last = None
            if colon and b"\0" not in text:
                self._last = [value.strip().decode("latin-1")]
                key = name.strip().decode("latin-1").lower()
                self._fields.setdefault(key, []).append(self._last)

    def _begin(self, text: bytes) -> None:
        found = _STATUS.match(text)
        if not found:
            raise ValueError("this is no HTTP status line")
        self.status = int(found[1])
        self._inside, self._fields, self._last = True, {}, None


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None (RFC 9110 §10.2.3)."""
    value = headers.get("retry-after", "").partition("\n")[0].strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def find_redirect(status: int, headers: Mapping[str, str]) -> str | None:
    """Return the reference to which an answer redirects, or None.

    The first Location that holds anything counts. Its bytes beyond ASCII stay as they are,
    percent-encoded, as browsers ask for them; only a host is text, in UTF-8.
    """
    if status not in _REDIRECTS:
        return None
    lines = filter(None, headers.get("location", "").split("\n"))
    return _escape(next(lines, "")) or None


class Refresh(NamedTuple):
    """The seconds after which another page is to take a page's place; "" refers to itself."""

    seconds: int
    reference: str


def find_refresh(headers: Mapping[str, str]) -> Refresh | None:
    """Return what a Refresh field says, its bytes read as those of a Location, or None."""
    found = parse_refresh(headers.get("refresh", "").partition("\n")[0])
    return found and found._replace(reference=_escape(found.reference))


def parse_refresh(text: str) -> Refresh | None:
    """Return what a Refresh field or a meta of that name says, or None for nonsense."""
    found = _REFRESH.match(text)
    if not found:
        return None
    reference = found["double"] or found["single"] or found["bare"] or ""
    return Refresh(int(found["seconds"][:9] or 0), reference.strip())


def _escape(text: str) -> str:
    if text.isascii():
        return text
    reference = text.encode("latin-1")
    found = _AUTHORITY.match(reference)
    authority = reference[: found.end() if found else 0]
    rest = reference[len(authority) :]
    return authority.decode("utf-8", "replace") + quote_from_bytes(rest, safe=bytes(range(128)))

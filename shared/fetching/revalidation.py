"""Asks whether what an address brought once is still what it brings (RFC 9110 §13, RFC 9111 §4.3).

The requests of a fetcher differ in nothing that an answer could vary by, so that of `Vary` only `*`
matters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from shared.fetching.urls import hash_address
from shared.rights.answers import HEADERS

_MAX_VALUE = 1000
# RFC 9110 §8.8.3, and what servers send without the quotes that it asks for.
# A bare star would ask for any content at all.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"|(?!\*\Z)[\x21\x23-\x2b\x2d-\x7e]+')
_DATE = re.compile(r"[\x20-\x7e]{1,100}")


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The part of an answer that is kept, to ask later whether it still holds.

    `address` is the `hash_address` of the URL that gave it, after redirects. `headers` are its
    validators, and what it said about the use of its content; names are in lower case.
    """

    address: bytes
    headers: Mapping[str, str]

    def list_conditions(self) -> list[tuple[str, str]]:
        """Return the header fields that make a request conditional.

        The date is for servers that know no entity tags; others pass it over (RFC 9110 §13.1.3).
        """
        fields = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        return [(field, self.headers[name]) for field, name in fields if name in self.headers]

    def agrees(self, headers: Mapping[str, str]) -> bool:
        """Return whether an answer "not modified" with these headers can be about this one.

        Tags are compared weakly (RFC 9110 §8.8.3.2); an answer without one is about what was asked.
        """
        sent, came = self.headers.get("etag"), headers.get("etag")
        return not (sent and came) or sent.removeprefix("W/") == came.removeprefix("W/")

    def update(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that hold after an answer "not modified": its own, else those kept.

        Such an answer repeats few of them (RFC 9110 §15.4.5, RFC 9111 §3.2).
        """
        return {**self.headers, **headers}


def keep_response(url: str, headers: Mapping[str, str]) -> StoredResponse | None:
    """Return what to keep of an answer from a normalised URL; None where nothing may be kept.

    That is so without a validator, where the answer is not to be stored or varies by what no
    request tells, and where what it says is too long to be kept whole.
    """
    directives = {one.strip().lower() for one in headers.get("cache-control", "").split(",")}
    if "no-store" in directives or "*" in headers.get("vary", ""):
        return None
    kept = {name: headers[name] for name in HEADERS if name in headers}
    if any(len(value) > _MAX_VALUE for value in kept.values()):
        return None
    etag = headers.get("etag", "")
    if len(etag) <= _MAX_VALUE and _ETAG.fullmatch(etag):
        kept["etag"] = etag
    if _is_settled(headers):
        kept["last-modified"] = headers["last-modified"]
    if not {"etag", "last-modified"} & kept.keys():
        return None
    return StoredResponse(hash_address(url), kept)


def _is_settled(headers: Mapping[str, str]) -> bool:
    """Return whether no later change can have the same date: it is from a second before the answer.

    Without a date of the answer that cannot be told (RFC 9110 §8.8.2.2).
    """
    modified, date = (_parse_date(headers.get(name, "")) for name in ("last-modified", "date"))
    return modified is not None and date is not None and (date - modified).total_seconds() >= 1


def _parse_date(value: str) -> datetime | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None

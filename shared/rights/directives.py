"""The wishes of sites about what is done with a page or file: X-Robots-Tag and robots metas.

The grammar and the names are those of Google's robots meta specification; `noai` and `noimageai`
are DeviantArt's, `noml` is Pinterest's and others'.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PRODUCT = "Pixmill"
_EVERYONE = frozenset({"*", "all", "robots"})
# Directives that are written with a colon, and so look like the name of a crawler.
_EXPIRY = "unavailable_after"
_VALUED = frozenset({_EXPIRY, "max-snippet", "max-image-preview", "max-video-preview"})
_FLAGS = frozenset(
    {"follow", "index", "indexifembedded", "noai", "noarchive", "nocache", "nofollow", "noimageai"}
    | {"noimageindex", "noindex", "noml", "none", "noodp", "nosnippet", "notranslate", "noydir"}
)
_DATE_GOES_ON = re.compile(r"\s*\d+(?:[-:t]\d|\W|\Z)")
_SEPARATORS = re.compile(r"""[\s;/|.'"]+""")  # some are none, and meant as such
_REFUSALS = frozenset({"noai", "noimageai", "noml", "noindex", "none", "noimageindex"})


def names_product(text: str, product: str = PRODUCT) -> bool:
    """Return whether a user-agent line means `product`, with a version or more words beside it.

    A product token holds letters, `-` and `_` and is compared without regard to case (RFC 9309
    §2.2.1): `Pixmill/0.1` and `Pixmill Bot` mean Pixmill, `Pixmill-News` is another product.
    """
    pattern = rf"(?<![\w-]){re.escape(product)}(?![a-z_-])"
    return re.search(pattern, text, re.ASCII | re.IGNORECASE) is not None


def parse_directives(
    text: str, product: str = PRODUCT, now: datetime | None = None
) -> frozenset[str]:
    """Return what X-Robots-Tag lines, or a robots meta's content, say to `product`.

    Lines are header fields. A crawler's name before a colon holds for the rest of its line, until
    the next name. An `unavailable_after` that has passed by `now` counts as `noindex`.
    """
    directives: set[str] = set()
    for line in text.lower().splitlines():
        directives |= _parse_line(line, product, now or datetime.now(UTC))
    return frozenset(directives)


def list_refused_uses(directives: frozenset[str]) -> list[str]:
    """Return the directives that ask not to be trained on or to be left out of collections."""
    return sorted(directives & _REFUSALS)


def _parse_line(line: str, product: str, now: datetime) -> set[str]:
    directives: set[str] = set()
    addressed = True
    for part in _split(line):
        name, colon, value = _partition(part)
        if colon and name not in _VALUED and name not in _FLAGS:
            addressed = name in _EVERYONE or names_product(name, product)
            name, colon, value = _partition(value)
        if not addressed:
            continue
        if name == _EXPIRY and _has_passed(value, now):
            directives.add("noindex")
        elif name not in _VALUED:
            directives |= _FLAGS.intersection(_SEPARATORS.split(name))
    return directives


def _split(line: str) -> list[str]:
    """Split a field at its commas, but for those inside the date of an `unavailable_after`."""
    parts: list[str] = []
    commas = 0  # that may still follow within a date
    for part in line.split(","):
        if commas and _DATE_GOES_ON.match(part):
            parts[-1] += f",{part}"
            commas -= 1
        else:
            parts.append(part)
            commas = 2 if _EXPIRY in part else 0
    return parts


def _partition(text: str) -> tuple[str, str, str]:
    name, colon, value = text.partition(":")
    return name.strip(), colon, value.strip()


def _has_passed(text: str, now: datetime) -> bool:
    """Return whether a date, as RFC 822 or ISO 8601 write it, is over; False for another text."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text[:100])
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < now
    return False

"""Object lists: by prefix, folded at a delimiter, page by page, in the order of UTF-8 bytes."""

import base64
import binascii
from dataclasses import dataclass

from infra.emulators.storage.buckets import require_bucket
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import Invalid
from infra.emulators.storage.objects import load
from infra.emulators.storage.resources import StoredObject

PAGE_LIMIT = 1000
_PAST = b"\xff"  # sorts behind every continuation, since UTF-8 has no such byte


@dataclass(frozen=True)
class Query:
    """What to list; the offsets are the first name wanted and the first not wanted."""

    prefix: str = ""
    delimiter: str = ""
    start_offset: str = ""
    end_offset: str = ""
    page_token: str = ""
    limit: int = PAGE_LIMIT


@dataclass(frozen=True)
class Page:
    """Objects, the common prefixes that stand for the rest, and where the next page begins."""

    items: list[StoredObject]
    prefixes: list[str]
    next_page_token: str | None


def list_objects(database: Database, bucket: str, query: Query) -> Page:
    """One page. A token is a position in the order of names, so it survives any change."""
    prefix, delimiter = query.prefix.encode(), query.delimiter.encode()
    position = max(prefix, query.start_offset.encode(), _position(query.page_token))
    end = prefix + _PAST
    if query.end_offset:
        end = min(end, query.end_offset.encode())
    limit = min(query.limit, PAGE_LIMIT)
    items: list[StoredObject] = []
    prefixes: list[str] = []
    with database.reading() as connection:
        require_bucket(connection, bucket)
        found = True
        while found:
            found = False
            for row in connection.execute(
                "SELECT bucket, name, generation, metageneration, size, content, properties "
                "FROM objects WHERE bucket = ? AND name >= ? AND name < ? ORDER BY name",
                (bucket, position, end),
            ):
                if len(items) + len(prefixes) == limit:
                    return Page(items, prefixes, _token(position))
                name = row[1]
                cut = name.find(delimiter, len(prefix)) if delimiter else -1
                if cut >= 0:
                    common = name[: cut + len(delimiter)]
                    prefixes.append(common.decode())
                    position = common + _PAST
                    found = True  # go on behind everything that the prefix stands for
                    break
                items.append(load(row))
                position = name + b"\0"
    return Page(items, prefixes, None)


def _token(position: bytes) -> str:
    return base64.urlsafe_b64encode(position).decode()


def _position(token: str) -> bytes:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Invalid(f"Invalid value for pageToken: {token!r}") from None

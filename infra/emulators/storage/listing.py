"""Object lists: by prefix, folded at a delimiter, page by page, in the order of UTF-8 bytes."""

import base64
import binascii
from dataclasses import dataclass

from infra.emulators.storage.buckets import require_bucket
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import InvalidArgument
from infra.emulators.storage.objects import COLUMNS, read_row
from infra.emulators.storage.resources import ObjectVersion

PAGE_LIMIT = 1000
_PAST = b"\xff"  # sorts behind every continuation, since UTF-8 has no such byte


@dataclass(frozen=True)
class ObjectPage:
    """Objects, the common prefixes that stand for the rest, and where the next page begins."""

    items: list[ObjectVersion]
    prefixes: list[str]
    next_page_token: str | None


def list_objects(
    database: Database,
    bucket: str,
    *,
    prefix: str = "",
    delimiter: str = "",
    page_token: str = "",
    limit: int = PAGE_LIMIT,
) -> ObjectPage:
    """Return one page. A token is a position in the order of names, so it survives any change."""
    start, separator = prefix.encode(), delimiter.encode()
    position = max(start, _decode_token(page_token))
    items: list[ObjectVersion] = []
    prefixes: list[str] = []
    with database.begin_read() as connection:
        require_bucket(connection, bucket)
        more = True
        while more:
            more = False
            for row in connection.execute(
                f"SELECT {COLUMNS} FROM objects "  # noqa: S608
                "WHERE bucket = ? AND name >= ? AND name < ? ORDER BY name",
                (bucket, position, start + _PAST),
            ):
                if len(items) + len(prefixes) == min(limit, PAGE_LIMIT):
                    return ObjectPage(items, prefixes, _encode_token(position))
                name = row[1]
                cut = name.find(separator, len(start)) if separator else -1
                if cut >= 0:
                    common = name[: cut + len(separator)]
                    prefixes.append(common.decode())
                    position = common + _PAST
                    more = True  # go on behind everything that the prefix stands for
                    break
                items.append(read_row(row))
                position = name + b"\0"
    return ObjectPage(items, prefixes, None)


def _encode_token(position: bytes) -> str:
    return base64.urlsafe_b64encode(position).decode()


def _decode_token(token: str) -> bytes:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise InvalidArgument(f"Invalid value for pageToken: {token!r}") from None

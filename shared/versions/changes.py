"""Lists what two versions hold differently, page by page."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.errors import BadRequest, Invalid
from shared.models import DatasetVersion
from shared.paging import Page, decode_cursor, encode_cursor
from shared.schemas.versions import VersionChange, VersionedImage
from shared.versions.queries import explain_lack

_KIND = "version_changes"
# Images of both sides that one look takes in: as many as the page before had, or few at first.
LEAST, MOST = 2_000, 64_000
_END = 2**256

# The contents of a range whose leaves are not the same on both sides.
_CONTENTS = text("""
SELECT DISTINCT sha256 FROM (
    SELECT sha256 FROM (
        SELECT sha256, leaf, 1 AS side FROM version_images
        WHERE version_id = :before AND sha256 BETWEEN :first AND :last
        UNION ALL
        SELECT sha256, leaf, -1 FROM version_images
        WHERE version_id = :after AND sha256 BETWEEN :first AND :last
    ) leaves
    GROUP BY sha256, leaf HAVING sum(side) <> 0
) differing
ORDER BY sha256 LIMIT :limit
""")

_FIELDS = tuple(VersionedImage.model_fields)
# Equal leaves cancel each other out; what is left of a content is paired in the order of leaves.
_CHANGES = text(f"""
WITH held AS (
    SELECT version_id, sha256, leaf, image_id, {", ".join(_FIELDS)}, row_number() OVER (
        PARTITION BY version_id, sha256, leaf ORDER BY image_id) AS number
    FROM version_images
    WHERE version_id IN (:before, :after) AND sha256 = ANY (CAST(:contents AS bytea[]))
), lone AS (
    SELECT *, row_number() OVER (
        PARTITION BY version_id, sha256 ORDER BY leaf, image_id) AS copy
    FROM held
    WHERE NOT EXISTS (SELECT FROM held other
        WHERE other.version_id <> held.version_id AND other.sha256 = held.sha256
            AND other.leaf = held.leaf AND other.number = held.number)
)
SELECT sha256, copy, old.image_id AS old_id, new.image_id AS new_id,
    {", ".join(f"old.{name} AS old_{name}, new.{name} AS new_{name}" for name in _FIELDS)}
FROM (SELECT * FROM lone WHERE version_id = :before) old
    FULL JOIN (SELECT * FROM lone WHERE version_id = :after) new USING (sha256, copy)
WHERE (sha256, copy) > (:sha256, :copy)
ORDER BY sha256, copy LIMIT :limit
""")  # noqa: S608 # the names are constants


def list_changes(
    session: Session,
    before: DatasetVersion,
    after: DatasetVersion,
    limit: int,
    cursor: str | None,
) -> Page[VersionChange]:
    """Return up to `limit` changes in the order of the contents' hashes.

    All pages together look once at each image. Raises `Invalid` for versions that cannot be
    compared, `BadRequest` for a wrong cursor.
    """
    for version in (before, after):
        if lack := explain_lack(version):
            raise Invalid(detail=lack)
    kind = f"{_KIND} {before.id} {after.id}"
    digest, copy, images = b"", 0, LEAST
    if cursor is not None:
        shown, copy, images = decode_cursor(kind, cursor, [str, int, int])
        digest = _read_digest(shown)
    if before.hash == after.hash:
        return Page(items=[], next_cursor=None)
    wanted = {"before": before.id, "after": after.id, "sha256": digest, "copy": copy}
    # One more than is shown, and the one where the page before ended.
    contents, images = _find_contents(session, before, after, digest, images, limit + 2)
    rows = session.execute(_CHANGES, wanted | {"contents": contents, "limit": limit + 1}).all()
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(kind, (page[-1].sha256.hex(), page[-1].copy, images))
    return Page(items=[_read_change(row) for row in page], next_cursor=following)


def _find_contents(
    session: Session,
    before: DatasetVersion,
    after: DatasetVersion,
    digest: bytes,
    images: int,
    limit: int,
) -> tuple[list[bytes], int]:
    """Return the first contents from a hash on that the versions hold differently.

    Range by range, each so wide that it holds a number of images: hashes are spread evenly. The
    first one is of `images`; the number that would have been right is returned, too.
    """
    found = list[bytes]()
    begin = start = int.from_bytes(digest.ljust(32, b"\0"))
    total = max(MOST, before.image_count + after.image_count)
    while start < _END and len(found) < limit:
        images = min(MOST, max(LEAST, images))
        end = min(_END, start + _END * images // total)
        span = {"first": start.to_bytes(32), "last": (end - 1).to_bytes(32)}
        sides = {"before": before.id, "after": after.id}
        found += session.scalars(_CONTENTS, span | sides | {"limit": limit - len(found)})
        start, images = end, images * 2 if len(found) < limit // 2 else LEAST
    seen = int.from_bytes(found[-1]) - begin if found else 0
    return found, seen * total // _END + 1


def _read_digest(shown: str) -> bytes:
    try:
        digest = bytes.fromhex(shown)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise BadRequest("The cursor cannot be read; start again without one.")
    return digest


def _read_change(row: Any) -> VersionChange:
    change = "changed" if row.old_id and row.new_id else "removed" if row.old_id else "added"
    return VersionChange(
        image_id=row.new_id or row.old_id,
        sha256=bytes(row.sha256).hex(),
        change=change,
        before=_read_side(row, row.old_id, "old"),
        after=_read_side(row, row.new_id, "new"),
    )


def _read_side(row: Any, image_id: UUID | None, side: str) -> VersionedImage | None:
    if image_id is None:
        return None
    values = {name: getattr(row, f"{side}_{name}") for name in _FIELDS}
    rights = values["rights"]
    return VersionedImage(**values | {"rights": bytes(rights).hex() if rights else None})

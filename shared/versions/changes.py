"""Lists what two versions hold differently, page by page."""

import json
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.errors import BadRequest, Invalid
from shared.models import DatasetVersion
from shared.paging import Page, decode_cursor, encode_cursor
from shared.schemas.versions import VersionChange, VersionedImage
from shared.versions.queries import explain_lack
from shared.versions.ranges import find_differing_ranges

_KIND = "version_changes"
LEAST = 16  # ranges looked at first, where no page before says how many it took
LARGEST = 8_000_000  # bytes of a page's changes, however many were asked for

# The contents of ranges whose leaves are not the same on both sides.
_CONTENTS = text("""
SELECT DISTINCT sha256
FROM unnest(CAST(:ranges AS bytea[])) AS wanted (prefix) CROSS JOIN LATERAL (
    SELECT sha256 FROM (
        SELECT sha256, leaf, 1 AS side FROM version_images
        WHERE version_id = :before AND sha256 BETWEEN prefix AND prefix || :end
        UNION ALL
        SELECT sha256, leaf, -1 FROM version_images
        WHERE version_id = :after AND sha256 BETWEEN prefix AND prefix || :end
    ) leaves
    GROUP BY sha256, leaf HAVING sum(side) <> 0
) differing
WHERE sha256 >= :first
ORDER BY sha256 LIMIT :limit
""")


def _select_side(side: str) -> str:
    """Return SQL for what one side holds, as a `VersionedImage` in JSON."""
    fields = (
        f"'{name}', " + (f"encode({side}.rights, 'hex')" if name == "rights" else f"{side}.{name}")
        for name in VersionedImage.model_fields
    )
    return f"CASE WHEN {side}.image_id IS NOT NULL THEN json_build_object({', '.join(fields)}) END"


# Equal leaves cancel each other out; what is left of a content is paired in the order of leaves.
# A page comes as one text: row by row the driver would take ten times as long.
_CHANGES = text(f"""
WITH held AS (
    SELECT version_images.*, row_number() OVER (
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
), changes AS (
    SELECT sha256, copy, json_build_object(
        'image_id', coalesce(new.image_id, old.image_id), 'sha256', encode(sha256, 'hex'),
        'change', CASE WHEN old.image_id IS NULL THEN 'added'
            WHEN new.image_id IS NULL THEN 'removed' ELSE 'changed' END,
        'before', {_select_side("old")}, 'after', {_select_side("new")})::text AS change
    FROM (SELECT * FROM lone WHERE version_id = :before) old
        FULL JOIN (SELECT * FROM lone WHERE version_id = :after) new USING (sha256, copy)
    WHERE (sha256, copy) > (:sha256, :copy)
    ORDER BY sha256, copy LIMIT CAST(:limit AS integer) + 1
), numbered AS (
    SELECT *, row_number() OVER place AS number, sum(octet_length(change)) OVER place AS size,
        count(*) OVER () AS found
    FROM changes WINDOW place AS (ORDER BY sha256, copy)
)
SELECT string_agg(change, ',' ORDER BY number) AS items, count(*) < max(found) AS goes_on,
    (array_agg(sha256 ORDER BY number DESC))[1] AS sha256,
    (array_agg(copy ORDER BY number DESC))[1] AS copy
FROM numbered
WHERE number <= CAST(:limit AS integer) AND (size <= CAST(:size AS integer) OR number = 1)
""")  # noqa: S608 # the names are constants


def list_changes(
    session: Session,
    before: DatasetVersion,
    after: DatasetVersion,
    limit: int,
    cursor: str | None,
) -> Page[VersionChange]:
    """Return up to `limit` changes in the order of the contents' hashes; fewer if they are large.

    Looks only at ranges of contents that differ, and all pages together once at each of them.
    Raises `Invalid` for versions that cannot be compared, `BadRequest` for a wrong cursor.
    """
    for version in (before, after):
        if lack := explain_lack(version):
            raise Invalid(detail=lack)
    kind = f"{_KIND} {before.id} {after.id}"
    digest, copy, taken = b"", 0, LEAST
    if cursor is not None:
        shown, copy, taken = decode_cursor(kind, cursor, [str, int, int])
        digest = _read_digest(shown)
    if before.hash == after.hash:
        return Page(items=[], next_cursor=None)
    ranges = find_differing_ranges(session, before.id, after.id, digest[:2])
    sides = {"before": before.id, "after": after.id}
    # One more than is shown, and the one where the page before ended.
    contents = _find_contents(session, sides, ranges, digest, max(1, taken), limit + 2)
    place = {"sha256": digest, "copy": copy, "limit": limit, "size": LARGEST}
    page = session.execute(_CHANGES, sides | place | {"contents": contents}).one()
    following = None
    if page.goes_on:
        taken = len({content[:2] for content in contents})
        following = encode_cursor(kind, (page.sha256.hex(), page.copy, taken))
    return Page[VersionChange].model_validate_json(
        f'{{"items": [{page.items or ""}], "next_cursor": {json.dumps(following)}}}'
    )


def _find_contents(
    session: Session,
    sides: dict[str, UUID],
    ranges: Iterator[bytes],
    first: bytes,
    number: int,
    limit: int,
) -> list[bytes]:
    """Return the first contents from `first` on that the versions hold differently.

    Begins with a `number` of ranges. Each holds one such content at least, so that no more than
    `limit` are ever looked at.
    """
    found = list[bytes]()
    while len(found) < limit and (some := list(islice(ranges, min(number, limit - len(found))))):
        wanted = {"ranges": some, "first": first, "end": b"\xff" * 30, "limit": limit - len(found)}
        found += session.scalars(_CONTENTS, sides | wanted)
        number *= 2
    return found


def _read_digest(shown: str) -> bytes:
    try:
        digest = bytes.fromhex(shown)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise BadRequest("The cursor cannot be read; start again without one.")
    return digest

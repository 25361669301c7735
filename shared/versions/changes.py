"""Lists what two versions hold differently, page by page."""

import json
from bisect import bisect_right
from itertools import islice

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.calls import JsonText
from shared.errors import BadRequest, Invalid
from shared.models import DatasetVersion
from shared.paging import Page, decode_cursor, encode_cursor
from shared.schemas.versions import VersionChange, VersionedImage
from shared.versions.queries import explain_lack
from shared.versions.ranges import NUMBER, find_differing_ranges, join_ranges

_KIND = "version_changes"
LEAST = 16  # ranges looked at first
LARGEST = 8_000_000  # bytes of a page's texts, however many changes were asked for
_OVERHEAD = 600  # bytes of a change beside its texts

_FIELDS = ("image_id", *VersionedImage.model_fields)
_TEXTS = [name for name in VersionedImage.model_fields if name != "rights"]
_SIZE = " + ".join(
    f"coalesce(octet_length({side}_{name}), 0)" for side in ("old", "new") for name in _TEXTS
)


def _select(side: str) -> str:
    """Return SQL for the columns of one side, named after it."""
    return ", ".join(f"{side}.{name} AS {side}_{name}" for name in _FIELDS)


def _find(side: str, version: str) -> str:
    """Return SQL for the one image of a side that has a content and its lone leaf."""
    return f"""LEFT JOIN LATERAL (
        SELECT * FROM version_images
        WHERE version_id = :{version} AND sha256 = contents.sha256 AND leaf = {side}_leaf
        LIMIT 1
    ) {side} ON true"""  # noqa: S608 # the names are constants


def _render(side: str) -> str:
    """Return SQL for what one side holds, as a `VersionedImage` in JSON."""
    fields = [
        f"""'"{name}"\\:' || coalesce(to_json({side}_{name})::text, 'null')""" for name in _TEXTS
    ]
    fields.append(
        f"""'"rights"\\:' || coalesce('"' || encode({side}_rights, 'hex') || '"', 'null')"""
    )
    whole = " || ',' || ".join(fields)
    return f"CASE WHEN {side}_image_id IS NULL THEN 'null' ELSE '{{' || {whole} || '}}' END"


# Equal leaves cancel each other out, which the index tells. What is left of a content is a leaf on
# a side as a rule; where it is more, or there are copies of it, all its images are read, numbered
# in the order of leaves, and paired by these numbers. A page comes as one text: row by row the
# driver would take ten times as long.
_CHANGES = text(f"""
WITH contents AS MATERIALIZED (
    SELECT differing.*
    FROM unnest(CAST(:begins AS bytea[]), CAST(:ends AS bytea[])) AS run (first, last)
        CROSS JOIN LATERAL (
            SELECT sha256, bool_or(number > 1) OR greatest(count(*) FILTER (WHERE balance > 0),
                    count(*) FILTER (WHERE balance < 0)) > 1 AS has_copies,
                (array_agg(leaf) FILTER (WHERE balance > 0))[1] AS old_leaf,
                (array_agg(leaf) FILTER (WHERE balance < 0))[1] AS new_leaf
            FROM (
                SELECT sha256, leaf, sum(side) AS balance, count(*) AS number
                FROM (
                    SELECT sha256, leaf, 1 AS side FROM version_images
                    WHERE version_id = :before AND sha256 BETWEEN run.first AND run.last
                    UNION ALL
                    SELECT sha256, leaf, -1 FROM version_images
                    WHERE version_id = :after AND sha256 BETWEEN run.first AND run.last
                ) leaves
                GROUP BY sha256, leaf HAVING sum(side) <> 0
            ) lone
            GROUP BY sha256
        ) differing
    -- One more than is shown, and the one where the page before ended.
    ORDER BY sha256 LIMIT CAST(:limit AS integer) + 2
), held AS (
    SELECT version_images.*, row_number() OVER (
        PARTITION BY version_id, sha256, leaf ORDER BY image_id) AS number
    FROM version_images
    WHERE version_id IN (:before, :after)
        AND sha256 = ANY (ARRAY(SELECT sha256 FROM contents WHERE has_copies))
), lone AS (
    SELECT *, row_number() OVER (
        PARTITION BY version_id, sha256 ORDER BY leaf, image_id) AS copy
    FROM held
    WHERE NOT EXISTS (SELECT FROM held other
        WHERE other.version_id <> held.version_id AND other.sha256 = held.sha256
            AND other.leaf = held.leaf AND other.number = held.number)
), changes AS (
    SELECT contents.sha256, 1 AS copy, {_select("old")}, {_select("new")}
    FROM contents {_find("old", "before")} {_find("new", "after")}
    WHERE NOT has_copies
    UNION ALL
    SELECT sha256, copy, {_select("old")}, {_select("new")}
    FROM (SELECT * FROM lone WHERE version_id = :before) old
        FULL JOIN (SELECT * FROM lone WHERE version_id = :after) new USING (sha256, copy)
), numbered AS (
    SELECT *, row_number() OVER place AS number, sum(size) OVER place AS total,
        count(*) OVER () AS found
    FROM (
        SELECT *, {_SIZE} + {_OVERHEAD} AS size FROM changes
        WHERE (sha256, copy) > (:sha256, :copy)
        ORDER BY sha256, copy LIMIT CAST(:limit AS integer) + 1
    ) page
    WINDOW place AS (ORDER BY sha256, copy)
), shown AS (
    SELECT *, number <= CAST(:limit AS integer)
        AND (total <= CAST(:size AS integer) OR number <= CAST(:least AS integer)) AS fits
    FROM numbered
)
SELECT count(*) FILTER (WHERE fits) AS taken, bool_or(NOT fits) AS goes_on,
    coalesce(max(total) FILTER (WHERE fits), 0) AS size,
    (array_agg(sha256 ORDER BY number DESC) FILTER (WHERE fits))[1] AS sha256,
    (array_agg(copy ORDER BY number DESC) FILTER (WHERE fits))[1] AS copy,
    string_agg(
        '{{"image_id"\\:"' || coalesce(new_image_id, old_image_id) || '","sha256"\\:"'
        || encode(sha256, 'hex') || '","change"\\:"' || CASE
            WHEN old_image_id IS NULL THEN 'added'
            WHEN new_image_id IS NULL THEN 'removed' ELSE 'changed' END
        || '","before"\\:' || {_render("old")} || ',"after"\\:' || {_render("new")} || '}}',
        ',' ORDER BY number) FILTER (WHERE fits) AS items
FROM shown
""")  # noqa: S608 # the names are constants


def list_changes(
    session: Session,
    before: DatasetVersion,
    after: DatasetVersion,
    limit: int,
    cursor: str | None,
) -> JsonText[Page[VersionChange]]:
    """Return up to `limit` changes in the order of the contents' hashes; fewer if they are large.

    Looks only at ranges of contents that differ, and all pages together about once at each.
    Raises `Invalid` for versions that cannot be compared, `BadRequest` for a wrong cursor.
    """
    for version in (before, after):
        if lack := explain_lack(version):
            raise Invalid(detail=lack)
    kind = f"{_KIND} {before.id} {after.id}"
    place, number = (b"", 0), _estimate_ranges(before, after, limit)
    if cursor is not None:
        digest, copy, number = decode_cursor(kind, cursor, [str, int, int])
        place = _read_digest(digest), copy
    if before.hash == after.hash:
        return _make_page([], None)
    ranges = find_differing_ranges(session, before.id, after.id, place[0][:2])
    items, count, size, goes_on = list[str](), 0, 0, False
    seen = list[bytes]()
    while not goes_on and (some := list(islice(ranges, max(1, min(number, NUMBER))))):
        seen += some
        begins, ends = join_ranges(some, place[0])
        wanted = {"before": before.id, "after": after.id, "begins": begins, "ends": ends}
        wanted |= {"sha256": place[0], "copy": place[1], "limit": limit - count}
        wanted |= {"size": LARGEST - size, "least": 0 if items else 1}
        found = session.execute(_CHANGES, wanted).one()
        goes_on = bool(found.goes_on)
        if found.taken:
            items.append(found.items)
            place = found.sha256, found.copy
            count, size = count + found.taken, size + int(found.size)
        number = min(2 * number, (limit + 1 - count) * len(seen) // max(1, count) + LEAST)
    number = bisect_right(seen, place[0][:2])
    following = encode_cursor(kind, (place[0].hex(), place[1], number)) if goes_on else None
    return _make_page(items, following)


def _estimate_ranges(before: DatasetVersion, after: DatasetVersion, limit: int) -> int:
    """Return how many ranges have as many images as a page may have changes."""
    return max(LEAST, limit * NUMBER // max(1, before.image_count, after.image_count))


def _make_page(items: list[str], cursor: str | None) -> JsonText[Page[VersionChange]]:
    return JsonText(f'{{"items":[{",".join(items)}],"next_cursor":{json.dumps(cursor)}}}')


def _read_digest(shown: str) -> bytes:
    try:
        digest = bytes.fromhex(shown)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise BadRequest("The cursor cannot be read; start again without one.")
    return digest

"""Rows of a version's images: written as the images are now, and read as leaves of its tree."""

import struct
from collections.abc import Iterator, Sequence
from itertools import repeat
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared.database.transactions import transaction

PAGE = 50_000  # leaves read at a time
_LEAF = struct.Struct("!32s32si")

_FIELDS = " || ".join(
    f"CASE WHEN {name} IS NULL THEN int4send(-1)"
    f" ELSE int4send(octet_length({name})) || convert_to({name}, 'UTF8') END"
    for name in ("label", "caption", "split", "license", "attribution")
)
# A leaf is the hash of its fields, each behind its length in four bytes, -1 for what is not there.
# The source of an image (s) is the one that tells where its bytes come from.
_INSERT = text(f"""
INSERT INTO version_images (version_id, sha256, image_id, label, caption, split, license,
    attribution, rights, record, leaf)
SELECT held.*, sha256('\\x00'::bytea || int4send(32) || sha256 || {_FIELDS}
    || coalesce(int4send(32) || rights, int4send(-1)))
FROM (
    SELECT CAST(:version AS uuid), decode(o.sha256, 'hex') AS sha256, o.id,
        coalesce(e.label, o.label) AS label, coalesce(e.caption, o.caption) AS caption, p.split,
        s.license, s.attribution, signals.rights, jsonb_build_object(
            'extension', substring(o.file_path FROM '[^.]*$'), 'format', o.format,
            'file_size', o.file_size, 'width', o.width, 'height', o.height, 'phash', o.phash,
            'creator', s.creator, 'original_url', s.original_url, 'source_page', s.source_page,
            'metadata', s.metadata, 'file_name', s.file_name, 'created_at', e.created_at,
            'shares_content', o.image_hash IS NULL, 'is_duplicate', o.is_duplicate,
            'quality', jsonb_build_object('sharpness', o.sharpness, 'brightness', o.brightness,
                'darkness', o.darkness, 'uniformity', o.uniformity),
            'analyses', findings.record, 'rights', signals.record) AS record
    FROM unnest(CAST(:entries AS uuid[]), CAST(:originals AS uuid[]), CAST(:splits AS text[]))
            AS p (entry, original, split)
        JOIN images e ON e.id = p.entry
        JOIN images o ON o.id = p.original
        JOIN images s ON s.id = CASE WHEN e.sha256 = o.sha256 THEN e.id ELSE o.id END
        CROSS JOIN LATERAL (
            SELECT sha256(string_agg(
                    sha256(convert_to(concat_ws(chr(10), r.source, r.decision, r.value), 'UTF8')),
                    ''::bytea ORDER BY r.source COLLATE "C", r.decision, r.value COLLATE "C"
                )) AS rights,
                jsonb_agg(jsonb_build_object('source', r.source, 'value', r.value,
                    'allows', r.allows, 'decision', r.decision, 'address', r.address,
                    'evidence_hash', r.evidence_hash, 'fetched_at', r.created_at
                ) ORDER BY array_position(s.rights_signal_ids, r.id)) AS record
            FROM rights_signals r
            WHERE r.id = ANY (s.rights_signal_ids) AND r.crawl_job_id = s.crawl_job_id
        ) signals
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(latest.analyzer, jsonb_build_object(
                'version', latest.model_version, 'description', latest.description,
                'labels', latest.labels, 'metrics', latest.metrics)
                || CASE WHEN latest.objects IS NULL THEN '{{}}'::jsonb
                    ELSE jsonb_build_object('objects', latest.objects) END) AS record
            FROM (
                SELECT DISTINCT ON (a.analyzer) a.* FROM image_analyses a
                WHERE a.image_id = o.id AND a.status = 'completed'
                ORDER BY a.analyzer, a.id DESC
            ) latest
        ) findings
) held
ON CONFLICT DO NOTHING
""")  # noqa: S608 # the names are constants
# Equal leaves once, with their number.
_LEAVES = text("""
SELECT string_agg(page.sha256 || page.leaf || int4send(page.number::integer), ''::bytea
    ORDER BY page.sha256, page.leaf) AS leaves
FROM (
    SELECT sha256, leaf, count(*) AS number FROM version_images
    WHERE version_id = :version AND (sha256, leaf) > (:sha256, :leaf)
    GROUP BY sha256, leaf ORDER BY sha256, leaf LIMIT :limit
) page
""")


def insert_version_images(
    session: Session, version_id: UUID, images: Sequence[tuple[UUID, UUID, str | None]]
) -> None:
    """Write images, given as (entry, original, split), with all that exports say of them."""
    entries, originals, splits = zip(*images, strict=True) if images else ((), (), ())
    session.execute(
        _INSERT,
        {
            "version": version_id,
            "entries": [str(one) for one in entries],
            "originals": [str(one) for one in originals],
            "splits": list(splits),
        },
    )


def read_leaves(engine: Engine, version_id: UUID) -> Iterator[tuple[bytes, bytes]]:
    """Yield content and leaf of each image: sorted by content, those of one content by leaf."""
    sha256 = leaf = b""
    while True:
        wanted = {"version": version_id, "sha256": sha256, "leaf": leaf, "limit": PAGE}
        with transaction(engine) as session:
            page = session.scalar(_LEAVES, wanted)
        if page is None:
            return
        leaves = list(_LEAF.iter_unpack(page))
        for sha256, leaf, number in leaves:
            yield from repeat((sha256, leaf), number)

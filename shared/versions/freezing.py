"""Freezes what a version holds: images block by block, then the root of their tree."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.images.selection import original
from shared.models import DatasetVersion, Image, VersionImage
from shared.schemas.splits import SplitOptions
from shared.schemas.versions import VersionFilter
from shared.states import LIVE, to_percent
from shared.versions.merkle import MerkleTree
from shared.versions.queries import select_version_images

if TYPE_CHECKING:
    from shared.splitting.splits import SplitBook, SplitOutcome

BLOCK = 10_000  # images written at a time

_INSERT = text("""
INSERT INTO version_images
    (version_id, sha256, image_id, label, caption, split, license, attribution, rights)
SELECT :version, decode(o.sha256, 'hex'), o.id, coalesce(e.label, o.label),
    coalesce(e.caption, o.caption), p.split, s.license, s.attribution,
    (SELECT sha256(string_agg(sha256(convert_to(concat_ws(chr(10), r.source, r.decision, r.value),
                'UTF8')), ''::bytea ORDER BY r.source COLLATE "C", r.decision, r.value COLLATE "C"))
     FROM rights_signals r
     WHERE r.id = ANY (s.rights_signal_ids) AND r.crawl_job_id = s.crawl_job_id)
FROM unnest(CAST(:entries AS uuid[]), CAST(:originals AS uuid[]), CAST(:splits AS text[]))
        AS p (entry, original, split)
    JOIN images e ON e.id = p.entry
    JOIN images o ON o.id = p.original
    JOIN images s ON s.id = CASE WHEN e.sha256 = o.sha256 THEN e.id ELSE o.id END
ON CONFLICT DO NOTHING
""")

_FIELDS = " || ".join(
    f"CASE WHEN {name} IS NULL THEN int4send(-1)"
    f" ELSE int4send(octet_length({name})) || convert_to({name}, 'UTF8') END"
    for name in ("label", "caption", "split", "license", "attribution")
)
# A leaf is the hash of its fields, each behind its length in four bytes, -1 for what is not there.
_LEAVES = text(f"""
SELECT
    string_agg(page.sha256 || page.leaf, ''::bytea ORDER BY page.sha256, page.image_id) AS leaves,
    (array_agg(page.image_id ORDER BY page.sha256 DESC, page.image_id DESC))[1] AS last
FROM (
    SELECT sha256, image_id, sha256('\\x00'::bytea || int4send(32) || sha256 || {_FIELDS}
        || coalesce(int4send(32) || rights, int4send(-1))) AS leaf
    FROM version_images
    WHERE version_id = :version AND (sha256, image_id) > (:sha256, :image_id)
    ORDER BY sha256, image_id LIMIT :limit
) page
""")  # noqa: S608 # the names are constants


@dataclass(frozen=True)
class Freeze:
    """One attempt to freeze a version; a later one takes its place, and begins again."""

    version_id: UUID
    project_id: UUID
    attempt: int
    filter: VersionFilter
    options: SplitOptions
    until: UUID
    total: int

    @property
    def conditions(self) -> tuple[Any, ...]:
        """The conditions of the version's row under which this attempt may still write."""
        return (
            DatasetVersion.id == self.version_id,
            DatasetVersion.status == "running",
            DatasetVersion.state["attempt"].as_integer() == self.attempt,
        )


def begin_freeze(session: Session, version_id: UUID) -> Freeze | None:
    """Begin an attempt; None when the version is gone or has ended.

    Images that come later do not belong to it. Raises `Conflict` when it would hold nothing.
    """
    version = session.scalar(
        select(DatasetVersion)
        .where(DatasetVersion.id == version_id, DatasetVersion.status.in_(LIVE))
        .with_for_update()
    )
    if version is None:
        return None
    filters = VersionFilter.model_validate(version.filter)
    images = select_version_images(version.project_id, filters).with_only_columns(Image.id)
    last = session.scalar(images.order_by(Image.id.desc()).limit(1))
    if last is None:
        raise Conflict("No image passes the filter, and a version of nothing cannot be made.")
    attempt = (version.state or {}).get("attempt", 0) + 1
    version.state = {"attempt": attempt}
    version.status = "running"
    version.started_at = func.now()
    session.flush()
    return Freeze(
        version_id=version.id,
        project_id=version.project_id,
        attempt=attempt,
        filter=filters,
        options=SplitOptions.model_validate(version.split_options),
        until=last,
        total=session.scalar(select(func.count()).select_from(images.subquery())) or 0,
    )


def write_images(engine: Engine, freeze: Freeze, book: "SplitBook | None") -> int | None:
    """Write the version's images; return how many are in no split, None when it does not count.

    Each block is a transaction of its own, so that memory is the same for versions of any size.
    """
    with transaction(engine) as session:
        if not _report(session, freeze, 0):
            return None
        session.execute(delete(VersionImage).where(VersionImage.version_id == freeze.version_id))
    after, done, unplaced = UUID(int=0), 0, 0
    while True:
        with transaction(engine) as session:
            rows = _read_block(session, freeze, after)
            if not rows:
                return unplaced
            done += len(rows)
            if not _report(session, freeze, done):
                return None
            unplaced += _write_block(session, freeze, rows, book)
        after = rows[-1][0]


def _read_block(session: Session, freeze: Freeze, after: UUID) -> list[tuple[UUID, UUID]]:
    statement = (
        select_version_images(freeze.project_id, freeze.filter)
        .with_only_columns(Image.id, original().id)
        .where(Image.id > after, Image.id <= freeze.until)
        .order_by(Image.id)
        .limit(BLOCK)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _write_block(
    session: Session, freeze: Freeze, rows: list[tuple[UUID, UUID]], book: "SplitBook | None"
) -> int:
    """Write images with their splits, but those in none; return the number of these."""
    found = book.find([kept for _, kept in rows]) if book else [None] * len(rows)
    chosen = [
        (entry, kept, split)
        for (entry, kept), split in zip(rows, found, strict=True)
        if not book or (split is not None and freeze.filter.split in (None, split))
    ]
    session.execute(
        _INSERT,
        {
            "version": freeze.version_id,
            "entries": [str(entry) for entry, _, _ in chosen],
            "originals": [str(kept) for _, kept, _ in chosen],
            "splits": [split for _, _, split in chosen],
        },
    )
    return sum(split is None for split in found) if book else 0


def _report(session: Session, freeze: Freeze, done: int) -> bool:
    """Show how far the version is; False when this attempt does not count any more."""
    progress = min(99, to_percent(done, freeze.total))
    changed = session.execute(
        update(DatasetVersion)
        .where(*freeze.conditions)
        .values(progress=progress, updated_at=func.now())
        .returning(DatasetVersion.id)
    )
    return changed.first() is not None


def find_root(engine: Engine, version_id: UUID) -> str:
    """Return the root of the tree over a version's images, sorted by content, as hex."""
    tree = MerkleTree()
    for leaves in _read_leaves(engine, version_id):
        for leaf in sorted(leaves):
            tree.add(leaf)
    return tree.find_root().hex()


def _read_leaves(engine: Engine, version_id: UUID) -> Iterator[list[bytes]]:
    """Yield the leaves of each content, in the order of the contents."""
    sha256, last = b"", UUID(int=0)
    leaves: list[bytes] = []
    while True:
        wanted = {"version": version_id, "sha256": sha256, "image_id": last, "limit": BLOCK}
        with transaction(engine) as session:
            page = session.execute(_LEAVES, wanted).one()
        if page.leaves is None:
            yield leaves
            return
        for start in range(0, len(page.leaves), 64):
            content, leaf = page.leaves[start : start + 32], page.leaves[start + 32 : start + 64]
            if content != sha256:
                yield leaves
                sha256, leaves = bytes(content), []
            leaves.append(bytes(leaf))
        last = page.last


def complete_version(
    session: Session,
    freeze: Freeze,
    root: str,
    unplaced: int,
    outcome: "SplitOutcome | None",
    card: dict[str, Any],
) -> bool:
    """Complete the version; return whether this attempt counts. Raises `Conflict` for nothing."""
    held = session.execute(
        select(VersionImage.split, VersionImage.label, func.count())
        .where(VersionImage.version_id == freeze.version_id)
        .group_by(VersionImage.split, VersionImage.label)
    ).all()
    if not held:
        raise Conflict(f"All {unplaced} images are in no split, and nothing is left to freeze.")
    splits = Counter[str]()
    for split, _, count in held:
        if split is not None:
            splits[split] += count
    proof = {"split_proof": outcome.proof} if outcome else {}
    changed = session.execute(
        update(DatasetVersion)
        .where(*freeze.conditions)
        .values(
            status="completed",
            progress=100,
            hash=root,
            image_count=sum(count for _, _, count in held),
            splits=dict(splits),
            warnings=outcome.warnings if outcome else [],
            card={**card, **proof},
            state=None,
            completed_at=func.now(),
        )
        .returning(DatasetVersion.id)
    )
    return changed.first() is not None

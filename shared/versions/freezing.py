"""Freezes what a version holds, block by block."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine, Row, delete, func, select, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.images.selection import original
from shared.models import DatasetVersion, Image, VersionImage
from shared.schemas.splits import SplitOptions
from shared.schemas.versions import VersionFilter
from shared.splitting.lacks import describe_lacking_splits
from shared.states import LIVE, to_percent
from shared.versions.queries import NOTHING, select_version_images
from shared.versions.rows import insert_version_images

if TYPE_CHECKING:
    from shared.splitting.splits import SplitBook, SplitOutcome

BLOCK = 10_000  # images written at a time


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
        raise Conflict(NOTHING)
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
    insert_version_images(session, freeze.version_id, chosen)
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
        raise Conflict(_explain_emptiness(freeze, unplaced))
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
            warnings=[*outcome.warnings, *_describe_lacks(freeze, held)] if outcome else [],
            card={**card, **proof},
            state=None,
            completed_at=func.now(),
        )
        .returning(DatasetVersion.id)
    )
    return changed.first() is not None


def _describe_lacks(freeze: Freeze, held: Sequence[Row[str | None, str | None, int]]) -> list[str]:
    """Return what the splits lack; nothing of a version that is to hold one of them alone."""
    if freeze.filter.split is not None:
        return []
    found: dict[str, set[str]] = {}
    for split, label, _ in held:
        if split is not None:
            found.setdefault(split, set()).update([label] if label is not None else [])
    labels = {label for _, label, _ in held if label is not None}
    return describe_lacking_splits(labels, found, freeze.options)


def _explain_emptiness(freeze: Freeze, unplaced: int) -> str:
    """Return why nothing is left to freeze of images that pass the filter."""
    if unplaced == freeze.total:
        return (
            f"All {unplaced} images are in no split: they tie splits together of which none may "
            "move. Choose other splits or another leak_distance, which splits all images anew."
        )
    return (
        f"No image that passes the filter is in the split {freeze.filter.split}. Leave split out "
        "of the filter, give it a larger share, or collect more images."
    )

"""Hands the variants and analyses of an image on to the one that takes its place.

Equal content takes both over as they are. Of another file the same variants are made, and the same
analyzers, in the same versions, are asked about it. Thumbnails stay: every image has its own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.images.election import PlaceChange
from shared.images.originals import make_pairs
from shared.imaging import THUMBNAIL
from shared.messaging.messages import Heir, OriginalsChanged
from shared.messaging.outbox import Outbox
from shared.models import ImageAnalysis, ImageVariant

_BATCH = 100  # images of one message
_OF_VARIANT = ("name", "spec", "object", "width", "height", "file_size")
_OF_ANALYSIS = (
    "analyzer",
    "model_id",
    "model_version",
    "repetition",
    "status",
    "description",
    "labels",
    "metrics",
    "objects",
    "processing_time_ms",
)


@dataclass
class Inheritance:
    """The variants and analyses that an image has, or that are asked for."""

    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    analyses: dict[tuple[str, str | None], dict[str, Any]] = field(default_factory=dict)


def load_inheritances(session: Session, image_ids: Collection[UUID]) -> dict[UUID, Inheritance]:
    """Return the estates of those images that have one."""
    estates: defaultdict[UUID, Inheritance] = defaultdict(Inheritance)
    if not image_ids:
        return estates
    for row in session.execute(
        select(ImageVariant.image_id, ImageVariant.name, ImageVariant.spec).where(
            ImageVariant.image_id.in_(image_ids), ImageVariant.name != THUMBNAIL.name
        )
    ):
        estates[row.image_id].variants[row.name] = {"name": row.name, **row.spec}
    for row in session.execute(
        select(
            ImageAnalysis.image_id,
            ImageAnalysis.analyzer,
            ImageAnalysis.model_id,
            ImageAnalysis.model_version,
        )
        .where(ImageAnalysis.image_id.in_(image_ids), ImageAnalysis.status != "failed")
        .distinct()
    ):
        estates[row.image_id].analyses[row.analyzer, row.model_version] = {
            "analyzer": row.analyzer,
            "model_id": row.model_id,
            "model_version": row.model_version,
        }
    return dict(estates)


def find_predecessors(changes: Iterable[PlaceChange]) -> dict[UUID, list[UUID]]:
    """Return the images that took a place by id, each with those that had it."""
    former: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for change in changes:
        if change.after is None and change.before is not None:
            former[change.image_id].append(change.before)
        elif change.after is not None and not change.was_duplicate:
            former[change.after].append(change.image_id)
    return dict(former)


def send_inheritances(
    outbox: Outbox,
    project_id: UUID,
    former: Mapping[UUID, list[UUID]],
    estates: Mapping[UUID, Inheritance],
) -> None:
    """Send what images inherit from those whose place they took; nothing where there is nothing."""
    heirs = []
    for image_id, predecessors in former.items():
        estate = Inheritance()
        for one in filter(None, map(estates.get, predecessors)):
            estate.variants = one.variants | estate.variants
            estate.analyses = one.analyses | estate.analyses
        if estate.variants or estate.analyses:
            heirs.append(
                Heir(
                    image_id=image_id,
                    variants=list(estate.variants.values()),
                    analyses=list(estate.analyses.values()),
                )
            )
    for start in range(0, len(heirs), _BATCH):
        outbox.add(OriginalsChanged(project_id=project_id, heirs=heirs[start : start + _BATCH]))


def send_inheritances_of_changes(
    session: Session, outbox: Outbox, project_id: UUID, changes: Iterable[PlaceChange]
) -> None:
    """Send what images inherit after changes between images that are all there."""
    former = find_predecessors(changes)
    ids = {one for predecessors in former.values() for one in predecessors}
    send_inheritances(outbox, project_id, former, load_inheritances(session, ids))


def copy_inheritances(session: Session, successors: Collection[tuple[UUID, UUID]]) -> None:
    """Give images the variants and completed analyses of others with the same content.

    `successors` are pairs of ids: an image, and the one that takes its place.
    """
    if not successors:
        return
    pairs = make_pairs(successors)
    variants = select(pairs.c.other, *(getattr(ImageVariant, name) for name in _OF_VARIANT))
    analyses = select(pairs.c.other, *(getattr(ImageAnalysis, name) for name in _OF_ANALYSIS))
    for table, names, found in (
        (ImageVariant, _OF_VARIANT, variants.where(ImageVariant.image_id == pairs.c.one)),
        (
            ImageAnalysis,
            _OF_ANALYSIS,
            analyses.where(
                ImageAnalysis.image_id == pairs.c.one, ImageAnalysis.status == "completed"
            ).order_by(ImageAnalysis.id),
        ),
    ):
        session.execute(
            insert(table)
            .from_select(["image_id", *names], found, include_defaults=False)
            .on_conflict_do_nothing()
        )

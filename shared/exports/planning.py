"""Plans an export: what it is of, the splits of its images, and the parts that workers build."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, func, insert, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.exports.cutting import Cut, ExportCuts, Limits, SizedImage
from shared.exports.queries import (
    check_file_size,
    describe_specifications,
    explain_emptiness,
    find_classes,
    find_extension,
    find_variant,
    select_images,
)
from shared.exports.rechecks import find_recheck_id, has_rechecked
from shared.images.selection import original
from shared.messaging.messages import ExportPartReady, ExportRequested
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, ExportPart, Image, ImageVariant
from shared.models.base import new_id
from shared.schemas.exports import ExportOptions
from shared.settings import Settings
from shared.states import LIVE
from shared.storage.bucket import Storage
from shared.storage.names import name_export_parts_folder

if TYPE_CHECKING:
    from shared.splitting.splits import SplitOutcome

_SHARD_BYTES = 64 * 1024 * 1024  # where nothing else is asked for
_MOST_SHARDS = 20_000
_PAGE = 10_000  # rows read at a time
_PIXEL_BYTES = 3  # at most, of a picture that is made


@dataclass(frozen=True)
class ExportToPlan:
    """An export to be planned; `state` is what all of its parts are built by."""

    job_id: UUID
    project_id: UUID
    crawl_job_id: UUID | None
    options: ExportOptions
    until: UUID
    recheck_id: UUID | None
    state: dict[str, Any]


def begin_plan(session: Session, outbox: Outbox, requested: ExportRequested) -> ExportToPlan | None:
    """Settle what the export is of: images that come later do not belong to it.

    Return None when the job is gone, has ended, has its parts, or waits for its rights, the end of
    whose verification job asks again. Raise `Conflict` when it is of
    nothing or of too much, or nobody knows how to make its variant.
    """
    job = _lock_unplanned(session, requested.export_job_id)
    if job is None:
        return None
    if job.status == "pending":
        job.status, job.started_at = "running", func.now()
    if not has_rechecked(session, outbox, job):
        return None
    options = ExportOptions.model_validate(job.export_options)
    recheck_id = find_recheck_id(session, job.id) if options.recheck_rights else None
    images = select_images(job.project_id, job.crawl_job_id, options, recheck_id).with_only_columns(
        Image.id
    )
    last = session.scalar(images.order_by(Image.id.desc()).limit(1))
    if last is None:
        raise Conflict(explain_emptiness(session, job, options))
    variant = find_variant(session, job, options.variant) if options.variant else None
    lacking = images.where(ImageVariant.id.is_(None)).limit(1)
    if options.variant and variant is None and session.scalar(lacking):
        raise Conflict(
            f"No image has a variant called {options.variant}, no crawl job asks for it."
        )
    check_file_size(session, job)
    session.flush()
    return ExportToPlan(
        job_id=job.id,
        project_id=job.project_id,
        crawl_job_id=job.crawl_job_id,
        options=options,
        until=last,
        recheck_id=recheck_id,
        state={
            "recheck": recheck_id and str(recheck_id),
            "classes": find_classes(session, job, recheck_id),
            "variant": variant and variant.model_dump(mode="json"),
            "extension": find_extension(session, job, variant),
            "note": describe_specifications(session, job, variant),
        },
    )


def cut_export(
    engine: Engine, planned: ExportToPlan, splits: "SplitOutcome | None", settings: Settings
) -> ExportCuts:
    """Return the parts of an export. Raise `Conflict` when there would be too many shards."""
    shard_bytes = planned.options.shard_bytes or _SHARD_BYTES
    cuts = ExportCuts(
        Limits(
            settings.export_part_bytes,
            settings.export_part_images,
            shard_bytes if planned.options.keeps_splits_apart else None,
            planned.options.layout,
        )
    )
    for page in _read_sizes(engine, planned):
        found = splits.book.find([image_id for _, image_id, _ in page]) if splits else ()
        # What is in no split is tried with the first one, and named as a failure there.
        first = min(planned.options.splits or (), default=None)
        cuts.add(
            SizedImage(position, size, (found[number] or first) if found else None)
            for number, (position, _, size) in enumerate(page)
        )
    shards = {cut.shard for cut in cuts.close() if cut.shard}
    if len(shards) > _MOST_SHARDS:
        raise Conflict(
            f"The export would be {len(shards)} shards, and may be {_MOST_SHARDS}: choose a larger "
            "shard_bytes."
        )
    return cuts


def _read_sizes(engine: Engine, planned: ExportToPlan) -> Iterator[list[tuple[UUID, UUID, int]]]:
    """Yield pages of images: their positions, ids and sizes in bytes."""
    size: ColumnElement[int] = func.coalesce(ImageVariant.file_size, original().file_size, 0)
    if resize := planned.options.resize:
        size = func.least(size, resize.width * resize.height * _PIXEL_BYTES)
    statement = (
        select_images(planned.project_id, planned.crawl_job_id, planned.options, planned.recheck_id)
        .with_only_columns(Image.id, original().id, size)
        .where(Image.id <= planned.until)
        .order_by(Image.id)
        .limit(_PAGE)
    )
    after = None
    while True:
        with transaction(engine) as session:
            wanted = statement if after is None else statement.where(Image.id > after)
            page = [(*row,) for row in session.execute(wanted)]
        if page:
            yield page
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def settle_plan(
    session: Session,
    outbox: Outbox,
    storage: Storage,
    planned: ExportToPlan,
    splits: "SplitOutcome | None",
    cuts: ExportCuts,
) -> None:
    """Write the parts' rows and what they are built by, and hand them out."""
    state = dict(planned.state)
    if splits is not None:
        name = f"{name_export_parts_folder(planned.job_id)}splits-{uuid4().hex[:12]}"
        storage.put_once(name, splits.book.to_bytes(), "application/octet-stream")
        state |= {"splits": name, "proof": splits.proof, "warnings": splits.warnings}
    job = _lock_unplanned(session, planned.job_id)
    if job is None:
        return
    job.state = state
    job.total_images = cuts.images
    rows = [_make_row(planned.job_id, cut) for cut in cuts.close()]
    # RETURNING, because only then SQLAlchemy sends many rows at once with pg8000.
    session.execute(insert(ExportPart).returning(ExportPart.id), rows)
    outbox.add(*(ExportPartReady(export_job_id=planned.job_id, part_id=row["id"]) for row in rows))


def _make_row(job_id: UUID, cut: Cut) -> dict[str, Any]:
    return {
        "id": new_id(),
        "export_job_id": job_id,
        "split": cut.split,
        "shard": cut.shard,
        "after": cut.after,
        "until": cut.until,
    }


def _lock_unplanned(session: Session, job_id: UUID) -> ExportJob | None:
    """Lock a live job that has no parts yet."""
    job = session.scalar(
        select(ExportJob)
        .where(ExportJob.id == job_id, ExportJob.status.in_(LIVE))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    has_parts = select(ExportPart.id).where(ExportPart.export_job_id == job_id).limit(1)
    return None if job is None or session.scalar(has_parts) else job

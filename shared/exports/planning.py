"""Plans an export: what it is of, the splits of its images, and the parts that workers build."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, Select, func, insert, null, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.exports.categories import find_categories
from shared.exports.cutting import Cut, CutLimits, ExportCuts, SizedImage
from shared.exports.queries import (
    check_file_size,
    describe_specifications,
    explain_emptiness,
    find_classes,
    find_extension,
    find_variant,
)
from shared.exports.rechecks import find_recheck_id, has_rechecked
from shared.exports.selection import (
    get_position,
    select_frozen_images,
    select_images,
    select_job_images,
)
from shared.images.selection import original
from shared.messaging.messages import ExportPartReady, ExportRequested
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, ExportJob, ExportPart, ImageVariant, VersionImage
from shared.models.base import new_id
from shared.schemas.exports import ExportOptions
from shared.settings import Settings
from shared.states import LIVE
from shared.storage.bucket import Storage
from shared.storage.names import name_export_parts_folder

if TYPE_CHECKING:
    from shared.splitting.splits import SplitOutcome

_SHARD_BYTES = 64 * 1024 * 1024  # where nothing else is asked for
MOST_SHARDS = 20_000
_PAGE = 10_000  # rows read at a time
_PIXEL_BYTES = 3  # at most, of a picture that is made


@dataclass(frozen=True)
class ExportToPlan:
    """An export to be planned; `state` is what all of its parts are built by."""

    job_id: UUID
    project_id: UUID
    crawl_job_id: UUID | None
    version_id: UUID | None
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
    position = get_position(job.version_id)
    images = select_job_images(job, options, recheck_id).with_only_columns(position)
    last = session.scalar(images.order_by(position.desc()).limit(1))
    if last is None:
        raise Conflict(explain_emptiness(session, job, options))
    variant = find_variant(session, job, options.variant) if options.variant else None
    lacking = images.where(ImageVariant.id.is_(None), original().id.is_not(None)).limit(1)
    if options.variant and variant is None and session.scalar(lacking):
        raise Conflict(
            f"No image has a variant called {options.variant}, no crawl job asks for it."
        )
    check_file_size(session, job)
    state = {
        "recheck": recheck_id and str(recheck_id),
        "classes": find_classes(session, job, recheck_id),
        "categories": find_categories(session, job, recheck_id),
        "variant": variant and variant.model_dump(mode="json"),
        "extension": find_extension(session, job, variant),
        "note": describe_specifications(session, job, variant),
    }
    if job.version_id is not None:
        version = session.get_one(DatasetVersion, job.version_id)
        state |= {"proof": version.card.get("split_proof"), "warnings": version.warnings}
    session.flush()
    return ExportToPlan(
        job_id=job.id,
        project_id=job.project_id,
        crawl_job_id=job.crawl_job_id,
        version_id=job.version_id,
        options=options,
        until=last,
        recheck_id=recheck_id,
        state=state,
    )


def cut_export(
    engine: Engine, planned: ExportToPlan, splits: "SplitOutcome | None", settings: Settings
) -> ExportCuts:
    """Return the parts of an export. Raise `Conflict` when there would be too many shards."""
    shard_bytes = planned.options.shard_bytes or _SHARD_BYTES
    cuts = ExportCuts(
        CutLimits(
            settings.export_part_bytes,
            settings.export_part_images,
            shard_bytes if planned.options.keeps_splits_apart else None,
            planned.options.layout,
        )
    )
    # What is in no split is tried with the first one, and named as a failure there.
    first = min(planned.options.splits or (), default=None)
    for page in _read_sizes(engine, planned):
        found = splits.book.find([one.image_id for one in page]) if splits else None
        cuts.add(
            SizedImage(one.position, one.size, (found[number] if found else one.split) or first)
            for number, one in enumerate(page)
        )
    shards = {cut.shard for cut in cuts.close() if cut.shard}
    if len(shards) > MOST_SHARDS:
        raise Conflict(
            f"The export would be {len(shards)} shards, and may be {MOST_SHARDS}: choose a larger "
            "shard_bytes."
        )
    return cuts


class _Sized(NamedTuple):
    """An image by its position, its id (None where a version's was deleted), bytes and split."""

    position: UUID
    image_id: UUID
    size: int
    split: str | None


def _read_sizes(engine: Engine, planned: ExportToPlan) -> Iterator[list[_Sized]]:
    """Yield pages of images; a version's rows tell their splits."""
    size: ColumnElement[int] = func.coalesce(ImageVariant.file_size, original().file_size, 0)
    if resize := planned.options.resize:
        size = func.least(size, resize.width * resize.height * _PIXEL_BYTES)
    position = get_position(planned.version_id)
    options, recheck_id = planned.options, planned.recheck_id
    images: Select[*tuple[Any, ...]] = (
        select_images(planned.project_id, planned.crawl_job_id, options, recheck_id)
        if planned.version_id is None
        else select_frozen_images(planned.version_id, options, recheck_id)
    )
    split = null() if planned.version_id is None else VersionImage.split
    statement = (
        images.with_only_columns(position, original().id, size, split)
        .where(position <= planned.until)
        .order_by(position)
        .limit(_PAGE)
    )
    after = None
    while True:
        with transaction(engine) as session:
            wanted = statement if after is None else statement.where(position > after)
            page = [_Sized(*row) for row in session.execute(wanted)]
        if page:
            yield page
        if len(page) < _PAGE:
            return
        after = page[-1].position


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

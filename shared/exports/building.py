"""The parts of an export's file: how each begins, goes on by a message, and completes the job."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.exports.formats import CONTENT_TYPES
from shared.exports.lacks import describe_lacking_splits, describe_passed_over
from shared.exports.losses import count_death
from shared.exports.parts import PartWriter
from shared.exports.plan import ExportPlan, ExportState
from shared.exports.queries import (
    check_file_size,
    describe_specifications,
    explain_emptiness,
    find_classes,
    find_extension,
    find_variant,
    get_file_name,
    make_plan,
)
from shared.exports.reading import ImageRange
from shared.exports.rechecks import (
    describe_recheck,
    find_recheck_id,
    find_rechecks,
    has_rechecked,
)
from shared.exports.selection import get_position, select_job_images
from shared.images.selection import original
from shared.imaging import Variant
from shared.messaging.messages import ExportCompleted, ExportRequested, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, ExportJob, ImageVariant
from shared.schemas.exports import ExportOptions
from shared.settings import Settings
from shared.states import TERMINAL, to_percent
from shared.storage.bucket import Storage
from shared.storage.names import name_export_folder


@dataclass(frozen=True)
class ExportPart:
    """The part of an export that one call adds; `variant` is how missing ones are made.

    `deaths` counts workers that died, by the position of the image (`shared.exports.losses`);
    `note` is what the job says at its end.

    Another call may be at the same part, so each writes below a prefix of its own, and of those
    that come to an end the first one counts. `splits` names the object that has the images' splits,
    once the first part has found them.
    """

    job_id: UUID
    number: int
    prefix: str
    file_name: str
    span: ImageRange
    plan: ExportPlan
    variant: Variant | None
    state: ExportState
    total: int
    splits: str | None = None
    warnings: tuple[str, ...] = ()
    deaths: dict[str, int] = field(default_factory=dict)
    note: str | None = None

    @property
    def object(self) -> str:
        """Name of this part's object; the file itself when it is the only one."""
        return f"{self.prefix}{self.file_name}"

    @property
    def file(self) -> str:
        """Name of the file's object at the end."""
        return f"{self.prefix}joined/{self.file_name}" if self.state.parts else self.object

    @property
    def conditions(self) -> tuple[Any, ...]:
        """The conditions of the job's row under which this call may still write."""
        return (
            ExportJob.id == self.job_id,
            ExportJob.status == "running",
            ExportJob.state["part"].as_integer() == self.number,
        )


def begin_part(session: Session, outbox: Outbox, requested: ExportRequested) -> ExportPart | None:
    """Return the next part; None when the job is gone, has ended, or is further along.

    None also where an image is given up over which workers died: a new message goes on without it,
    since deliveries of one are counted.
    """
    job = session.scalar(
        select(ExportJob).where(ExportJob.id == requested.export_job_id).with_for_update()
    )
    if job is None or job.status in TERMINAL:
        return None
    if job.state is None:
        if job.status == "pending":
            job.status, job.started_at = "running", func.now()
        if not has_rechecked(session, outbox, job):
            return None  # the end of its verification job asks again
        _start(session, job)
    saved = job.state or {}
    if saved["part"] != requested.part:
        return None
    job.state, is_given_up = count_death(saved)
    if is_given_up:
        following = requested.part + 1
        job.state = job.state | {"part": following}
        outbox.add(ExportRequested(export_job_id=job.id, part=following))
        return None
    saved = job.state
    return ExportPart(
        job_id=job.id,
        number=requested.part,
        prefix=f"{name_export_folder(job.id)}{uuid4().hex[:12]}/",
        file_name=get_file_name(job),
        span=ImageRange(
            job.project_id,
            job.crawl_job_id,
            job.version_id,
            after=UUID(saved["after"]) if saved["after"] else None,
            until=UUID(saved["until"]) if saved["until"] else None,
            recheck_id=UUID(saved["recheck"]) if saved.get("recheck") else None,
        ),
        plan=replace(
            make_plan(session, job, saved["classes"], saved.get("extension")),
            proof=saved.get("proof"),
            recheck=find_rechecks(session, [job.id]).get(job.id),
        ),
        variant=Variant.model_validate(saved["variant"]) if saved.get("variant") else None,
        state=ExportState.model_validate(saved["writer"]),
        total=job.total_images,
        splits=saved.get("splits"),
        warnings=tuple(saved.get("warnings", ())),
        deaths=saved.get("deaths") or {},
        note=saved.get("note"),
    )


def _start(session: Session, job: ExportJob) -> None:
    """Settle what the export is of: images that come later do not belong to it.

    Raises `Conflict` when it is of nothing or of too much, or nobody knows how to make its variant.
    """
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
    job.total_images = session.scalar(select(func.count()).select_from(images.subquery())) or 0
    job.state = {
        "part": 0,
        "after": None,
        "until": str(last),
        "recheck": recheck_id and str(recheck_id),
        "classes": find_classes(session, job, recheck_id),
        "variant": variant and variant.model_dump(mode="json"),
        "extension": find_extension(session, job, variant),
        "writer": {},
        "note": describe_specifications(session, job, variant),
    }
    if job.version_id is not None:
        version = session.get_one(DatasetVersion, job.version_id)
        job.state |= {"proof": version.card.get("split_proof"), "warnings": version.warnings}
    session.flush()


def check_result(engine: Engine, part: ExportPart) -> None:
    """Raise `Conflict` when all images were tried and not one could be exported."""
    if part.state.images == 0:
        report_progress(engine, part)  # which stays when this call fails
        raise Conflict(_describe_failures(part.state) or "All its images have been deleted.")


def _describe_failures(state: ExportState) -> str | None:
    if not state.failed:
        return None
    reasons = ", ".join(f"{reason}: {count}" for reason, count in state.failure_reasons.items())
    return f"{state.failed} images could not be exported ({reasons}); `failures` names them."


def report_progress(engine: Engine, part: ExportPart) -> bool:
    """Show how far the export is; False when this call does not count any more."""
    with transaction(engine) as session:
        return _update(session, part, **_to_columns(part))


def _to_columns(part: ExportPart) -> dict[str, Any]:
    state = part.state
    return {
        "exported_images": state.images,
        "duplicate_images": state.duplicates,
        "failed_images": state.failed,
        "failures": [one.model_dump(mode="json") for one in state.failures],
        "progress": min(99, to_percent(state.images + state.failed, part.total)),
    }


def _update(session: Session, part: ExportPart, **values: Any) -> bool:
    """Write to the job's row while this call counts; return whether it does."""
    changed = session.execute(
        update(ExportJob).where(*part.conditions).values(**values).returning(ExportJob.id)
    ).first()
    return changed is not None


def pause_part(
    part: ExportPart,
    writer: PartWriter,
    last: UUID,
    storage: Storage,
    session: Session,
    outbox: Outbox,
) -> bool:
    """Put away what the next part needs, and ask for it; return whether this call counts."""
    for section, data in writer.pause(part.object).items():
        storage.put_once(f"{part.object}.{section}", data, "application/octet-stream")
    following = part.number + 1
    state = {
        "part": following,
        "after": str(last),
        "until": str(part.span.until),
        "recheck": part.span.recheck_id and str(part.span.recheck_id),
        "classes": part.plan.labels,
        "variant": part.variant and part.variant.model_dump(mode="json"),
        "extension": part.plan.extension,
        "proof": part.plan.proof,
        "splits": part.splits,
        "warnings": part.warnings,
        "writer": writer.state.model_dump(mode="json"),
        "deaths": part.deaths,
        "note": part.note,
    }
    counts = _update(session, part, state=state, **_to_columns(part))
    if counts:
        outbox.add(ExportRequested(export_job_id=part.job_id, part=following))
    return counts


def complete_export(
    part: ExportPart,
    writer: PartWriter,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> bool:
    """Join the parts into the file and complete the job; return whether this call counts."""
    parts = [*(earlier.name for earlier in part.state.parts), part.object]
    if len(parts) > 1:
        storage.compose(part.file, parts, CONTENT_TYPES[part.plan.format])
    lacks = describe_lacking_splits(writer.state.counts, part.plan.options.splits)
    passed_over = describe_passed_over(part.plan, writer.state.counts)
    warnings = [*part.warnings, *lacks, *passed_over, *describe_recheck(part.plan.recheck)]
    counts = _update(
        session,
        part,
        **_to_columns(part) | {"progress": 100},
        status="completed",
        error=" ".join(filter(None, [_describe_failures(writer.state), part.note])) or None,
        warnings=warnings,
        total_images=writer.state.images + writer.state.failed,  # some may be deleted by now
        file_size=writer.state.offset,
        sha256=writer.sha256 if len(parts) == 1 else _hash_part(storage, part.file),
        object=part.file,
        state=None,
        expires_at=datetime.now(UTC) + timedelta(seconds=settings.export_life),
        completed_at=func.now(),
    )
    if counts:
        outbox.add(ExportCompleted(export_job_id=part.job_id, status="completed"))
    if counts and len(parts) > 1:
        # A prefix of each: beside a part lie its sections.
        outbox.add(ObjectsReleased(project_id=part.span.project_id, prefixes=parts))
    return counts


def _hash_part(storage: Storage, name: str) -> str:
    """Return the hash of a file in several parts; it is read again, as no hash can go on."""
    whole = hashlib.sha256()
    for piece in storage.read_chunks(name):
        whole.update(piece)
    return whole.hexdigest()

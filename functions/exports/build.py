"""Build an export's file, part by part; what does not fit one call goes on by a message."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from shared.database import transaction
from shared.exporting.formats import CONTENT_TYPES, part_writer
from shared.exporting.plan import Plan, State
from shared.exporting.planning import make_plan
from shared.exporting.reading import Span, contents
from shared.messages import ExportCompleted, ExportRequested, ObjectsReleased
from shared.models import ExportJob, Image
from shared.outbox import Outbox
from shared.queries.exports import exported
from shared.rules.names import slug
from shared.rules.states import TERMINAL, progress
from shared.settings import Settings
from shared.storage import Storage
from shared.storage_names import export_prefix

_BUDGET = 360  # seconds of one call, of the 540 that the platform allows
_REPORT_EVERY = 2.0  # seconds
_TABLES = ("csv", "json", "parquet")


@dataclass(frozen=True)
class Part:
    """What one call is to add to an export."""

    job_id: UUID
    span: Span
    name: str
    number: int
    plan: Plan
    state: State
    total: int


def begin(requested: ExportRequested, session: Session) -> Part | None:
    """The next part; None when the job is gone, has ended, or is further along."""
    job = session.scalar(
        select(ExportJob).where(ExportJob.id == requested.export_job_id).with_for_update()
    )
    if job is None or job.status in TERMINAL:
        return None
    saved: dict[str, Any] = dict(job.state or {})
    if saved.get("part", 0) != requested.part:
        return None
    plan = make_plan(session, job)
    if job.status == "pending":
        images = exported(job.project_id, job.crawl_job_id, plan.options)
        found = images.with_only_columns(Image.id).subquery()
        # Images that come later do not belong to it, so that the parts fit together.
        total, last = session.execute(
            select(
                func.count(),
                select(found.c.id).order_by(found.c.id.desc()).limit(1).scalar_subquery(),
            ).select_from(found)
        ).one()
        saved = {"part": 0, "until": str(last) if last else None}
        job.status, job.started_at, job.total_images, job.state = (
            "running",
            func.now(),
            total,
            saved,
        )
        session.flush()
    return Part(
        job_id=job.id,
        span=Span(
            job.project_id,
            job.crawl_job_id,
            after=UUID(saved["after"]) if saved.get("after") else None,
            until=UUID(saved["until"]) if saved.get("until") else None,
        ),
        name=f"{export_prefix(job.id)}{slug(job.name)}.{job.format}",
        number=requested.part,
        plan=plan,
        state=State.model_validate(saved.get("writer") or {}),
        total=job.total_images,
    )


def handle(
    part: Part,
    storage: Storage,
    engine: Engine,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Build the next part of an export."""
    # Another call may build the same part at this moment; each writes its own object.
    prefix = f"{export_prefix(part.job_id)}parts/{part.number:06d}-{uuid4().hex[:12]}"
    content_type = CONTENT_TYPES[part.plan.format]
    deadline = time.monotonic() + _BUDGET
    reported = time.monotonic()
    last, ended = part.span.after, True
    with storage.open_write(prefix, content_type) as sink:
        writer = part_writer(part.plan, part.state, sink)
        wants_bytes = part.plan.format not in _TABLES
        for entry, content in contents(
            engine, storage, part.span, part.plan.options, bytes_wanted=wants_bytes
        ):
            if content is not None:
                writer.add(entry, content)
            last = entry.id
            now = time.monotonic()
            if now > deadline or writer.full or writer.state.offset > _end(part, settings):
                ended = False
                break
            if now - reported > _REPORT_EVERY:
                reported = now
                if not _report(engine, part, writer.state.images):
                    _tidy(part, session, outbox)
                    return
        if ended:
            writer.finish(lambda earlier, section: storage.read(f"{earlier}.{section}"))
        else:
            for section, data in writer.pause(prefix).items():
                storage.put_once(f"{prefix}.{section}", data, "application/octet-stream")
    if ended:
        digest = writer.sha256 if not part.state.parts else None
        _finish(part, prefix, digest, storage, settings, session, outbox)
    else:
        _pause(part, writer.state, last, session, outbox)


def _end(part: Part, settings: Settings) -> int:
    """The offset at which this part has become large enough."""
    return settings.export_part_bytes * (part.number + 1)


def _report(engine: Engine, part: Part, images: int) -> bool:
    """Shows the progress; False when the job is gone or this part is done by somebody else."""
    with transaction(engine) as session:
        changed = session.execute(
            update(ExportJob)
            .where(*_this_part(part))
            .values(exported_images=images, progress=min(99, progress(images, part.total)))
            .returning(ExportJob.id)
        ).first()
    return changed is not None


def _this_part(part: Part) -> tuple[Any, ...]:
    return (
        ExportJob.id == part.job_id,
        ExportJob.status == "running",
        ExportJob.state["part"].as_integer() == part.number,
    )


def _pause(part: Part, state: State, last: UUID | None, session: Session, outbox: Outbox) -> None:
    following = part.number + 1
    saved = {
        "part": following,
        "until": str(part.span.until) if part.span.until else None,
        "after": str(last) if last else None,
        "writer": state.model_dump(mode="json"),
    }
    changed = session.execute(
        update(ExportJob)
        .where(*_this_part(part))
        .values(
            state=saved,
            exported_images=state.images,
            progress=min(99, progress(state.images, part.total)),
        )
        .returning(ExportJob.id)
    ).first()
    if changed is not None:
        outbox.add(ExportRequested(export_job_id=part.job_id, part=following))


def _finish(
    part: Part,
    last_part: str,
    digest: str | None,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Joins the parts into the file and completes the job."""
    parts = [*(earlier.name for earlier in part.state.parts), last_part]
    storage.compose(part.name, parts, CONTENT_TYPES[part.plan.format])
    if digest is None:
        whole = hashlib.sha256()
        for piece in storage.read_chunks(part.name):
            whole.update(piece)
        digest = whole.hexdigest()
    changed = session.execute(
        update(ExportJob)
        .where(*_this_part(part))
        .values(
            status="completed",
            progress=100,
            exported_images=part.state.images,
            file_size=part.state.offset,
            sha256=digest,
            object=part.name,
            state=None,
            expires_at=datetime.now(UTC) + timedelta(seconds=settings.export_life),
            completed_at=func.now(),
        )
        .returning(ExportJob.id)
    ).first()
    _tidy(part, session, outbox)
    if changed is not None:
        outbox.add(ExportCompleted(export_job_id=part.job_id, status="completed"))


def _tidy(part: Part, session: Session, outbox: Outbox) -> None:
    """Lets go of the parts, and of everything when the job was deleted meanwhile."""
    prefix = export_prefix(part.job_id)
    if session.get(ExportJob, part.job_id) is not None:
        prefix += "parts/"
    outbox.add(ObjectsReleased(project_id=part.span.project_id, prefixes=[prefix]))

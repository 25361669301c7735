"""Joins the parts of an export to its file, and completes its job."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import Engine, exists, select, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.exports.assembly import Assembly, DescribedPart
from shared.exports.formats import CONTENT_TYPES
from shared.exports.leasing import read_plan
from shared.exports.plan import ExportPlan, ExportState
from shared.exports.queries import get_file_name
from shared.exports.settling import list_failures
from shared.exports.shards import Piece
from shared.models import ExportJob, ExportPart
from shared.states import LIVE
from shared.storage.bucket import Storage
from shared.storage.names import name_export_folder

_PUTS_AT_ONCE = 8
_USUAL_STATE = 64 * 1024  # bytes of what one part holds, for reading ahead


@dataclass(frozen=True)
class BuiltPart:
    """A part that is built, by the name of its object."""

    object: str
    split: str | None


@dataclass(frozen=True)
class BuiltExport:
    """An export of which all parts are built, in the order of its file.

    `note` and `warnings` are what the job says at its end.
    """

    job_id: UUID
    project_id: UUID
    prefix: str
    file_name: str
    plan: ExportPlan
    parts: Sequence[BuiltPart]
    note: str | None
    warnings: tuple[str, ...]

    @property
    def file(self) -> str:
        """Name of the file's object."""
        return f"{self.prefix}{self.file_name}"


@dataclass(frozen=True)
class FinishedFile:
    """The file of an export, and what it holds."""

    size: int
    state: ExportState


def begin_finish(session: Session, job_id: UUID) -> BuiltExport | None:
    """Return an export to finish; None when it is gone, has ended, or is not yet built."""
    part = ExportPart
    waits = exists().where(part.export_job_id == job_id, part.status.in_(LIVE))
    job = session.scalar(
        select(ExportJob).where(ExportJob.id == job_id, ExportJob.status == "running", ~waits)
    )
    if job is None:
        return None
    rows = session.execute(
        select(part.split, part.shard, part.after, part.object).where(part.export_job_id == job_id)
    ).all()
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: (row.split or "", row.shard or "", str(row.after or "")))
    state = job.state or {}
    return BuiltExport(
        job_id=job.id,
        project_id=job.project_id,
        prefix=f"{name_export_folder(job.id)}{uuid4().hex[:12]}/",
        file_name=get_file_name(job),
        plan=read_plan(session, job),
        parts=[BuiltPart(row.object, row.split) for row in ordered],
        note=state.get("note"),
        warnings=tuple(state.get("warnings") or ()),
    )


def write_file(built: BuiltExport, engine: Engine, storage: Storage) -> FinishedFile:
    """Write the export's file. Raise `Conflict` where not one image could be exported."""
    states = storage.read_many((name_state(one.object), _USUAL_STATE) for one in built.parts)
    assembly = Assembly(
        built.plan,
        (
            DescribedPart(one.object, one.split, _read_state(one, state))
            for one, state in zip(built.parts, states, strict=True)
        ),
        lambda part, section: storage.read(name_section_object(part, section)),
    )
    if assembly.state.images == 0:
        _show_failures(engine, built.job_id, assembly.state)
        raise Conflict(describe_failures(assembly.state) or "All its images have been deleted.")
    before, content_type = assembly.state.offset, CONTENT_TYPES[built.plan.format]
    closing = f"{built.prefix}closing"
    with storage.open_write(closing, content_type) as sink:
        assembly.finish(sink)
    size = assembly.state.offset
    between = _put_pieces(storage, built.prefix, assembly.pieces)
    sources = [one if isinstance(one, str) else between[one] for one in assembly.pieces]
    storage.compose(built.file, [*sources, *([closing] if size > before else [])], content_type)
    storage.delete([closing, *between.values()])
    return FinishedFile(size, assembly.state)


def _read_state(part: BuiltPart, stored: bytes | Exception) -> ExportState:
    if isinstance(stored, Exception):
        raise stored
    state = ExportState.model_validate_json(stored)
    if state.offset and not state.objects:  # built by release 0.1, in one object
        state.objects = [part.object]
    return state


def _put_pieces(storage: Storage, prefix: str, pieces: Sequence[Piece]) -> dict[bytes, str]:
    """Put what lies between the parts, each once; return the names of its objects."""
    between = {
        one: f"{prefix}{hashlib.sha256(one).hexdigest()}"
        for one in pieces
        if isinstance(one, bytes)
    }
    with ThreadPoolExecutor(_PUTS_AT_ONCE, thread_name_prefix="put") as pool:
        put = storage.put_once
        for one in [
            pool.submit(put, name, data, "application/octet-stream")
            for data, name in between.items()
        ]:
            one.result()
    return between


def _show_failures(engine: Engine, job_id: UUID, state: ExportState) -> None:
    """Name the failures on the job's row, also where the call fails."""
    with transaction(engine) as session:
        session.execute(
            update(ExportJob)
            .where(ExportJob.id == job_id, ExportJob.status == "running")
            .values(failures=list_failures(state), failed_images=state.failed)
        )


def describe_failures(state: ExportState) -> str | None:
    """Return what a job says about images that could not be exported, if there are any."""
    if not state.failed:
        return None
    reasons = ", ".join(f"{reason}: {count}" for reason, count in state.failure_reasons.items())
    return f"{state.failed} images could not be exported ({reasons}); `failures` names them."


def hash_file(storage: Storage, name: str) -> str:
    """Return the SHA-256 of a file in parts; it is read again, as no hash can be joined."""
    whole = hashlib.sha256()
    for piece in storage.read_chunks(name):
        whole.update(piece)
    return whole.hexdigest()


def name_state(part: str) -> str:
    """Return the name of the object that says what a part holds."""
    return f"{part}.state"


def name_section_object(part: str, section: str) -> str:
    """Return the name of the object that has a section of a part."""
    return f"{part}.{section}"

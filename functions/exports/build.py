"""Build an export's file, part by part; what does not fit one call goes on by a message."""

import time
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.exports.building import (
    ExportPart,
    begin_part,
    check_result,
    complete_export,
    pause_part,
    report_progress,
)
from shared.exports.contents import Contents, Withdrawn
from shared.exports.formats import CONTENT_TYPES, make_part_writer
from shared.exports.parts import PartWriter
from shared.exports.splits import open_splits, put_splits
from shared.messaging.messages import ExportRequested, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.schemas.exports import ExportFailure
from shared.settings import Settings
from shared.storage.bucket import Storage

_BUDGET = 360  # seconds of one call, of the 540 that the platform allows
_TABLES = ("csv", "json", "parquet")


def prepare(requested: ExportRequested, session: Session, outbox: Outbox) -> ExportPart | None:
    """Return the next part; None when the job is gone, has ended, or is further along."""
    return begin_part(session, outbox, requested)


def handle(
    part: ExportPart,
    storage: Storage,
    engine: Engine,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Build the next part of an export."""
    part = open_splits(part, engine, storage)
    contents = Contents(engine, storage, settings, part)

    def read_section(earlier: str, section: str) -> bytes:
        return storage.read(f"{earlier}.{section}")

    with storage.open_write(part.object, CONTENT_TYPES[part.plan.format]) as sink:
        writer = make_part_writer(part.plan, part.state, sink, read_section)
        last = _write_images(writer, part, contents, engine, settings)
        if last is None:
            check_result(engine, part)
            writer.finish(read_section)
    if last is None:
        counts = complete_export(part, writer, storage, settings, session, outbox)
    else:
        part = put_splits(part, storage)
        counts = pause_part(part, writer, last, storage, session, outbox)
    left = [] if counts else [part.prefix]  # the job is gone, or another call was faster
    if left or contents.released:
        released = ObjectsReleased(
            project_id=part.span.project_id, names=contents.released, prefixes=left
        )
        outbox.add(released)


def _write_images(
    writer: PartWriter, part: ExportPart, contents: Contents, engine: Engine, settings: Settings
) -> UUID | None:
    """Write images until they end (then None) or the part does (then the last one's position)."""
    end = writer.state.offset + settings.export_part_bytes
    deadline = time.monotonic() + _BUDGET
    reported = time.monotonic()
    wants_bytes = part.plan.format not in _TABLES
    for position, content in contents.read(bytes_wanted=wants_bytes):
        if isinstance(content, ExportFailure):
            writer.leave_out(content)
        elif isinstance(content, Withdrawn):
            writer.leave_out(content.failure, content.entry)
        else:
            writer.add(*content)
        now = time.monotonic()
        full = writer.gathered_bytes >= settings.export_gathered_bytes
        if full or writer.state.offset >= end or now > deadline:
            return position
        if now - reported >= settings.export_report_every:
            reported = now
            if not report_progress(engine, part):
                return position
    return None

"""Build a part of an export, under a lease; any number of them are built at the same time."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.leases import Lease, LeaseLost
from shared.exports.composing import StoredFile
from shared.exports.contents import Contents, Withdrawn
from shared.exports.finishing import name_section_object, name_state
from shared.exports.formats import CONTENT_TYPES, make_part_writer
from shared.exports.leasing import LeasedPart, claim_part
from shared.exports.parts import PartWriter
from shared.exports.plan import ExportState
from shared.exports.reading import ImageRange
from shared.exports.settling import complete_part, report_progress
from shared.exports.sink import PartSink
from shared.messaging.messages import ExportPartReady, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import ExportPart
from shared.schemas.exports import ExportFailure
from shared.settings import Settings
from shared.storage.bucket import Storage

BUDGET = 360  # seconds of one call, of the 540 that the platform allows
_TABLES = ("csv", "json", "parquet")


def prepare(
    ready: ExportPartReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedPart | None:
    """Return the part, leased for this worker, or None when it does not wait for one."""
    return claim_part(session, outbox, ready, settings.lease)


def handle(
    part: LeasedPart,
    storage: Storage,
    engine: Engine,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Build a part of an export."""
    lease = Lease(engine, part, settings.lease, ExportPart)
    lease.release_on_rollback(session)
    contents = Contents(engine, storage, settings, part)
    counts = False
    with suppress(LeaseLost):
        with lease:
            contents.span = _open_splits(part, storage)
            with PartSink(storage, part.object, CONTENT_TYPES[part.plan.format]) as sink:
                writer = make_part_writer(part.plan, sink, ExportState(shard=part.shard))
                last = _write_images(writer, part, contents, engine, settings, lease.check)
                sections = writer.end()
            writer.state.objects = sink.objects
            _put_away(sections, writer.state, part, storage)
        counts = complete_part(session, outbox, part, writer.state, last)
    left = [] if counts else [part.prefix]  # the job is gone, or the part another's
    if left or contents.released:
        released = ObjectsReleased(
            project_id=part.span.project_id, names=contents.released, prefixes=left
        )
        outbox.add(released)


def _open_splits(part: LeasedPart, storage: Storage) -> ImageRange:
    """Return the part's images with their splits, where the export has some."""
    if part.splits is None:
        return part.span
    # numpy takes long to load, and most exports do without.
    from shared.splitting.splits import SplitBook

    names = sorted(part.plan.options.splits or ())
    book = SplitBook.from_bytes(names, storage.read(part.splits))
    return replace(part.span, splits=book)


def _write_images(
    writer: PartWriter,
    part: LeasedPart,
    contents: Contents,
    engine: Engine,
    settings: Settings,
    check: Callable[[], None],
) -> UUID | None:
    """Write images to the part's end (then None), or while there is time and memory for them.

    Then return the last one's position.
    """
    deadline = time.monotonic() + BUDGET
    reported = time.monotonic()
    wants_bytes = part.plan.format not in _TABLES
    for position, content in contents.read(bytes_wanted=wants_bytes):
        check()
        if isinstance(content, ExportFailure):
            writer.leave_out(content)
        elif isinstance(content, Withdrawn):
            writer.leave_out(content.failure, content.entry)
        else:
            entry, file = content
            with contents.note(position):
                if isinstance(file, StoredFile):
                    writer.include(entry, file)
                else:
                    writer.add(entry, file)
        if position == part.span.until:
            return None
        now = time.monotonic()
        if writer.gathered_bytes >= settings.export_gathered_bytes or now > deadline:
            return position
        if now - reported >= settings.export_report_every:
            reported = now
            report_progress(engine, part, writer.state)
    return None


def _put_away(
    sections: Mapping[str, bytes], state: ExportState, part: LeasedPart, storage: Storage
) -> None:
    """Put what was gathered and what the part holds beside it."""
    for section, data in sections.items():
        name = name_section_object(part.object, section)
        storage.put_once(name, data, "application/octet-stream")
    held = state.model_dump_json().encode()
    storage.put_once(name_state(part.object), held, "application/json")

"""Finish an export: join its parts to the file, and complete the job."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.exports.finishing import (
    BuiltExport,
    begin_finish,
    describe_failures,
    hash_file,
    write_file,
)
from shared.exports.lacks import describe_formulas, describe_passed_over
from shared.exports.rechecks import describe_recheck
from shared.exports.settling import complete_export
from shared.messaging.messages import ExportPartsBuilt, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.splitting.lacks import describe_lacking_splits
from shared.storage.bucket import Storage


def prepare(built: ExportPartsBuilt, session: Session) -> BuiltExport | None:
    """Return the export, or None where there is nothing to finish."""
    return begin_finish(session, built.export_job_id)


def handle(
    built: BuiltExport,
    storage: Storage,
    engine: Engine,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Finish an export."""
    file = write_file(built, engine, storage)
    counts = file.state.counts
    found = {split: counts.split_labels.get(split, {}) for split in counts.splits}
    lacks = describe_lacking_splits(counts.labels, found, built.plan.options)
    passed_over = describe_passed_over(built.plan, counts)
    # A version has said some of it already, when it was frozen.
    warnings = list(dict.fromkeys([*built.warnings, *lacks, *passed_over]))
    warnings += [*describe_formulas(file.state), *describe_recheck(built.plan.recheck)]
    is_hashed = file.size <= settings.export_hashed_bytes
    try:
        is_first = complete_export(
            session,
            outbox,
            settings,
            built.job_id,
            file.state,
            error=" ".join(filter(None, [describe_failures(file.state), built.note])) or None,
            warnings=warnings,
            file_size=file.size,
            sha256=hash_file(storage, built.file) if is_hashed else None,
            object=built.file,
        )
    except BaseException:
        storage.delete([built.file])
        raise
    if not is_first:  # the job is gone, or another call was faster
        outbox.add(ObjectsReleased(project_id=built.project_id, prefixes=[built.prefix]))

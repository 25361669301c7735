"""Plan an export: which images it is of, their splits, and the parts that workers build."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.exports.planning import ExportToPlan, begin_plan, cut_export, settle_plan
from shared.messaging.messages import ExportRequested
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage


def prepare(requested: ExportRequested, session: Session, outbox: Outbox) -> ExportToPlan | None:
    """Return what to plan; None when the job is gone, has ended, has its parts, or waits."""
    return begin_plan(session, outbox, requested)


def handle(
    planned: ExportToPlan,
    storage: Storage,
    engine: Engine,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Plan an export."""
    splits = None
    if planned.options.splits is not None and planned.version_id is None:  # its rows tell
        # numpy takes long to load, and most exports do without.
        from shared.splitting.splits import split_images

        splits = split_images(engine, planned.project_id, planned.options)
    cuts = cut_export(engine, planned, splits, settings)
    settle_plan(session, outbox, storage, planned, splits, cuts)

"""Start an export job."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, Invalid
from shared.exports.queries import read_export_job
from shared.messaging.messages import ExportRequested
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, ExportJob
from shared.queries.visible import visible_export_jobs
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.exports import (
    ExportJobCreate,
    ExportJobRead,
    ExportOptions,
    explain_split_names,
)
from shared.schemas.splits import SplitOptions
from shared.states import TERMINAL
from shared.versions.queries import explain_lack


def start_export(
    session: Session,
    outbox: Outbox,
    caller: Caller,
    wanted: ExportJobCreate,
    *,
    project_id: UUID,
    crawl_job_id: UUID | None = None,
    version_id: UUID | None = None,
) -> ExportJobRead:
    """Write the job and the message that sets it to work."""
    live = visible_export_jobs(caller).where(ExportJob.status.not_in(TERMINAL))
    limit = QUOTAS.active_export_jobs
    lock_and_check_quota(session, caller, live, limit, "export jobs at work", retry_after=30)
    job = ExportJob(
        project_id=project_id,
        crawl_job_id=crawl_job_id,
        version_id=version_id,
        user_id=caller.id,
        name=wanted.name,
        format=wanted.format,
        export_options=wanted.options.model_dump(mode="json"),
    )
    session.add(job)
    session.flush()
    session.refresh(job)
    outbox.add(ExportRequested(export_job_id=job.id))
    return read_export_job(session, job, None)


def start_version_export(
    session: Session,
    outbox: Outbox,
    caller: Caller,
    wanted: ExportJobCreate,
    version: DatasetVersion,
) -> ExportJobRead:
    """Start an export of what a version holds.

    Raises `Conflict` for a version that cannot be exported, `Invalid` for options that it decides.
    """
    if lack := explain_lack(version):
        raise Conflict(lack)
    splits = _read_splits(version)
    _check_options(wanted.options)
    has_folders = wanted.format in ("zip", "tar") and wanted.options.layout != "coco"
    if has_folders and (refusal := explain_split_names(splits["splits"] or ())):
        raise Invalid.at("/options/layout", refusal)
    return start_export(
        session,
        outbox,
        caller,
        wanted.model_copy(update={"options": wanted.options.model_copy(update=splits)}),
        project_id=version.project_id,
        version_id=version.id,
    )


def _read_splits(version: DatasetVersion) -> dict[str, Any]:
    """Return the options of a version's splits; one that its filter names is the only one."""
    options = dict(SplitOptions.model_validate(version.split_options))
    split = version.filter.get("split")
    return options | {"splits": {split: 1.0}} if split else options


def _check_options(options: ExportOptions) -> None:
    decided = (*SplitOptions.model_fields, "include_invalid", "include_duplicates")
    errors = [
        {"pointer": f"/options/{name}", "detail": "the version has decided this: leave it out"}
        for name in decided
        if getattr(options, name) != ExportOptions.model_fields[name].default
    ]
    if errors:
        raise Invalid(errors)

"""Start a version."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.messages import VersionRequested
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion
from shared.queries.visible import visible_versions
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.splits import SplitOptions
from shared.schemas.versions import VersionCreate, VersionRead
from shared.states import TERMINAL


def start_version(
    session: Session, outbox: Outbox, caller: Caller, wanted: VersionCreate, project_id: UUID
) -> VersionRead:
    """Write the version's row and the message that has it frozen."""
    live = visible_versions(caller).where(DatasetVersion.status.not_in(TERMINAL))
    limit = QUOTAS.active_versions
    lock_and_check_quota(session, caller, live, limit, "versions at work", retry_after=30)
    version = DatasetVersion(
        project_id=project_id,
        name=wanted.name,
        filter=wanted.filter.model_dump(mode="json", exclude_none=True),
        split_options=wanted.model_dump(mode="json", include=set(SplitOptions.model_fields)),
    )
    session.add(version)
    session.flush()
    session.refresh(version)
    outbox.add(VersionRequested(version_id=version.id))
    return VersionRead.of(version)

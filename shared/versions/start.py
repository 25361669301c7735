"""Start a version."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.messages import VersionRequested
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, Image
from shared.queries.visible import visible_versions
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.splits import SplitOptions
from shared.schemas.versions import VersionCreate, VersionRead
from shared.states import TERMINAL
from shared.versions.queries import NOTHING, select_version_images


def start_version(
    session: Session, outbox: Outbox, caller: Caller, wanted: VersionCreate, project_id: UUID
) -> VersionRead:
    """Write the version's row and the message that has it frozen.

    Raises `Conflict` where its filter selects fewer images than it needs.
    """
    live = visible_versions(caller).where(DatasetVersion.status.not_in(TERMINAL))
    limit = QUOTAS.active_versions
    lock_and_check_quota(session, caller, live, limit, "versions at work", retry_after=30)
    _check_number(session, wanted, project_id)
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


def _check_number(session: Session, wanted: VersionCreate, project_id: UUID) -> None:
    needed = len(wanted.splits or (None,))
    images = select_version_images(project_id, wanted.filter).with_only_columns(Image.id)
    found = len(session.scalars(images.limit(needed)).all())
    if found == 0:
        raise Conflict(NOTHING)
    if found < needed:
        raise Conflict(
            f"The filter selects {found} images, which {needed} splits cannot share. Name fewer "
            "splits, widen the filter, or collect more images."
        )

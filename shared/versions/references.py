"""Versions that bodies name: the caller's own, with the images that they are named for."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Invalid
from shared.models import VersionImage
from shared.queries.visible import visible_version

_POINTER = "/version_id"


def check_version(
    session: Session, caller: Caller, version_id: UUID | None, image_ids: Sequence[UUID] = ()
) -> None:
    """Raise `Invalid` unless a version of the caller's is complete and holds the images.

    Raises `NotFound` where there is none.
    """
    if version_id is None:
        return
    found = visible_version(session, caller, version_id)
    if found.status != "completed":
        raise Invalid.at(_POINTER, f"the version is {found.status}: name one that is completed")
    held = session.scalars(
        select(VersionImage.image_id).where(
            VersionImage.version_id == version_id, VersionImage.image_id.in_(image_ids)
        )
    )
    if missing := sorted(set(image_ids) - set(held)):
        raise Invalid.at(_POINTER, f"the version does not hold the image {missing[0]}")

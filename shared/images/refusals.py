"""Images that a project does not take, since a person rejected or deleted them or their likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from shared.images.deletions import find_deleted
from shared.images.rejection import find_rejected


@dataclass(frozen=True)
class ImageRefusal:
    """The reason for which an image is not taken, and the same in words."""

    reason: Literal["rejected", "deleted"]
    detail: str


def find_refusals(
    session: Session, project_id: UUID, rows: Sequence[Mapping[str, Any]], distance: int | None
) -> dict[Any, ImageRefusal]:
    """Return why some rows are not taken, by id, as far as they are not.

    Parameters are as in `find_rejected`.
    """
    rejected = find_rejected(session, project_id, rows, distance)
    others = [row for row in rows if row["id"] not in rejected]
    deleted = find_deleted(session, project_id, others, distance)
    refusals = {
        row_id: ImageRefusal("rejected", f"equals or looks like image {by}, which is rejected")
        for row_id, by in rejected.items()
    }
    for row_id, when in deleted.items():
        detail = (
            f"equals or looks like an image that was deleted on {when:%Y-%m-%d}; "
            "an upload of it brings it back"
        )
        refusals[row_id] = ImageRefusal("deleted", detail)
    return refusals

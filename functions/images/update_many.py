"""Change or reject many images of a project at once."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Invalid
from shared.images.edits import edit_images
from shared.images.filters import filter_images
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.queries.visible import visible_images, visible_project
from shared.schemas.image_changes import ImagesChanged, ImagesUpdate

_MOST_NAMED = 100  # of the ids that are wrong


def handle(
    project_id: UUID, wanted: ImagesUpdate, caller: Caller, session: Session, outbox: Outbox
) -> ImagesChanged:
    """Update images.

    One call changes up to 10,000 images, or rejects up to 1,000; where `remaining` is true, the
    same call changes more. `changed` counts the images that were not so before.
    """
    project = visible_project(session, caller, project_id)
    images = visible_images(caller).where(Image.project_id == project.id)
    if wanted.filter is not None:
        images = images.where(*filter_images(wanted.filter))
    elif wanted.image_ids is not None:
        images = images.where(Image.id.in_(wanted.image_ids))
        known = set(session.scalars(images.with_only_columns(Image.id)))
        if unknown := [place for place, one in enumerate(wanted.image_ids) if one not in known]:
            raise Invalid(
                errors=[
                    {"pointer": f"/image_ids/{place}", "detail": "is no image of this project"}
                    for place in unknown[:_MOST_NAMED]
                ]
            )
    changed, remaining = edit_images(session, outbox, project.id, images, wanted.set.get_changes())
    return ImagesChanged(changed=changed, remaining=remaining)

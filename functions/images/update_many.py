"""Change or reject many images of a project at once."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.edits import edit_images
from shared.images.filters import filter_images
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.queries.named import check_filters, check_images
from shared.queries.visible import visible_images, visible_project
from shared.schemas.image_changes import ImagesChanged, ImagesUpdate


def handle(
    project_id: UUID, wanted: ImagesUpdate, caller: Caller, session: Session, outbox: Outbox
) -> ImagesChanged:
    """Update images.

    One call changes up to 10,000 images, or rejects up to 1,000; where `remaining` is true, the
    same call changes more. `changed` counts the images that were not so before.
    """
    project = visible_project(session, caller, project_id)
    images = visible_images(caller).where(Image.project_id == project.id)
    check_filters(session, caller, wanted.filter)
    if wanted.filter is not None:
        images = images.where(*filter_images(wanted.filter))
    elif wanted.image_ids is not None:
        check_images(session, caller, wanted.image_ids, project.id)
        images = images.where(Image.id.in_(wanted.image_ids))
    changed, remaining = edit_images(session, outbox, project.id, images, wanted.set.get_changes())
    return ImagesChanged(changed=changed, remaining=remaining)

"""Delete an image; its stored objects go unless another image has the same content."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.deletions import remember_deletion
from shared.images.originals import lock_contents
from shared.images.removal import remove_images
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_image
from shared.storage.references import lock_project


def handle(image_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete an image.

    Its content and what looks like it stay away from later crawls, unless another image of the
    project has the content too; an upload of it brings it back. What was rejected because it looks
    like the image stays so.
    """
    project_id = visible_image(session, caller, image_id).project_id
    lock_project(session, project_id)
    lock_contents(session, project_id, alone=True)
    image = visible_image(session, caller, image_id, lock=True)
    remember_deletion(session, image.project_id, [image.id])
    remove_images(session, outbox, image.project_id, [image.id])

"""Change an image's label or caption, or reject it."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller, Precondition
from shared.errors import Invalid
from shared.images.edits import edit_images
from shared.images.queries import load_detail
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.queries.visible import visible_image, visible_images
from shared.schemas.image_changes import ImageUpdate
from shared.schemas.images import ImageDetail
from shared.storage.references import lock_project


def handle(
    image_id: UUID,
    change: ImageUpdate,
    precondition: Precondition,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> ImageDetail:
    """Update an image.

    A rejected image stays out of exports, and its content out of later crawls and uploads, with
    what looks like it. `"rejected": false` takes that back, as does deleting the image.
    """
    image = visible_image(session, caller, image_id)
    if precondition.editions is not None:
        lock_project(session, image.project_id)  # first, as whoever edits images does
        precondition.check(visible_image(session, caller, image_id, lock=True).updated_at)
    changes = change.get_changes()
    if changes.get("reject_reason") and not changes.get("rejected", image.rejected):
        raise Invalid.at("/reject_reason", "is for an image that is rejected")
    if changes:
        images = visible_images(caller).where(Image.id == image.id)
        edit_images(session, outbox, image.project_id, images, changes)
    return load_detail(session, visible_image(session, caller, image_id))

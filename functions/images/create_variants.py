"""Ask for further variants of an image."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.queries import check_ready, load_detail
from shared.images.variant_requests import add_requests
from shared.messaging.messages import VariantsRequested
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_image
from shared.schemas.images import ImageDetail, VariantsCreate


def handle(
    image_id: UUID,
    wanted: VariantsCreate,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> ImageDetail:
    """Create variants; they appear in the image's `variants` when they are ready.

    Until then, and where they cannot be made, `variant_requests` has them, with the reason.
    """
    image = visible_image(session, caller, image_id, lock=True)
    check_ready(image)
    add_requests(image, wanted.variants)
    outbox.add(
        VariantsRequested(
            project_id=image.project_id,
            image_ids=[image.id],
            variants=[variant.model_dump(mode="json") for variant in wanted.variants],
        )
    )
    return load_detail(session, image)

"""Prepare an upload: a row that waits, and a signed address to send the file to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Invalid
from shared.models import Image
from shared.models.base import new_id
from shared.projects.queries import check_active
from shared.queries.visible import visible_project
from shared.schemas.uploads import UploadCreate, UploadRead
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_upload


def handle(
    project_id: UUID,
    upload: UploadCreate,
    caller: Caller,
    session: Session,
    storage: Storage,
    settings: Settings,
) -> UploadRead:
    """Create an upload."""
    if upload.size > settings.max_image_bytes:
        raise Invalid.at("/size", f"must be {settings.max_image_bytes} or less")
    project = visible_project(session, caller, project_id)
    check_active(project)
    image = Image(
        id=new_id(),
        project_id=project.id,
        user_id=caller.id,
        file_name=upload.file_name,
        mime_type=upload.content_type,
        file_size=upload.size,
        label=upload.label,
        caption=upload.caption,
        license=upload.license,
        attribution=upload.attribution,
    )
    session.add(image)
    url, headers = storage.sign_upload_url(
        name_upload(project.id, image.id),
        life=settings.upload_life,
        content_type=upload.content_type,
        size=upload.size,
    )
    return UploadRead(
        image_id=image.id,
        upload_url=url,
        method="PUT",
        headers=headers,
        expires_at=datetime.now(UTC) + timedelta(seconds=settings.upload_life),
    )

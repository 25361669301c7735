"""Uploads of images."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.fields import Description, Fits, Name, Time
from shared.schemas.kinds import Input, Read

MAX_UPLOAD_BYTES = 100 * 1024 * 1024


class UploadCreate(Input):
    """An image that the caller wants to send straight to the bucket."""

    file_name: Name
    content_type: Annotated[
        str,
        Fits(
            r"image/[a-z0-9][a-z0-9.+-]{0,50}", "must be an image's media type such as image/jpeg"
        ),
    ]
    """Media type of the file; it must be an image's."""
    size: Annotated[int, Field(ge=1, le=MAX_UPLOAD_BYTES)]
    """Size of the file in bytes, exactly; up to 100 MiB."""
    label: Name | None = None
    caption: Description | None = None
    """Text about the image, for training."""
    license: Name | None = None
    attribution: Name | None = None


class UploadRead(Read):
    """The address to which the image is sent, and how; its arrival does the rest."""

    image_id: UUID
    """Image that it becomes; its `status` is `processing` until the file has come."""
    upload_url: str = Field(repr=False)
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Time

"""What an inspection says about an image, as columns of its row."""

import hashlib
from typing import Any
from uuid import UUID

from shared.imaging.inspection import Inspection


def content_hash(user_id: UUID, sha256: str) -> str:
    """`image_hash`: the owner and the content together, SHA-256 in hexadecimal."""
    return hashlib.sha256(f"{user_id}:{sha256}".encode()).hexdigest()


def measures(inspection: Inspection, file_size: int) -> dict[str, Any]:
    """The measured columns of `images`."""
    return {
        "sha256": inspection.sha256,
        "phash": inspection.phash,
        "mime_type": inspection.mime_type,
        "format": inspection.format,
        "file_size": file_size,
        "width": inspection.width,
        "height": inspection.height,
        # A grey picture that is stored in colours counts as grey, as it does to the eye.
        "channels": 1 if inspection.is_grayscale else inspection.channels,
        "frames": inspection.frames,
        "sharpness": inspection.sharpness,
        "brightness": inspection.brightness,
        "darkness": inspection.darkness,
        "uniformity": inspection.uniformity,
        "exif": inspection.exif,
    }

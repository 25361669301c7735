"""Columns of an image's row, from an inspection of its bytes."""

import hashlib
from typing import Any
from uuid import UUID

from shared.imaging.inspection import Inspection
from shared.rights.embedded import FileRights


def hash_content(user_id: UUID, sha256: str) -> str:
    """Return `image_hash`: owner and content together, as SHA-256 in hexadecimal."""
    return hashlib.sha256(f"{user_id}:{sha256}".encode()).hexdigest()


MEASURED = (
    "sha256",
    "crc32",
    "extras",
    "phash",
    "phash_halves",
    "mime_type",
    "format",
    "file_size",
    "width",
    "height",
    "channels",
    "frames",
    "sharpness",
    "brightness",
    "darkness",
    "uniformity",
    "color",
    "exif",
)


def make_columns(inspection: Inspection, file_size: int) -> dict[str, Any]:
    """Return the columns of `images` that are measured (`MEASURED`)."""
    return {
        "sha256": inspection.sha256,
        "crc32": inspection.crc32,
        "extras": inspection.extras,
        "phash": inspection.phash,
        "phash_halves": inspection.phash_halves,
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
        "color": inspection.color,
        "exif": inspection.exif,
    }


def make_credit_columns(
    rights: FileRights, license_: str | None, attribution: str | None
) -> dict[str, str | None]:
    """Return whose an image is and under which terms; what its source tells goes before the file.

    The creator is always the one that the file names.
    """
    return {
        "creator": rights.creator,
        "license": license_ or rights.license,
        "attribution": attribution or rights.attribution,
    }

"""Statements of an image file about its own use, and about who made it."""

from shared.imaging.containers.metadata import find_metadata
from shared.imaging.inspection import Inspection
from shared.imaging.limits import Limits
from shared.rights.embedded import FileRights, describe_file


def read_embedded_rights(
    data: bytes, inspection: Inspection, limits: Limits, address: str
) -> FileRights:
    """Return what the file that was inspected says; `address` is where it comes from.

    Raises `ImageRejected` as `inspect` does, for a file that it has not seen.
    """
    found = find_metadata(data, inspection.format, limits)
    return describe_file(
        address,
        packets=found.xmp,
        iptc=found.iptc,
        credentials=found.credentials,
        exif=inspection.exif,
    )

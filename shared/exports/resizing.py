"""Gives the images of an export their one size while it is built."""

from dataclasses import replace

from shared.exports.entries import ExportEntry, ExportImage
from shared.exports.reading import explain
from shared.imaging.limits import ImageRejected, Limits
from shared.imaging.resize import Resize
from shared.imaging.resizing import resize_image
from shared.schemas.exports import ExportFailure


class Resizer:
    """Resizes one image after the other; nothing of them is stored but in the export."""

    def __init__(self, resize: Resize, max_bytes: int, *, keep_exif: bool) -> None:
        self._resize = resize
        self._limits = Limits(max_bytes=max_bytes)
        self._keep_exif = keep_exif

    def make(self, image: ExportImage, data: bytes) -> tuple[ExportEntry, bytes] | ExportFailure:
        """Return the entry as resized, made of the original's bytes, or why it cannot be."""
        try:
            resized = resize_image(data, self._resize, self._limits, keep_exif=self._keep_exif)
        except ImageRejected as error:
            return explain(image, error.reason, error.detail)
        entry = replace(
            image.entry,
            extension=resized.extension,
            format=self._resize.format,
            file_size=len(resized.data),
            width=resized.width,
            height=resized.height,
            box=resized.box,
        )
        return entry, resized.data

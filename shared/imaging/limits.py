"""Limits of what an image may be, and the error that says why one is refused."""

from dataclasses import dataclass
from typing import Literal, get_args

ImageFormat = Literal["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif"]
"""Format of an image, as its bytes tell."""
Reason = Literal[
    "empty",
    "too_large",
    "not_an_image",
    "unsupported_format",
    "too_many_pixels",
    "too_many_frames",
    "truncated",
    "decode_error",
]

FORMATS: tuple[ImageFormat, ...] = get_args(ImageFormat)
MAX_PIXELS = 50_000_000
# A CMYK press profile is 2 MB; what is larger is not a profile that anybody uses.
MAX_PROFILE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that hold before a pixel is decoded; a caller can tighten them.

    `max_pixels` cannot exceed `MAX_PIXELS`: the ceiling is also Pillow's, and that is one number
    per process. `max_decoded_bytes` is what a decoder may take at its peak: 4 bytes per pixel for
    most formats, but 16 for WebP and 11 for AVIF. `max_scans` counts a progressive JPEG's,
    `max_parts` a file's segments, chunks, blocks or directory entries.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_pixels: int = MAX_PIXELS
    max_decoded_bytes: int = 500_000_000
    max_side: int = 65_535
    max_frames: int = 1_000
    max_scans: int = 32
    max_parts: int = 100_000
    formats: tuple[ImageFormat, ...] = FORMATS

    def __post_init__(self) -> None:
        if not 0 < self.max_pixels <= MAX_PIXELS:
            raise ValueError(f"max_pixels must be within 1..{MAX_PIXELS}")
        if unknown := set(self.formats) - set(FORMATS):
            raise ValueError(f"unknown formats: {', '.join(sorted(unknown))}")

    def check_size(self, width: int, height: int) -> None:
        """Raise `ImageRejected`: `too_many_pixels` above the limits, `decode_error` for 0."""
        if not width or not height:
            raise ImageRejected("decode_error", f"{width} x {height} pixels")
        if width * height > self.max_pixels or max(width, height) > self.max_side:
            raise ImageRejected(
                "too_many_pixels",
                f"{width} x {height} pixels; at most {self.max_pixels} pixels and "
                f"{self.max_side} on a side are accepted",
            )


class ImageRejected(Exception):
    """The bytes are not an image that is accepted; trying again cannot help."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason: Reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")

    def __reduce__(self) -> tuple[type["ImageRejected"], tuple[Reason, str]]:
        return type(self), (self.reason, self.detail)

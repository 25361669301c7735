"""Open and decode images: the one place where Pillow reads bytes that strangers sent."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass

from PIL import AvifImagePlugin, Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin
from PIL.ExifTags import Base

from shared.imaging.animations import copy_frames
from shared.imaging.color_spaces import find_conversion
from shared.imaging.containers import open_container
from shared.imaging.corrections import (
    TIFF_KINDS,
    correct_byte_order,
    correct_first_frame,
    correct_samples,
)
from shared.imaging.exif import parse_exif
from shared.imaging.formats import detect_format, is_truncated
from shared.imaging.limits import MAX_PIXELS, ImageFormat, ImageRejected, Limits

# Pillow only warns between its limit and twice its limit; here both are errors.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# A broken EXIF block is not worth a line in the log for every stranger's photograph.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# Images are decoded side by side in a thread pool: a pool per image on top only costs.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Pillow loads all of its 40 plugins at the first file in a format that it has not loaded yet: what
# these imports and `preinit` register is all there is to open.
_PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
Image.preinit()
TiffImagePlugin.OPEN_INFO.update(TIFF_KINDS)

Box = tuple[float, float, float, float]

# Bytes that decoding takes at its peak, measured; JPEG before the scale is chosen.
_BYTES_PER_PIXEL: dict[ImageFormat, int] = {
    "jpeg": 4,
    "png": 4,
    "webp": 16,
    "gif": 4,
    "bmp": 4,
    "tiff": 8,
    "avif": 11,
}
# Images above this are decoded one at a time: a pool of 8 threads stays within 256 MB plus one.
_LARGE_BYTES = 32_000_000
_LARGE = threading.Lock()
# Of an animation that fades in: 4 seconds.
_MAX_LATER_FRAMES = 100
# EXIF 2.32 §4.6.4: what undoes each stored orientation.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Pixels:
    """Decoded pixels in their stored orientation, perhaps a whole fraction of the full size.

    `box` is the part of `image` that the picture covers, in its pixels: a JPEG decoded at 1/8 is
    rounded up to whole pixels, and ignoring the overhang costs 10 dB.
    """

    image: Image.Image
    box: Box


class SourceImage:
    """An opened image whose header is within the limits; sizes are as displayed."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Read the header and nothing else. Raises `ImageRejected`."""
        if not data:
            raise ImageRejected("empty", "0 bytes")
        if len(data) > limits.max_bytes:
            raise ImageRejected(
                "too_large", f"{len(data)} bytes; at most {limits.max_bytes} are accepted"
            )
        self._data, self._limits = data, limits
        self.format: ImageFormat = detect_format(data, limits)
        with self._refuse_broken():
            container = self._container = open_container(data, self.format, limits)
            self._image: Image.Image = Image.open(
                io.BytesIO(container.pixels), formats=(self.format,)
            )
            correct_byte_order(self._image)
            self._full_size = self._image.size
            limits.check_size(*self._image.size)
            self._check_cost(limits)
            self.refused_parts = container.refused
            self.frames = container.frames
            if self.format == "avif":
                self.frames = getattr(self._image, "n_frames", 1)
                if self.frames > limits.max_frames:
                    raise ImageRejected("too_many_frames", f"{self.frames} frames")
            self.channels = _count_channels(self._image)
            # None for pixels that are in sRGB already.
            self.conversion = find_conversion(
                data,
                self.format,
                self._image.mode,
                container.icc_profile or self._image.info.get("icc_profile"),
            )
            self.exif = parse_exif(container.exif)
            if self.format == "avif":
                # Of an AVIF only its own rotation and mirror count, which Pillow tells as EXIF.
                said = parse_exif(self._image.info.get("exif", b""))
                self.exif[Base.Orientation] = said.get(Base.Orientation, 1)
            # Pillow turns a TIFF upright by itself while loading it.
            orientation = 1 if self.format == "tiff" else self.exif.get(Base.Orientation)
            self.orientation = orientation if orientation in _UPRIGHT else 1
            width, height = self._image.size
            self.width, self.height = (height, width) if self.is_turned else (width, height)

    @property
    def is_turned(self) -> bool:
        """Return whether width and height change places on display."""
        return self.orientation >= 5

    @contextmanager
    def decode(self, scale: float) -> Iterator[Pixels]:
        """Decode, at no less than `scale` times the full size (a JPEG at 1/2, 1/4 or 1/8 of it).

        Every byte is decoded at any scale, so cut and damaged files are found. While the pixels
        are in use, no other large image is decoded in this process; use them up inside the block.
        Raises `ImageRejected` with `truncated` or `decode_error`.
        """
        width, height = self._image.size
        box: Box = (0, 0, width, height)
        if self.format == "jpeg" and scale < 1 and not self._container.is_lossless:
            with self._refuse_broken():
                drafted = self._image.draft(
                    None, (max(1, int(width * scale)), max(1, int(height * scale)))
                )
            box = drafted[1] if drafted else box
        alone = _LARGE if self._count_decoded_bytes() > _LARGE_BYTES else nullcontext()
        with alone, self._refuse_broken():
            self._image.load()
            image = correct_first_frame(correct_samples(self._image), self._data)
            yield Pixels(image, box)
        del self._image, self._container

    def decode_later_frames(self) -> Iterator[Pixels]:
        """Yield the frames of an animation behind the first, one at a time, at their full size.

        Ends before they have taken more than the work of the largest picture, and where one cannot
        be read: only the first counts for whether the file is accepted.
        """
        room = MAX_PIXELS
        with suppress(Exception), self._refuse_broken():
            if not (frames := copy_frames(self._data, self.format, self._limits)):
                return
            image = Image.open(io.BytesIO(frames), formats=(self.format,))
            width, height = image.size
            alone = width * height * _BYTES_PER_PIXEL[self.format] > _LARGE_BYTES
            for index in range(1, min(self.frames, _MAX_LATER_FRAMES)):
                room -= width * height
                if room < 0:
                    return
                with _LARGE if alone else nullcontext():
                    image.seek(index)
                    image.load()
                    yield Pixels(image, (0, 0, *image.size))

    def turn_upright(self, image: Image.Image) -> Image.Image:
        """Turn pixels from the stored orientation to the displayed one."""
        method = _UPRIGHT.get(self.orientation)
        return image if method is None else image.transpose(method)

    def _count_decoded_bytes(self) -> int:
        """Return what decoding takes at its peak."""
        width, height = self._image.size
        if not self._container.is_multi_scan:
            return width * height * _BYTES_PER_PIXEL[self.format]
        # libjpeg holds all coefficients until the last scan, 2 bytes each, at any scale.
        full_width, full_height = self._full_size
        return width * height * 4 + full_width * full_height * 6

    def _check_cost(self, limits: Limits) -> None:
        """Refuse what the size alone does not show to be expensive."""
        width, height = self._image.size
        is_sequential = self.format == "jpeg" and not self._container.is_multi_scan
        if is_sequential and len(self._container.pixels) < width * height // 256:
            # Two bits are the least that a block of 8 × 8 pixels takes; libjpeg would fill in grey.
            raise ImageRejected("truncated", f"jpeg: too few bytes for {width} x {height} pixels")
        if self.format == "tiff":
            _check_tiles(self._image)
        if (cost := self._count_decoded_bytes()) > limits.max_decoded_bytes:
            raise ImageRejected(
                "too_many_pixels",
                f"{width} x {height} pixels of {self.format} take {cost // 1_000_000} MB to "
                f"decode; at most {limits.max_decoded_bytes // 1_000_000} MB are accepted",
            )

    @contextmanager
    def _refuse_broken(self) -> Iterator[None]:
        """Turn whatever reading hostile bytes raises into `ImageRejected`.

        It raises nearly everything (OSError, SyntaxError, struct.error, EOFError, ValueError,
        OverflowError, MemoryError …), and all of it means the same.
        """
        try:
            yield
        except ImageRejected:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ImageRejected("too_many_pixels", f"more than {MAX_PIXELS} pixels") from error
        except Exception as error:
            cut = is_truncated(self._data, self.format) or "truncated" in str(error).lower()
            if isinstance(error, UnidentifiedImageError):
                detail = "the header is damaged or of an unknown kind"
            else:
                detail = str(error) or type(error).__name__
            raise ImageRejected(
                "truncated" if cut else "decode_error", f"{self.format}: {detail}"
            ) from error


def _check_tiles(image: Image.Image) -> None:
    """Refuse tiles far larger than the picture: each is decoded whole (TIFF 6.0 §15)."""
    tags = getattr(image, "tag_v2", {})
    tile_width, tile_height = tags.get(322, 0), tags.get(323, 0)
    if tile_width * tile_height > max(4 * image.width * image.height, 1024 * 1024):
        raise ImageRejected(
            "too_many_pixels",
            f"tiles of {tile_width} x {tile_height} in a picture of {image.width} x {image.height}",
        )


def _count_channels(image: Image.Image) -> int:
    if image.mode in ("P", "PA"):
        return 4 if image.has_transparency_data else 3
    return len(image.getbands())

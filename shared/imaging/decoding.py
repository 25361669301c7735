"""The one place where Pillow reads bytes that strangers sent."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import AvifImagePlugin, Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin
from PIL.ExifTags import Base

from shared.imaging.formats import identify, is_cut
from shared.imaging.frames import check_scans, count_frames
from shared.imaging.limits import MAX_PIXELS, Format, ImageRejected, Limits

# Pillow only warns between its limit and twice its limit; here both are errors.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# Images are decoded side by side in a thread pool: a pool per image on top only costs.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Pillow loads all of its 40 plugins at the first file in a format that it has not loaded yet: what
# these imports and `preinit` register is all there is to open.
_PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
Image.preinit()

Box = tuple[float, float, float, float]

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


class Source:
    """An opened image whose header is within the limits; sizes are as displayed."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Read the header. Raises `ImageRejected`; allocates no pixels while it may still."""
        if not data:
            raise ImageRejected("empty", "0 bytes")
        if len(data) > limits.max_bytes:
            raise ImageRejected(
                "too_large", f"{len(data)} bytes; at most {limits.max_bytes} are accepted"
            )
        self._data = data
        self.format: Format = identify(data, limits)
        _check_canvas(data, self.format, limits)
        self.frames = count_frames(data, self.format, limits)
        if self.format == "jpeg":
            check_scans(data, limits)
        with self._decoding():
            self._image = Image.open(io.BytesIO(data), formats=(self.format,))
            if not all(self._image.size):
                raise ImageRejected("decode_error", f"{self.format}: no pixels")
            _check_size(*self._image.size, limits)
            if self.format == "tiff":
                _check_tiles(self._image)
            if self.format == "avif":
                self.frames = getattr(self._image, "n_frames", 1)
                if self.frames > limits.max_frames:
                    raise ImageRejected("too_many_frames", f"{self.frames} frames")
        if self.format == "png":
            # A PNG may carry its EXIF behind the pixels, and has no scaled decode to lose.
            self._load()
        self.channels = _channels(self._image)
        self.icc_profile: bytes | None = self._image.info.get("icc_profile")
        self.exif = self._read_exif()
        self.orientation = self._read_orientation()
        width, height = self._image.size
        self.width, self.height = (height, width) if self.is_turned else (width, height)

    @property
    def is_turned(self) -> bool:
        """Whether width and height change places on display."""
        return self.orientation >= 5

    def pixels(self, scale: float) -> Pixels:
        """Decode, at no less than `scale` times the full size (a JPEG at 1/2, 1/4 or 1/8 of it).

        Every byte is decoded at any scale, so cut and damaged files are found.
        Raises `ImageRejected` with `truncated` or `decode_error`.
        """
        width, height = self._image.size
        box: Box = (0, 0, width, height)
        if self.format == "jpeg" and scale < 1:
            with self._decoding():
                drafted = self._image.draft(
                    None, (max(1, int(width * scale)), max(1, int(height * scale)))
                )
            box = drafted[1] if drafted else box
        self._load()
        return Pixels(self._image, box)

    def upright(self, image: Image.Image) -> Image.Image:
        """Turn pixels from the stored orientation to the displayed one."""
        method = _UPRIGHT.get(self.orientation)
        return image if method is None else image.transpose(method)

    def _load(self) -> None:
        with self._decoding():
            self._image.load()

    def _read_exif(self) -> Image.Exif:
        try:
            return self._image.getexif()
        except Exception:  # a camera's broken EXIF is no reason to lose its picture
            return Image.Exif()

    def _read_orientation(self) -> int:
        value = self.exif.get(Base.Orientation)
        # Pillow turns a TIFF upright by itself while loading it.
        return value if value in _UPRIGHT and self.format != "tiff" else 1

    @contextmanager
    def _decoding(self) -> Iterator[None]:
        """Turn whatever a decoder raises into `ImageRejected`.

        Decoders raise nearly everything on hostile bytes (OSError, SyntaxError, struct.error,
        EOFError, ValueError, OverflowError, MemoryError …); all of it means the same.
        """
        try:
            yield
        except ImageRejected:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ImageRejected("too_many_pixels", f"more than {MAX_PIXELS} pixels") from error
        except Exception as error:
            cut = is_cut(self._data, self.format) or "truncated" in str(error).lower()
            if isinstance(error, UnidentifiedImageError):
                detail = "the header is damaged or of an unknown kind"
            else:
                detail = str(error) or type(error).__name__
            raise ImageRejected(
                "truncated" if cut else "decode_error", f"{self.format}: {detail}"
            ) from error


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise ImageRejected(
            "too_many_pixels",
            f"{width} x {height} pixels; at most {limits.max_pixels} pixels and "
            f"{limits.max_side} on a side are accepted",
        )


def _check_canvas(data: bytes, found: Format, limits: Limits) -> None:
    """Check the two formats whose plugins allocate while opening, before they do."""
    if found == "gif":
        width, height = (int.from_bytes(data[i : i + 2], "little") for i in (6, 8))
        _check_size(width, height, limits)
    elif found == "webp" and data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
        _check_size(width, height, limits)


def _check_tiles(image: Image.Image) -> None:
    """TIFF 6.0 §15: a tile is decoded whole, and may be far larger than the picture it is in."""
    tags = getattr(image, "tag_v2", {})
    tile_width, tile_height = tags.get(322, 0), tags.get(323, 0)
    if tile_width * tile_height > max(4 * image.width * image.height, 1024 * 1024):
        raise ImageRejected(
            "too_many_pixels",
            f"tiles of {tile_width} x {tile_height} in a picture of {image.width} x {image.height}",
        )


def _channels(image: Image.Image) -> int:
    if image.mode in ("P", "PA"):
        return 4 if image.has_transparency_data else 3
    return len(image.getbands())

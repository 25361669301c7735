"""The one size that all images of an export are given, as the API takes and stores it."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.imaging.variants import MAX_FILL_PIXELS, Side, Specification, VariantFormat, get_quality

_COLOR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")


def _check_color(text: str) -> str:
    if not _COLOR.fullmatch(text):
        raise ValueError("must be #rrggbb, or #rrggbbaa for a transparent one")
    return text.lower()


Background = Annotated[str, AfterValidator(_check_color)]


ResizeMode = Literal["pad", "cover", "fill", "contain"]
"""Way to one size: `pad` fills what is left, `cover` cuts the overhang off, `fill` stretches;
`contain` leaves sizes different.
"""


class Resize(Specification):
    """A size in pixels, how pictures are fitted to it, and how they are encoded.

    Pictures are RGB, or RGBA where the background is itself transparent.
    """

    width: Side
    """Pixels of width."""
    height: Side
    """Pixels of height."""
    mode: ResizeMode = "pad"
    """Way in which pictures are fitted to the size."""
    enlarge: bool = True
    """Whether smaller pictures are made larger; if not, what they lack is filled."""
    background: Background = "#ffffff"
    """Color that is filled in, and that transparent parts are laid on: `#rrggbb` or `#rrggbbaa`."""
    format: VariantFormat = "jpeg"
    """Format of the files."""
    quality: Annotated[int, Field(ge=1, le=100)] | None = None
    """Quality of the encoder, 1 to 100; null for 85 (jpeg), 80 (webp) or 50 (avif). PNG has none.
    """

    @model_validator(mode="after")
    def _fits_in_memory(self) -> Self:
        if self.width * self.height > MAX_FILL_PIXELS:
            raise ValueError(f"makes at most {MAX_FILL_PIXELS} pixels: choose a smaller size")
        return self

    @property
    def effective_quality(self) -> int:
        """Return the quality asked for, or the format's default."""
        return get_quality(self.format, self.quality)

    @property
    def color(self) -> tuple[int, int, int, int]:
        """Return the background as red, green, blue and alpha, 0 to 255."""
        red, green, blue, alpha = bytes.fromhex(self.background[1:].ljust(8, "f"))
        return red, green, blue, alpha

"""Specifications of variants, as the API takes and stores them."""

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# Part of every spec hash: raise it when the same specification starts to give other pixels, so
# that variants are made again under new names.
PIPELINE_VERSION = 2
MAX_FILL_PIXELS = 16_777_216

Side = Annotated[int, Field(ge=1, le=8192)]
VariantFormat = Literal["jpeg", "png", "webp", "avif"]
"""Format that pictures are written in."""
Fit = Literal["contain", "cover", "fill"]
"""Way into a box: `contain` lies within it, `cover` fills it and cuts, `fill` stretches to it."""
Position = Literal[
    "top-left", "top", "top-right", "left", "center", "right",
    "bottom-left", "bottom", "bottom-right",
]  # fmt: skip
"""Place of a watermark."""

# AVIF and WebP reach JPEG's visual quality at lower numbers; PNG has none.
_QUALITY: dict[VariantFormat, int] = {"jpeg": 85, "webp": 80, "avif": 50, "png": 100}


def get_quality(image_format: VariantFormat, quality: int | None) -> int:
    """Return the quality asked for, or the format's default."""
    return quality or _QUALITY[image_format]


class Specification(BaseModel):
    """The base of specifications: what they do not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Watermark(Specification):
    """Text laid over a variant; Latin script, one line."""

    text: Annotated[
        str, StringConstraints(min_length=1, max_length=100, pattern=r"^[ -~\u00a0-\u017f]+$")
    ]
    """Text of one line, in Latin script."""
    position: Position = "bottom-right"
    """Place of the text."""
    opacity: Annotated[float, Field(gt=0, le=1, strict=False)] = 0.5
    """Opacity of the text: 1 hides what is beneath."""


class Variant(Specification):
    """A variant: size in pixels, how to fit it, and how to encode it.

    `contain` and `cover` never enlarge: where the image is smaller than the box, `cover` gives the
    largest picture of the box's shape.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    """Name of the variant, part of addresses."""
    width: Side | None = None
    """Pixels of width of the box; null where the height alone decides."""
    height: Side | None = None
    """Pixels of height of the box; null where the width alone decides."""
    fit: Fit = "contain"
    """Way in which the image is fitted to the box."""
    format: VariantFormat = "webp"
    """Format of the file."""
    quality: Annotated[int, Field(ge=1, le=100)] | None = None
    """Quality of the encoder, 1 to 100; null for 85 (jpeg), 80 (webp) or 50 (avif). PNG has none.
    """
    watermark: Watermark | None = None
    """Text to lay over it; null for none."""
    strip_metadata: bool = True
    """Whether the file says nothing beside its pixels."""

    @model_validator(mode="after")
    def _has_a_box(self) -> Self:
        if self.width is None and self.height is None:
            raise ValueError("give at least one of width and height")
        if self.fit != "contain" and (self.width is None or self.height is None):
            raise ValueError(f"fit {self.fit} needs both width and height")
        if self.fit == "fill" and (self.width or 0) * (self.height or 0) > MAX_FILL_PIXELS:
            raise ValueError(f"fit fill makes at most {MAX_FILL_PIXELS} pixels")
        return self

    @property
    def effective_quality(self) -> int:
        """Return the quality asked for, or the format's default."""
        return get_quality(self.format, self.quality)

    @property
    def spec(self) -> dict[str, Any]:
        """Return the specification as JSON-ready data: everything but the name."""
        return self.model_dump(mode="json", exclude={"name"})

    @property
    def summary(self) -> str:
        """Return the specification in a few words, such as ``webp, contain 256x256``."""
        box = "x".join(str(side or "any") for side in (self.width, self.height))
        words = [self.format, f"{self.fit} {box}"]
        if self.format != "png":
            words.append(f"quality {self.effective_quality}")
        if self.watermark:
            words.append(f"watermark {self.watermark.text}")
        if not self.strip_metadata:
            words.append("with metadata")
        return ", ".join(words)

    @property
    def spec_hash(self) -> str:
        """Return 12 hex digits of the SHA-256 of the specification; equal for equal pixels.

        Covers everything but the name, with the default quality filled in, and the version of
        this pipeline.
        """
        spec = self.spec | {"quality": self.effective_quality, "pipeline": PIPELINE_VERSION}
        canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


THUMBNAIL = Variant(name="thumbnail", width=256, height=256, fit="contain", format="webp")

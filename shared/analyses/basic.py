"""The built-in analyzer: colours, exposure, sharpness and composition, all of them computed."""

import math
from dataclasses import asdict, dataclass, replace

from shared.analyses.composition import SIDE, Composition, measure_composition
from shared.analyses.findings import AnalysisImage, Findings
from shared.analyses.palette import Color, find_dominant_colors
from shared.analyses.pictures import decode_small
from shared.imaging.limits import Limits

_PLAIN_COLORS = 3  # named in the description


@dataclass(frozen=True)
class Trait:
    """A property with how clearly the picture has it, from 0.5 to 1."""

    name: str
    score: float


def analyze(data: bytes, subject: AnalysisImage, limits: Limits) -> Findings:
    """Describe an image by what can be measured on it, or on its thumbnail.

    Raises `AnalysisError` for bytes that are not an image.
    """
    picture = decode_small(data, SIDE, limits)
    measured = measure_composition(picture)
    if subject.sharpness is not None:  # a variant is encoded again, which softens it
        measured = replace(measured, sharpness=subject.sharpness)
    width, height = subject.width or picture.width, subject.height or picture.height
    colors = find_dominant_colors(picture)
    traits = _find_traits(measured, width, height, subject.frames or 1)
    return Findings(
        description=_describe_picture(measured, traits, colors, width, height),
        labels=[asdict(trait) for trait in traits],
        metrics={
            "width": width,
            "height": height,
            "megapixels": round(width * height / 1e6, 2),
            "aspect_ratio": round(width / height, 3),
            "orientation": traits[0].name,
            **{name: round(value, 4) for name, value in asdict(measured).items()},
            "colors": [asdict(color) for color in colors],
        },
    )


def _find_traits(measured: Composition, width: int, height: int, frames: int) -> list[Trait]:
    """Return the traits that score at least a half; each limit is the middle of a range."""
    sharp = _scale_between(math.log10(max(measured.sharpness, 1)), math.log10(50), math.log10(400))
    dark = _scale_between(measured.brightness, 0.30, 0.10)
    light = _scale_between(measured.brightness, 0.70, 0.90)
    clipped = _scale_between(measured.highlights, 0.02, 0.18)
    gray = _scale_between(measured.colorfulness, 12, 4)
    vivid = _scale_between(measured.colorfulness, 33, 70)
    found = {
        "sharp": sharp,
        "blurred": 1 - sharp,
        "dark": dark,
        "bright": light,
        "overexposed": clipped if light >= 0.5 else 0.0,
        "well exposed": 1 - max(dark, light, clipped),
        "high contrast": _scale_between(measured.contrast, 0.22, 0.34),
        "low contrast": _scale_between(measured.contrast, 0.18, 0.06),
        "grayscale": gray,
        "vivid": vivid,
        "muted": _scale_between(measured.colorfulness, 45, 15) if gray < 0.5 else 0.0,
        "warm": _scale_between(measured.warmth, 0.04, 0.20) if gray < 0.5 else 0.0,
        "cool": _scale_between(measured.warmth, -0.04, -0.20) if gray < 0.5 else 0.0,
        "plain border": _scale_between(measured.plain_border, 0.40, 0.90),
        "symmetric": _scale_between(measured.symmetry, 0.55, 0.95),
        "animated": 1.0 if frames > 1 else 0.0,
    }
    return [
        Trait(_name_orientation(width, height), 1.0),
        *(Trait(name, round(score, 3)) for name, score in found.items() if score >= 0.5),
    ]


def _scale_between(value: float, low: float, high: float) -> float:
    """Scale linearly to 0 at `low` and 1 at `high`, clamped; `high` may be the lesser one."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _name_orientation(width: int, height: int) -> str:
    ratio = width / height
    if 0.95 <= ratio <= 1.05:
        return "square"
    return "landscape" if ratio > 1 else "portrait"


def _describe_picture(
    measured: Composition, traits: list[Trait], colors: list[Color], width: int, height: int
) -> str:
    """Return one or two sentences that say no more than was measured."""
    names = {trait.name for trait in traits}
    moving = "animation" if "animated" in names else "image"
    focus = "sharp" if "sharp" in names else "blurred"
    exposure = [name for name in ("dark", "overexposed", "bright", "well exposed") if name in names]
    looks = _join_words([focus, *exposure[:1]])
    tones = next((name for name in ("grayscale", "vivid", "muted") if name in names), "natural")
    kind = "in shades of grey" if tones == "grayscale" else f"in {tones} colours"
    shares = [f"{color.name} ({color.share:.0%})" for color in colors[:_PLAIN_COLORS]]
    place = _describe_place(measured)
    ground = " against a plain border" if "plain border" in names else ""
    balance = "; the halves mirror each other" if "symmetric" in names else ""
    return (
        f"{traits[0].name.capitalize()} {moving} of {width} by {height} pixels, {looks}, {kind}: "
        f"mostly {_join_words(shares)}. Its detail lies {place}{ground}{balance}."
    )


def _describe_place(measured: Composition) -> str:
    """Say where the detail's centre of gravity lies; few pictures have it far from the middle."""
    across = "left" if measured.detail_x < 0.43 else "right" if measured.detail_x > 0.57 else ""
    down = "upper" if measured.detail_y < 0.43 else "lower" if measured.detail_y > 0.57 else ""
    if across and down:
        return f"towards the {down} {across}"
    if across:
        return f"towards the {across}"
    if down:
        return f"in the {down} half"
    return "in the middle" if measured.centered_detail > 0.4 else "all over the picture"


def _join_words(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

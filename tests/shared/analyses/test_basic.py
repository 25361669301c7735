"""The built-in analyzer on real photographs, and on their renditions."""

import io
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from shared.analyses.basic import analyze
from shared.analyses.findings import AnalysisError, AnalysisImage, Findings
from shared.imaging.limits import Limits
from shared.models.base import new_id


def subject(**columns: Any) -> AnalysisImage:
    unknown: dict[str, Any] = dict.fromkeys(("width", "height", "frames", "sharpness"))
    return AnalysisImage(image_id=new_id(), original="o", thumbnail=None, **unknown | columns)


@cache
def photograph(name: str) -> Image.Image:
    return Image.fromarray(getattr(data, name)()).convert("RGB")


def encode(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def findings(picture: Image.Image, **columns: Any) -> Findings:
    return analyze(encode(picture, quality=92), subject(**columns), Limits())


def names(found: Findings) -> set[str]:
    return {label["name"] for label in found.labels}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("astronaut", {"square", "sharp", "well exposed", "vivid"}),
        ("coffee", {"landscape", "sharp", "well exposed", "vivid", "warm"}),
        ("camera", {"square", "sharp", "grayscale"}),
        ("moon", {"square", "grayscale", "low contrast", "plain border"}),
        ("hubble_deep_field", {"landscape", "dark", "plain border"}),
    ],
)
def test_photographs_are_what_they_look_like(name: str, expected: set[str]) -> None:
    found = findings(photograph(name))
    assert expected <= names(found)
    assert all(0.5 <= label["score"] <= 1 for label in found.labels)


def test_the_description_says_what_was_measured() -> None:
    found = findings(photograph("coffee"), width=600, height=400)
    assert found.description is not None
    assert found.description.startswith("Landscape image of 600 by 400 pixels, sharp and well")
    [first, *_] = found.metrics["colors"]
    assert f"mostly {first['name']} ({first['share']:.0%})" in found.description


def test_blurred_dark_and_overexposed() -> None:
    picture = photograph("astronaut")
    assert "blurred" in names(findings(picture.filter(ImageFilter.GaussianBlur(8))))
    assert "dark" in names(findings(picture.point(lambda value: value * 0.15)))
    assert "overexposed" in names(findings(picture.point(lambda value: value * 3 + 100)))


def test_a_thumbnail_tells_nearly_the_same_as_the_original() -> None:
    picture = photograph("chelsea")
    small = picture.copy()
    small.thumbnail((256, 256))
    whole = findings(picture)
    about = subject(width=451, height=300, sharpness=whole.metrics["sharpness"])
    part = analyze(encode(small, "WEBP", quality=80), about, Limits())
    assert names(part) == names(whole)
    for ours, theirs in zip(part.metrics["colors"][:2], whole.metrics["colors"], strict=False):
        assert ours["name"] == theirs["name"]
        assert ours["share"] == pytest.approx(theirs["share"], abs=0.1)
    for measure in ("brightness", "contrast", "warmth", "detail_x", "detail_y", "plain_border"):
        assert part.metrics[measure] == pytest.approx(whole.metrics[measure], abs=0.02), measure


def test_orientation_transparency_and_animation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned: 40 wide and 90 high on display
    turned = encode(Image.new("RGB", (90, 40), "red"), exif=exif)
    found = analyze(turned, subject(), Limits())
    assert (found.metrics["width"], found.metrics["height"]) == (40, 90)
    assert found.metrics["orientation"] == "portrait"
    clear = analyze(encode(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"), subject(), Limits())
    assert [color["name"] for color in clear.metrics["colors"]] == ["white"]
    moving = findings(photograph("coffee"), frames=3)
    assert "animated" in names(moving)
    assert "animation" in (moving.description or "")


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2000, 1)])
def test_the_smallest_and_thinnest_pictures(size: tuple[int, int]) -> None:
    found = analyze(encode(Image.new("L", size, 9), "PNG"), subject(), Limits())
    assert found.description
    assert all(np.isfinite(v) for v in found.metrics.values() if isinstance(v, float))


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"GIF89a", "truncated"), (b"%PDF-1.7", "not_an_image")],
)
def test_what_is_not_an_image_has_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(AnalysisError) as error:
        analyze(content, subject(), Limits())
    assert error.value.code in (code, "decode_error", "not_an_image")
    assert error.value.reason.startswith("The image cannot be read: ")


def test_the_same_bytes_give_the_same_findings() -> None:
    assert findings(photograph("rocket")) == findings(photograph("rocket"))

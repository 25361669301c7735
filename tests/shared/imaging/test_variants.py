"""A specification is bounded, immutable, and hashes to a stable name."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from shared.imaging import variants
from shared.imaging.variants import THUMBNAIL, Variant, Watermark


def test_the_thumbnail_is_256_pixels_of_webp() -> None:
    assert THUMBNAIL.model_dump() == {
        "name": "thumbnail",
        "width": 256,
        "height": 256,
        "fit": "contain",
        "format": "webp",
        "quality": None,
        "watermark": None,
        "strip_metadata": True,
    }


def test_the_spec_hash_is_known() -> None:
    """Stored objects are named by it: if this changes, every rendition is made again."""
    assert THUMBNAIL.spec_hash == "def8b0acd2cc"


def test_the_spec_hash_covers_what_changes_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[dict[str, Any]] = [
        {"width": 255},
        {"height": None},
        {"fit": "cover"},
        {"format": "avif"},
        {"quality": 79},
        {"watermark": Watermark(text="©")},
        {"watermark": Watermark(text="©", position="center")},
        {"strip_metadata": False},
    ]
    hashes = {THUMBNAIL.model_copy(update=change).spec_hash for change in others}
    assert len(hashes | {THUMBNAIL.spec_hash}) == len(others) + 1
    assert all(re.fullmatch(r"[0-9a-f]{12}", value) for value in hashes)
    before = THUMBNAIL.spec_hash
    monkeypatch.setattr(variants, "PIPELINE_VERSION", 999)
    assert THUMBNAIL.spec_hash != before


def test_the_spec_hash_ignores_the_name_and_a_default_spelled_out() -> None:
    assert THUMBNAIL.model_copy(update={"name": "small"}).spec_hash == THUMBNAIL.spec_hash
    assert THUMBNAIL.model_copy(update={"quality": 80}).spec_hash == THUMBNAIL.spec_hash


def test_a_specification_survives_json() -> None:
    variant = Variant(name="w", width=10, watermark=Watermark(text="Ærø", opacity=1))
    copy = Variant.model_validate_json(variant.model_dump_json())
    assert copy == variant
    assert copy.spec_hash == variant.spec_hash
    assert len({copy, variant}) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Big", "width": 1},
        {"name": "-x", "width": 1},
        {"name": "../x", "width": 1},
        {"name": "x" * 33, "width": 1},
        {"name": "x\n", "width": 1},
        {"name": "x"},
        {"name": "x", "width": 0},
        {"name": "x", "width": 8193},
        {"name": "x", "width": "10"},
        {"name": "x", "width": True},
        {"name": "x", "width": 10, "fit": "cover"},
        {"name": "x", "height": 10, "fit": "fill"},
        {"name": "x", "width": 8192, "height": 8192, "fit": "fill"},
        {"name": "x", "width": 10, "format": "gif"},
        {"name": "x", "width": 10, "quality": 0},
        {"name": "x", "width": 10, "quality": 101},
        {"name": "x", "width": 10, "gravity": "north"},
        {"name": "x", "width": 10, "watermark": {"text": ""}},
        {"name": "x", "width": 10, "watermark": {"text": "a\nb"}},
        {"name": "x", "width": 10, "watermark": {"text": "漢"}},
        {"name": "x", "width": 10, "watermark": {"text": "a", "opacity": 0}},
        {"name": "x", "width": 10, "watermark": {"text": "a", "position": "middle"}},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Variant.model_validate(wrong)
    with pytest.raises(ValidationError):
        THUMBNAIL.width = 1  # type: ignore[misc]

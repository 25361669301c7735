"""The arithmetic of fitting pictures into boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.imaging.placement import compute_placement
from shared.imaging.variants import Variant


def box(fit: str, width: int | None = None, height: int | None = None) -> Variant:
    return Variant.model_validate({"name": "x", "fit": fit, "width": width, "height": height})


@pytest.mark.parametrize(
    ("variant", "size", "placed"),
    [
        (box("contain", 256, 256), (600, 400), (256, 171)),
        (box("contain", 256, 256), (400, 600), (171, 256)),
        (box("contain", 300), (600, 400), (300, 200)),
        (box("contain", height=100), (600, 400), (150, 100)),
        (box("contain", 256, 256), (100, 50), (100, 50)),
        (box("contain", 256, 256), (65_500, 1), (256, 1)),
        (box("cover", 200, 200), (600, 400), (200, 200)),
        (box("cover", 800, 800), (600, 400), (400, 400)),
        (box("cover", 800, 200), (600, 400), (600, 150)),
        (box("fill", 224, 224), (600, 400), (224, 224)),
        (box("fill", 224, 224), (10, 20), (224, 224)),
    ],
)
def test_sizes(variant: Variant, size: tuple[int, int], placed: tuple[int, int]) -> None:
    placement = compute_placement(variant, *size)
    assert (placement.width, placement.height) == placed


def test_cover_cuts_evenly_and_the_others_cut_nothing() -> None:
    assert compute_placement(box("cover", 200, 200), 600, 400).crop == (100, 0, 500, 400)
    assert compute_placement(box("cover", 100, 200), 600, 400).crop == (200, 0, 400, 400)
    for fit in ("contain", "fill"):
        assert compute_placement(box(fit, 200, 200), 600, 400).crop == (0, 0, 600, 400)


sides = st.integers(1, 70_000)
boxes = st.integers(1, 8192)


@given(fit=st.sampled_from(["contain", "cover"]), width=sides, height=sides, x=boxes, y=boxes)
def test_nothing_is_enlarged_and_nothing_exceeds_its_box(
    fit: str, width: int, height: int, x: int, y: int
) -> None:
    placement = compute_placement(box(fit, x, y), width, height)
    left, top, right, bottom = placement.crop
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert 1 <= placement.width <= min(x, width)
    assert 1 <= placement.height <= min(y, height)


@pytest.mark.parametrize(("side", "margin"), [(64, 1.9), (256, 1.9), (512, 1.9), (1024, 1.0)])
def test_the_decode_is_larger_than_the_target_by_a_margin(side: int, margin: float) -> None:
    assert compute_placement(box("contain", side), 4000, 3000).scale == pytest.approx(
        margin * side / 4000
    )

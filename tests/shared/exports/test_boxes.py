"""Boxes in exported pictures: around the same pixels, whatever became of the picture."""

import io
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from shared.exports.boxes import (
    Detection,
    PlacedObject,
    find_detection,
    find_shown_part,
    place_objects,
)
from shared.exports.entries import ExportEntry
from shared.imaging.rendering import render
from shared.imaging.resize_options import Resize
from shared.imaging.resizing import resize_image
from shared.imaging.variants import Variant

SIZE = (200, 100)
# A red part of a blue picture: left, top, width and height as shares.
RED = {"label": "red", "box": [0.3, 0.2, 0.4, 0.5], "score": None}
CORNER = {"label": "corner", "box": [0.0, 0.0, 0.1, 1.0], "score": 0.5}


def draw() -> bytes:
    picture = Image.new("RGB", SIZE, (0, 0, 255))
    picture.paste((255, 0, 0), (60, 20, 140, 70))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def entry(**columns: Any) -> ExportEntry:
    given: dict[str, Any] = {"id": UUID(int=1), "sha256": "0" * 64, "extension": "png"}
    given |= {"format": "png", "file_size": 1, "width": SIZE[0], "height": SIZE[1]}
    return ExportEntry(**given | columns)


def place(of: ExportEntry, *objects: dict[str, Any]) -> list[PlacedObject]:
    return place_objects(of, Detection("gemini", "1", [*objects]))


def find_red(data: bytes) -> tuple[int, int, int, int]:
    """Return left, top, width and height of what is red in a picture."""
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 127) & (pixels[..., 2] < 128))
    left, top = columns.min(), rows.min()
    return left, top, columns.max() - left + 1, rows.max() - top + 1


def resize(**options: Any) -> tuple[ExportEntry, bytes]:
    made = resize_image(draw(), Resize(**{"format": "png", "background": "#00ff00", **options}))
    box, part = made.box, made.shown_part
    return entry(width=made.width, height=made.height, box=box, shown_part=part), made.data


def test_an_original_has_them_as_they_were_found() -> None:
    assert place(entry(), RED, CORNER) == [
        PlacedObject("red", (60, 20, 80, 50), None),
        PlacedObject("corner", (0, 0, 20, 100), 0.5),
    ]


@pytest.mark.parametrize("mode", ["pad", "cover", "fill", "contain"])
@pytest.mark.parametrize("enlarge", [True, False])
@pytest.mark.parametrize("size", [(100, 100), (64, 48), (31, 77), (300, 90), (640, 640)])
def test_resized_pictures_have_the_object_in_its_box(
    mode: str, enlarge: bool, size: tuple[int, int]
) -> None:
    of, data = resize(width=size[0], height=size[1], mode=mode, enlarge=enlarge)
    assert Image.open(io.BytesIO(data)).size == (of.width, of.height)
    (placed,) = place(of, RED)
    assert np.allclose(placed.box, find_red(data), atol=1.01)


@pytest.mark.parametrize(
    ("mode", "box"),
    [
        ("pad", (30.0, 35.0, 40.0, 25.0)),  # shown at a half, 25 pixels of padding above it
        ("cover", (10.0, 20.0, 80.0, 50.0)),  # of which 50 pixels are cut off at the left
        ("fill", (30.0, 20.0, 40.0, 50.0)),
        ("contain", (30.0, 10.0, 40.0, 25.0)),
    ],
)
def test_what_each_mode_makes_of_a_box(mode: str, box: tuple[float, ...]) -> None:
    of, _ = resize(width=100, height=100, mode=mode)
    assert [one.box for one in place(of, RED)] == [box]


def test_what_is_cut_off_is_cut_or_left_out() -> None:
    of, _ = resize(width=100, height=100, mode="cover")  # shows a quarter to three quarters
    wide = {"label": "wide", "box": [0.0, 0.5, 1.0, 0.25], "score": None}
    edge = {"label": "edge", "box": [0.2, 0.0, 0.1, 1.0], "score": None}
    touching = {"label": "touching", "box": [0.75, 0.0, 0.25, 1.0], "score": None}
    placed = {one.label: one.box for one in place(of, CORNER, wide, edge, touching)}
    assert placed == {"wide": (0.0, 50.0, 100.0, 25.0), "edge": (0.0, 0.0, 10.0, 100.0)}


@pytest.mark.parametrize("fit", ["contain", "cover", "fill"])
@pytest.mark.parametrize("size", [(50, 50), (120, 30), (1000, 1000)])
def test_variants_have_the_object_in_its_box(fit: str, size: tuple[int, int]) -> None:
    options = {"name": "v", "width": size[0], "height": size[1], "format": "png", "fit": fit}
    variant = Variant.model_validate(options)
    (made,) = render(draw(), [variant])
    of = entry(width=made.width, height=made.height)
    (placed,) = place(replace(of, shown_part=find_shown_part(variant.spec, *SIZE)), RED)
    assert np.allclose(placed.box, find_red(made.data), atol=1.01)


def test_whose_objects_they_are() -> None:
    said: dict[str, Any] = {"version": "1", "description": None, "labels": [], "metrics": {}}
    assert find_detection(None) is None
    assert find_detection({"basic": said}) is None
    assert find_detection({"basic": said, "gemini": said | {"objects": []}}) == Detection(
        "gemini", "1", []
    )
    both = {"model:b": said | {"objects": [CORNER]}, "gemini": said | {"objects": [RED]}}
    assert find_detection(both) == Detection("gemini", "1", [RED])

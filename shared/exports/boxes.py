"""Boxes of objects, moved from the picture that was analysed to the one that is exported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.exports.entries import ExportEntry
from shared.imaging.placement import compute_placement
from shared.imaging.variants import Variant

# Left, top, right and bottom as shares of the original.
Part = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PlacedObject:
    """An object in an exported picture; `box` is left, top, width and height in its pixels."""

    label: str
    box: tuple[float, float, float, float]
    score: float | None


@dataclass(frozen=True, slots=True)
class Detection:
    """The objects that an analysis found in a picture, and who made it."""

    analyzer: str
    version: str | None
    objects: list[dict[str, Any]]


def find_detection(analyses: Mapping[str, Any] | None) -> Detection | None:
    """Return the answer of an analyzer that gives boxes, None where there is none.

    `analyses` is what each said last, by its name; of several the first by name counts.
    """
    for analyzer, said in sorted((analyses or {}).items()):
        if (objects := said.get("objects")) is not None:
            return Detection(analyzer, said["version"], objects)
    return None


def find_shown_part(spec: Mapping[str, Any], width: int, height: int) -> Part | None:
    """Return the part of an original that its variant shows; None is all of it.

    `spec` is the variant's specification, `width` and `height` are the original's in pixels.
    """
    if spec.get("fit") != "cover" or not (width and height):
        return None
    variant = Variant.model_validate({"name": "variant", **spec})
    left, top, right, bottom = compute_placement(variant, width, height).crop
    return (left / width, top / height, right / width, bottom / height)


def place_objects(entry: ExportEntry, detection: Detection) -> list[PlacedObject]:
    """Return objects where they are in the exported picture, cut at its edges.

    Those of which nothing is left are left out. Boxes are given in hundredths of a pixel.
    """
    from_left, from_top, to_right, to_bottom = entry.shown_part or (0.0, 0.0, 1.0, 1.0)
    page_left, page_top, page_width, page_height = entry.box or (0, 0, entry.width, entry.height)
    placed = []
    for one in detection.objects:
        x, y, width, height = one["box"]
        left, right = (
            page_left + page_width * _cut((at - from_left) / (to_right - from_left))
            for at in (x, x + width)
        )
        top, bottom = (
            page_top + page_height * _cut((at - from_top) / (to_bottom - from_top))
            for at in (y, y + height)
        )
        box = (round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2))
        if box[2] > 0 and box[3] > 0:
            placed.append(PlacedObject(one["label"], box, one["score"]))
    return placed


def _cut(share: float) -> float:
    return min(1.0, max(0.0, share))

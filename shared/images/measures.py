"""Histograms of what was measured of images."""

import math
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    true,
    values,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.models import Image
from shared.schemas.browsing import ImageMeasures, MeasureHistogram


class _Range(NamedTuple):
    """The limits between which a histogram has its bars, and how wide these are."""

    low: float
    high: float
    scale: Literal["linear", "log"]

    def cut(self, bins: int) -> list[float]:
        """Return the edges of so many bars."""
        if self.scale == "linear":
            return [self.low + (self.high - self.low) * k / bins for k in range(bins + 1)]
        ratio = math.log(self.high / self.low)
        inner = [self.low * math.exp(ratio * k / bins) for k in range(1, bins)]
        return [self.low, *inner, self.high]


# Powers of two, so that the usual sizes are edges where `bins` divides the number of doublings.
_RANGES = {
    "width": _Range(16, 16_384, "log"),
    "height": _Range(16, 16_384, "log"),
    "aspect_ratio": _Range(1 / 16, 16, "log"),
    "bytes": _Range(1024, 2**26, "log"),
    "sharpness": _Range(1, 2**14, "log"),
    "brightness": _Range(0, 1, "linear"),
    "uniformity": _Range(0, 1, "linear"),
}


def measure_images(session: Session, images: Select[Image], bins: int) -> ImageMeasures:
    """Return histograms of the images that a statement selects, from one pass over them."""
    edges = {name: limits.cut(bins) for name, limits in _RANGES.items()}
    image = images.with_only_columns(
        *(value.label(name) for name, value in _list_measures().items())
    ).subquery("image")
    measure = (
        values(column("name", Text), column("value", Double), column("edges", ARRAY(Double)))
        .data(
            [
                (literal(name), image.c[name], cast(ends, ARRAY(Double)))
                for name, ends in edges.items()
            ]
        )
        .lateral("measure")
    )
    value = measure.c.value
    bar = func.width_bucket(value, measure.c.edges)
    rows = session.execute(
        select(measure.c.name, bar, func.count(), func.min(value), func.max(value))
        .select_from(image.join(measure, true()))
        .group_by(measure.c.name, bar)
    ).all()
    histograms = {
        name: _draw([row[1:] for row in rows if row[0] == name], edges[name], limits.scale)
        for name, limits in _RANGES.items()
    }
    total = histograms["bytes"].count + histograms["bytes"].nulls
    return ImageMeasures(total=total, **histograms)


def _draw(rows: list[Any], edges: list[float], scale: Literal["linear", "log"]) -> MeasureHistogram:
    """Return the histogram of rows of a bar, from 0 for what is below, its count and extremes."""
    counts = [0] * (len(edges) - 1)
    nulls = 0
    for bar, count, _, _ in rows:
        if bar is None:
            nulls += count
        else:
            counts[min(max(bar, 1), len(counts)) - 1] += count
    return MeasureHistogram(
        scale=scale,
        edges=edges,
        counts=counts,
        min=min((least for _, _, least, _ in rows if least is not None), default=None),
        max=max((most for _, _, _, most in rows if most is not None), default=None),
        count=sum(counts),
        nulls=nulls,
    )


def _list_measures() -> dict[str, ColumnElement[Any]]:
    return {
        "width": cast(Image.width, Double),
        "height": cast(Image.height, Double),
        "aspect_ratio": cast(Image.width, Double) / cast(func.nullif(Image.height, 0), Double),
        "bytes": cast(Image.file_size, Double),
        "sharpness": Image.sharpness.expression,
        "brightness": Image.brightness.expression,
        "uniformity": Image.uniformity.expression,
    }

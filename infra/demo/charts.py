"""Charts as HTML and SVG without scripts, in the colours of their page."""

import html
import math
from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _FOOT = 320, 120, 18  # of a histogram, in its own units
_MOST_BARS = 12


def draw_bars(counts: Mapping[str, int]) -> str:
    """Return a bar for each name with its number, the largest first; of many the rest in one."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ranked) > _MOST_BARS:
        rest = ranked[_MOST_BARS - 1 :]
        ranked = [*ranked[: _MOST_BARS - 1], (f"{len(rest)} others", sum(n for _, n in rest))]
    most = max((count for _, count in ranked), default=0)
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd><i style='width:{count / most:.1%}'></i>"
        f"<b>{count:,}</b></dd>"
        for name, count in ranked
    )
    return f"<dl class=bars>{rows}</dl>"


def draw_histogram(
    values: Sequence[float], unit: str, *, limit: float | None = None, is_logarithmic: bool = False
) -> str:
    """Return how many values lie where, with a line at what a rule allows at least.

    `unit` names the values. On a logarithmic axis what is below 1 counts as 1.
    """
    if not values:
        return ""
    scale = (lambda value: math.log10(max(value, 1))) if is_logarithmic else float
    places = [scale(value) for value in [*values, *([] if limit is None else [limit])]]
    low, high = (min(places), max(places)) if is_logarithmic else (0.0, max(places))
    span = (high - low) or 1.0
    bins = [0] * 24
    for value in values:
        bins[min(int((scale(value) - low) / span * len(bins)), len(bins) - 1)] += 1
    base, step = _HEIGHT - _FOOT, _WIDTH / len(bins)
    edge = None if limit is None else (scale(limit) - low) / span * _WIDTH
    bars = "".join(
        f"<rect x='{place * step + 0.5:.1f}' y='{base - count / max(bins) * (base - 12):.1f}' "
        f"width='{step - 1:.1f}' height='{count / max(bins) * (base - 12):.1f}'"
        f"{' class=out' if edge is not None and (place + 0.5) * step < edge else ''}>"
        f"<title>{count}</title></rect>"
        for place, count in enumerate(bins)
        if count
    )
    ends = [(0, "start", low), (_WIDTH, "end", high)]
    texts = "".join(
        f"<text x='{x}' y='{_HEIGHT - 4}' text-anchor={anchor}>"
        f"{_format(10**value if is_logarithmic else value)}</text>"
        for x, anchor, value in ends
    )
    line = ""
    if edge is not None and limit is not None:
        anchor = "end" if edge > _WIDTH / 2 else "start"
        line = (
            f"<line x1='{edge:.1f}' x2='{edge:.1f}' y1=0 y2='{base}'/>"
            f"<text x='{edge + (-4 if anchor == 'end' else 4):.1f}' y=9 text-anchor={anchor} "
            f"class=limit>at least {_format(limit)}</text>"
        )
    label = f"{len(values)} values of {unit}, from {_format(min(values))} to {_format(max(values))}"
    return (
        f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role=img aria-label='{html.escape(label)}'>"
        f"{bars}<line class=axis x1=0 x2='{_WIDTH}' y1='{base}' y2='{base}'/>{line}{texts}"
        f"<text x='{_WIDTH / 2}' y='{_HEIGHT - 4}' text-anchor=middle>{html.escape(unit)}</text>"
        "</svg>"
    )


def _format(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"

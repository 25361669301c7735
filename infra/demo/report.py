"""The report of a run as one HTML page that needs nothing else."""

import base64
import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.demo.charts import draw_bars, draw_histogram

_STYLE = Path(__file__).with_name("report.css")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class DemoRun:
    """A run, as the API tells of it.

    `job`, `report` and `export` are as it answers. `images` are the rows of a table of all images
    that count, `violations` the rules that images break and `thumbnails` encoded pictures, both by
    the image's id; `rules` are those of the validation.
    """

    job: Row
    report: Row
    export: Row
    images: Sequence[Row] = ()
    rules: Row = field(default_factory=dict)
    violations: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    thumbnails: Mapping[str, bytes] = field(default_factory=dict)


def render_report(found: DemoRun) -> str:
    """Return the page: figures, why addresses failed and images are invalid, and the images."""
    title = html.escape(found.job["name"])
    sections = [
        _render_section("Why addresses failed", _render_failures(found.report)),
        _render_section("Why images are invalid", _render_rules(found)),
        _render_section("Width", _draw(found, "width", "pixels", "min_width")),
        _render_section("Height", _draw(found, "height", "pixels", "min_height")),
        _render_section(
            "Sharpness", _draw(found, "sharpness", "variance of the Laplacian", "min_sharpness")
        ),
        *(
            _render_section(name, draw_bars(found.report[key]) if found.report[key] else "")
            for name, key in (
                ("Formats", "formats"),
                ("Licences", "licenses"),
                ("Hosts", "source_hosts"),
            )
        ),
    ]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><meta name=color-scheme "
        f"content='light dark'><title>{title}</title><style>{_STYLE.read_text()}</style>"
        f"<h1>{title}</h1><ul class=figures>{_render_figures(found)}</ul>"
        f"<div class=columns>{''.join(sections)}</div>{_render_gallery(found)}"
    )


def _render_figures(found: DemoRun) -> str:
    job, rate = found.job, found.report["images_per_second"]
    figures = {
        "addresses": job["total_images"],
        "images": job["downloaded_images"],
        "duplicates": job["duplicate_images"],
        "failed": job["failed_images"],
        "valid": job["valid_images"],
        "exported": found.export["exported_images"],
        "MB": f"{found.report['total_bytes'] / 1e6:,.1f}",
        "images per second": f"{rate:,.0f}" if rate else "unknown",
    }
    return "".join(f"<li><b>{value}</b> {name}</li>" for name, value in figures.items())


def _render_failures(report: Row) -> str:
    if not report["failure_reasons"]:
        return ""
    rows = "".join(
        f"<tr><td>{_link(one['url'], one['url'])}</td><td>{html.escape(one['reason'])}<br>"
        f"<small>{html.escape(one['detail'] or '')}</small></td></tr>"
        for one in report["failed_urls"]
    )
    return (
        f"{draw_bars(report['failure_reasons'])}<details><summary>Which, and what they said"
        f"</summary><table>{rows}</table></details>"
    )


def _render_rules(found: DemoRun) -> str:
    broken = Counter(one["rule"] for some in found.violations.values() for one in some)
    return draw_bars(broken) if broken else ""


def _draw(found: DemoRun, measure: str, unit: str, rule: str) -> str:
    values = [image[measure] for image in found.images if image[measure] is not None]
    limit = found.rules.get(rule)
    return draw_histogram(values, unit, limit=limit, is_logarithmic=measure == "sharpness")


def _render_gallery(found: DemoRun) -> str:
    shown = [image for image in found.images if image["image_id"] in found.thumbnails]
    figures = "".join(_render_image(image, found) for image in shown)
    count = f"{len(shown):,} of {len(found.images):,}"
    return f"<h2>What was collected <small>{count}</small></h2><div class=gallery>{figures}</div>"


def _render_image(image: Row, found: DemoRun) -> str:
    data = base64.b64encode(found.thumbnails[image["image_id"]]).decode()
    name = image["caption"] or image["label"] or "an image"
    picture = f"<img loading=lazy alt='{html.escape(name)}' src='data:image/webp;base64,{data}'>"
    violations = "".join(
        f"<br><em>{html.escape(_explain(one))}</em>"
        for one in found.violations.get(image["image_id"], ())
    )
    kind = " class=invalid" if violations else ""
    return (
        f"<figure{kind}>{_link(image['original_url'], picture, is_html=True)}<figcaption>"
        f"{image['width']} &times; {image['height']}{violations}</figcaption></figure>"
    )


def _explain(violation: Row) -> str:
    actual = violation["actual"]
    shown = f"{actual:,.4g}" if isinstance(actual, float) else actual
    return f"{violation['rule']} {violation['limit']}: it has {shown}"


def _link(address: str | None, text: str, *, is_html: bool = False) -> str:
    """Return a text that leads to an address; what is none of the web leads nowhere."""
    inner = text if is_html else html.escape(text)
    if address is None or urlsplit(address).scheme not in ("http", "https"):
        return inner
    return f"<a href='{html.escape(address)}' rel='noreferrer'>{inner}</a>"


def _render_section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>" if content else ""

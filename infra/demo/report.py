"""The report of a run as one HTML page that needs nothing else."""

import base64
import html
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
color: #222; overflow-wrap: anywhere }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem 1rem .2rem 0;
text-align: left; border-bottom: 1px solid #ddd } img { max-width: 100% }
.columns { display: flex; flex-wrap: wrap; gap: 3rem }
"""


def render_report(
    job: dict[str, Any], report: dict[str, Any], export: dict[str, Any], sheet: bytes
) -> str:
    """Return the page: the crawl's figures, the failures by reason, and a contact sheet."""
    totals = {
        "addresses": job["total_images"],
        "images": job["downloaded_images"],
        "valid": job["valid_images"],
        "duplicates": job["duplicate_images"],
        "failed": job["failed_images"],
        "exported": export["exported_images"],
        "seconds": report["duration_seconds"],
        "images per second": report["images_per_second"],
    }
    tables = [
        _render_table("Totals", totals),
        _render_table("Why addresses failed", report["failure_reasons"]),
        _render_table("Which failed", {one["url"]: one["reason"] for one in report["failed_urls"]}),
        _render_table("Formats", report["formats"]),
        _render_table("Longer side, in pixels", report["sizes"]),
        _render_table("Licences", report["licenses"]),
        _render_table("Hosts", report["source_hosts"]),
    ]
    picture = base64.b64encode(sheet).decode()
    return (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(job['name'])}</title>"
        f"<style>{_STYLE}</style><h1>{html.escape(job['name'])}</h1>"
        f"<div class=columns>{''.join(tables)}</div>"
        f'<h2>What was collected</h2><img alt="contact sheet" '
        f'src="data:image/jpeg;base64,{picture}">'
    )


def _render_table(title: str, rows: dict[str, Any]) -> str:
    cells = "".join(
        f"<tr><td>{html.escape(str(name))}</td><td>{html.escape(_format_number(value))}</td></tr>"
        for name, value in rows.items()
    )
    return f"<section><h2>{title}</h2><table>{cells}</table></section>" if rows else ""


def _format_number(value: Any) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)

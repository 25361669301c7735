"""The page of limits, with the numbers that the code holds to."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from infra.site.markdown import join_blocks, render_table
from shared.exports.planning import MOST_SHARDS
from shared.exports.queries import MAX_CLASSES
from shared.images.edits import MOST_CHANGED, MOST_REJECTED
from shared.imaging.limits import Limits
from shared.inference.image_form import MOST_BYTES
from shared.inference.protocol import MAX_REQUEST
from shared.manifests import limits as manifests
from shared.quotas import QUOTAS
from shared.rights import robots_rules
from shared.schemas.crawl_options import CrawlOptions
from shared.schemas.metadata import MAX_METADATA
from shared.schemas.predictions import MAX_IMAGES
from shared.schemas.uploads import MAX_UPLOAD_BYTES
from shared.settings import Settings, to_variable
from shared.states import MAX_LEASES

_HEAD = """\
# Limits

What holds, in numbers, as the code has them. Where a variable is named it can be [set](settings.md); bounds of single fields
stand in the [schemas](schemas.md).
"""


def render_limits() -> str:
    """Return the page."""
    parts = [
        f"## {title}\n\n{render_table(('what', 'limit'), list(rows))}"
        for title, rows in (
            ("An image", _list_image()),
            ("A crawl", _list_crawl()),
            ("A table of addresses", _list_manifest()),
            ("An export", _list_export()),
            ("A model", _list_model()),
            ("An account", _list_account()),
        )
    ]
    return join_blocks(_HEAD, *parts)


def format_bytes(count: float) -> str:
    """Return a number of bytes in the largest unit that it fills: ``32 MiB``."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:,.4g} {unit}"
        count /= 1024
    return f"{count:,.4g} TiB"


def _list_image() -> Iterator[Sequence[str]]:
    limits = Limits()
    yield "formats", ", ".join(limits.formats)
    yield "file, crawled", f"{format_bytes(_find('max_image_bytes'))}, {_name('max_image_bytes')}"
    yield "file, uploaded", format_bytes(MAX_UPLOAD_BYTES)
    yield "pixels", f"{limits.max_pixels:,}, and {limits.max_side:,} on a side"
    yield "memory of a decoder", f"{limits.max_decoded_bytes:,} bytes"
    yield "frames of an animation", f"{limits.max_frames:,}"
    yield "scans of a progressive JPEG", f"{limits.max_scans}"
    yield "segments, chunks or blocks of a file", f"{limits.max_parts:,}"
    yield "`metadata`", f"{format_bytes(MAX_METADATA)} as JSON"
    yield "images changed by one request", f"{MOST_CHANGED:,}; rejected: {MOST_REJECTED:,}"


def _list_crawl() -> Iterator[Sequence[str]]:
    most = next(
        one.le for one in CrawlOptions.model_fields["max_images"].metadata if hasattr(one, "le")
    )
    yield "images", f"{most:,}"
    asked = f"{_find('crawl_per_host')} requests at a time, {_find('crawl_host_rate')} a second"
    names = f"{_name('crawl_per_host')}, {_name('crawl_host_rate')}"
    yield "asked of a host by all workers together", f"{asked}, {names}"
    yield "one attempt at one address", f"{_find('crawl_timeout')} s, {_name('crawl_timeout')}"
    yield (
        "patience with a host that is closed",
        f"{_find('crawl_patience'):,} s, {_name('crawl_patience')}",
    )
    yield "robots.txt", f"{format_bytes(robots_rules.MAX_BYTES)} are read"
    yield "workers that one chunk may lose", f"{MAX_LEASES}"


def _list_manifest() -> Iterator[Sequence[str]]:
    yield "rows", f"{manifests.MAX_ROWS:,}"
    yield "file", f"{format_bytes(manifests.MAX_BYTES)}, {_name('max_manifest_bytes')}"
    yield "text, unpacked", format_bytes(manifests.MAX_TEXT)
    yield "one row", format_bytes(manifests.MAX_RECORD)
    yield "columns", f"{manifests.MAX_COLUMNS}"


def _list_export() -> Iterator[Sequence[str]]:
    yield "classes of an archive", f"{MAX_CLASSES:,}"
    yield "shards", f"{MOST_SHARDS:,}"
    yield "kept for", f"{_find('export_life') / 86_400:.0f} days, {_name('export_life')}"
    yield (
        "with a SHA-256",
        f"up to {format_bytes(_find('export_hashed_bytes'))}, {_name('export_hashed_bytes')}",
    )


def _list_model() -> Iterator[Sequence[str]]:
    yield "file", f"{format_bytes(_find('max_model_bytes'))}, {_name('max_model_bytes')}"
    yield "rows of one prediction", f"{_find('max_batch'):,}, {_name('max_batch')}"
    yield "images of one prediction", f"{MAX_IMAGES}, and {format_bytes(MOST_BYTES)} as a tensor"
    yield "body of `/v2/models/…/infer`", format_bytes(MAX_REQUEST)
    yield "memory of its process", f"{format_bytes(_find('model_memory'))}, {_name('model_memory')}"
    yield "one run", f"{_find('model_seconds')} s, {_name('model_seconds')}"


def _list_account() -> Iterator[Sequence[str]]:
    for one in fields(QUOTAS):
        yield one.name.replace("_", " ").replace("active ", "at work: "), f"{one.default:,}"


def _find(setting: str) -> int:
    (value,) = [one.default for one in fields(Settings) if one.name == setting]
    if not isinstance(value, int):
        raise TypeError(f"{setting} has no number")
    return value


def _name(setting: str) -> str:
    return f"`{to_variable(setting)}`"

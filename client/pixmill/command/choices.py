"""Options of crawls and exports that several commands have, and how they are written."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from pixmill import types
from pixmill.jobs import ExportFormat

_Function = TypeVar("_Function", bound=Callable[..., Any])


LAYOUTS = ("imagefolder", "webdataset", "coco", "huggingface")  # of archives
TABLES = ("csv", "json", "parquet")


class SplitsType(click.ParamType[dict[str, float]]):
    """Shares by name, as in train=0.8,test=0.2."""

    name = "splits"

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, float]:
        """Return the shares. Fails for what does not add up to 1."""
        if isinstance(value, dict):
            return value
        shares: dict[str, float] = {}
        for part in value.split(","):
            name, found, share = part.partition("=")
            name = name.strip()
            try:
                is_share = bool(found and name) and 0 < float(share) <= 1
            except ValueError:
                is_share = False
            if not is_share:
                self.fail(f"{part!r} is no share; write it as train=0.8,test=0.2.", param, ctx)
            if name in shares:
                self.fail(f"{name} is named twice.", param, ctx)
            shares[name] = float(share)
        if abs(sum(shares.values()) - 1) > 1e-6:
            self.fail(f"the shares add up to {sum(shares.values()):g}, and not to 1.", param, ctx)
        return shares


_CRAWL = (
    click.option("--url-column", metavar="NAME", help="A table's column of addresses."),
    click.option("--label-column", metavar="NAME", help="A table's column of labels."),
    click.option("--caption-column", metavar="NAME", help="A table's column of captions."),
    click.option("--license-column", metavar="NAME", help="A table's column of licences."),
    click.option("--max-images", type=click.IntRange(1, 1_000_000), help="The most to collect."),
    click.option(
        "--dedup",
        type=click.Choice(["none", "exact", "perceptual"]),
        default="exact",
        show_default=True,
        help="Which pictures count as one: perceptual drops near copies too.",
    ),
    click.option(
        "--depth", type=click.IntRange(0, 10), default=0, help="Links of pages to follow."
    ),
    click.option("--label", metavar="TEXT", help="The label of all images of pages or a folder."),
)
_EXPORT = (
    click.option("--splits", type=SplitsType(), help="Shares, as in train=0.8,test=0.2."),
    click.option("--stratify", is_flag=True, help="Give each label its share of every split."),
    click.option("--group-by", metavar="KEY", multiple=True, help="Keep together: host, label, …"),
    click.option(
        "--size", type=click.IntRange(1, 8192), help="Make pictures of so many pixels a side."
    ),
    click.option(
        "--resize",
        "resize_mode",
        type=click.Choice(["cover", "pad", "contain", "fill"]),
        default="cover",
        show_default=True,
        help="How pictures become --size: cut, bordered, smaller, or bent.",
    ),
    click.option(
        "--layout",
        type=click.Choice([*LAYOUTS, *TABLES]),
        default="imagefolder",
        show_default=True,
    ),
)


def crawl_options(function: _Function) -> _Function:
    """Give a command the options of a crawl."""
    return functools.reduce(lambda one, option: option(one), reversed(_CRAWL), function)


def export_options(function: _Function) -> _Function:
    """Give a command the options of an export."""
    return functools.reduce(lambda one, option: option(one), reversed(_EXPORT), function)


def name_columns(given: dict[str, Any]) -> types.ManifestColumns:
    """Return the columns that were named."""
    columns: Any = {
        field: given[f"{field}_column"]
        for field in ("url", "label", "caption", "license")
        if given.get(f"{field}_column")
    }
    return columns  # type: ignore[no-any-return]


def make_crawl_options(given: dict[str, Any]) -> types.CrawlOptions:
    """Return the options of a crawl that were chosen."""
    options: types.CrawlOptions = {"dedup": given["dedup"]}
    if given.get("max_images"):
        options["max_images"] = given["max_images"]
    return options


def make_export(given: dict[str, Any]) -> tuple[ExportFormat, Any]:
    """Return the format and options of an export."""
    layout = given["layout"]
    if layout in TABLES:
        return layout, _split(given)
    options = {"layout": layout, **_split(given)}
    if size := given.get("size"):
        options["resize"] = {"width": size, "height": size, "mode": given["resize_mode"]}
    return ("tar" if layout == "webdataset" else "zip"), options


def make_split(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options about splits that were chosen."""
    return _split(given)


def _split(given: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if given.get("splits"):
        options["splits"] = given["splits"]
    if given.get("stratify"):
        options["stratify"] = "label"
    if given.get("group_by"):
        options["group_by"] = list(given["group_by"])
    return options

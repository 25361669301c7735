"""Entries of a list that give an image another label or caption than the entry that counts."""

from typing import Any

from sqlalchemy import Label, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.images.selection import make_list_order
from shared.models import CrawlJob, Image


def select_conflicts(job: CrawlJob) -> Select[*tuple[Any, ...]]:
    """Select the entries whose label or caption a job's dataset does not hold, in their order.

    Each is an image of its own with what its entry says, a duplicate that `kept_image_id` stands
    for: the original if this job brought it, or else the first of its duplicates here. Captions of
    pages and engines do not count, since each words its own.
    """
    entry = (
        select(
            Image.id.label("image_id"),
            Image.original_url.label("url"),
            Image.label,
            Image.caption,
            _of_first(Image.id),
            _of_first(Image.label),
            _of_first(Image.caption),
        )
        .where(Image.crawl_job_id == job.id, Image.status == "completed", ~Image.rejected)
        .subquery("entry")
    )
    differs = [
        entry.c[name].is_not(None) & entry.c[name].is_distinct_from(entry.c[f"kept_{name}"])
        for name in (
            ("label",) if job.source["type"] in ("pages", "keywords") else ("label", "caption")
        )
    ]
    return select(entry).where(or_(*differs)).order_by(entry.c.image_id)


def _of_first(column: InstrumentedAttribute[Any]) -> Label[Any]:
    """Return what the entry that stands for an image has in a column."""
    return (
        func.first_value(column)
        .over(
            partition_by=func.coalesce(Image.duplicate_of, Image.id),
            order_by=(Image.is_duplicate, *make_list_order(Image)),
        )
        .label(f"kept_{column.key}" if column.key != "id" else "kept_image_id")
    )

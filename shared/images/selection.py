"""Selects images as a dataset holds them: each picture once, by the original that stands for it."""

from functools import cache
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from shared.models import Image


@cache
def original() -> type[Image]:
    """Return the alias of the image that stands for an entry in a dataset.

    Made on first use: it configures all mappers, for which no function should wait to start.
    """
    return aliased(Image, name="original")


def source_id() -> ColumnElement[UUID]:
    """Return SQL for the id of the image that tells where an entry's bytes come from.

    It is the entry itself where its bytes are those of the image that stands for it.
    """
    kept = original()
    return case((Image.sha256 == kept.sha256, Image.id), else_=kept.id)


def select_dataset_images(
    project_id: UUID,
    crawl_job_id: UUID | None = None,
    *,
    with_invalid: bool = False,
    with_duplicates: bool = False,
) -> Select[Image, Image]:
    """Select images of a project, or what a crawl job brought or found there already.

    Each row is an entry (`Image`: what came from a source) and the stored image that stands for
    it (`original`), often the same. A crawl job's duplicates are stood for by their originals,
    whoever brought these; of several with one original the first in its list counts. An entry whose
    bytes equal its original's is valid by its own verdict, any other by the original's.
    """
    kept = original()
    conditions = [
        Image.project_id == project_id,
        *_belongs(Image, with_invalid=with_invalid),
        kept.status == "completed",
        kept.file_path.is_not(None),
        ~kept.rejected,
    ]
    if crawl_job_id is not None:
        conditions.append(Image.crawl_job_id == crawl_job_id)
    stands_for: ColumnElement[bool] = kept.id == Image.id
    if not with_duplicates and crawl_job_id is None:
        conditions.append(~Image.is_duplicate)
    elif not with_duplicates:
        stands_for = kept.id == func.coalesce(Image.duplicate_of, Image.id)
        conditions.append(_counts_once(crawl_job_id, with_invalid=with_invalid))
    images = select(Image, kept).select_from(Image).join(kept, stands_for)
    return images.where(*conditions)


def make_list_order(
    entry: type[Image],
) -> tuple[SQLColumnExpression[int], SQLColumnExpression[UUID]]:
    """Return the key of a job's entries: their places in its list, where it has one, then time."""
    return func.coalesce(entry.list_position, -1), entry.id


def _belongs(entry: type[Image], *, with_invalid: bool) -> list[ColumnElement[bool]]:
    kept = original()
    verdict = case((entry.sha256 == kept.sha256, entry.is_valid), else_=kept.is_valid)
    conditions = [entry.status == "completed", ~entry.rejected]
    return conditions if with_invalid else [*conditions, verdict]


def _counts_once(crawl_job_id: UUID | None, *, with_invalid: bool) -> ColumnElement[bool]:
    """Return SQL for: the original is not of this job, and no earlier entry has the same one."""
    earlier = aliased(Image)
    is_second = exists().where(
        earlier.duplicate_of == Image.duplicate_of,
        earlier.crawl_job_id == crawl_job_id,
        tuple_(*make_list_order(earlier)) < tuple_(*make_list_order(Image)),
        *_belongs(earlier, with_invalid=with_invalid),
    )
    return or_(
        Image.duplicate_of.is_(None),
        and_(original().crawl_job_id.is_distinct_from(crawl_job_id), ~is_second),
    )

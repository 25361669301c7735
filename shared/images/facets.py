"""Numbers of images by what can be filtered by."""

from collections import defaultdict
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from shared.images.filters import extract_reason, list_conditions
from shared.images.queries import extract_host
from shared.models import Image
from shared.schemas.browsing import FacetQuery, ImageFacets

_LABELS = 200
_VALUES = 100
_FLAGS = ("valid", "duplicate", "rejected")


def count_facets(session: Session, images: Select[Image], filters: FacetQuery) -> ImageFacets:
    """Count images by each property, in one pass over them.

    `images` selects those that are there without the filters. An image that fails the filters of
    one property counts for that property alone, one that fails those of two for none.
    """
    properties: dict[str, ColumnElement[Any]] = {
        "label": Image.label.expression,
        "format": Image.format.expression,
        "license": Image.license.expression,
        "host": extract_host(Image.original_url),
        "status": Image.status.expression,
        "reason": extract_reason(),
        "valid": cast(Image.is_valid, Text),
        "duplicate": cast(Image.is_duplicate, Text),
        "rejected": cast(Image.rejected, Text),
    }
    conditions = defaultdict(list)
    for name, condition in list_conditions(filters):
        conditions[name].append(condition)
    images = images.where(*conditions.pop("other", ()))
    fails = {name: ~func.coalesce(and_(*own), False) for name, own in conditions.items()}
    failed: ColumnElement[Any] = null()
    if fails:
        number = reduce(add, (cast(one, Integer) for one in fails.values()))
        images = images.where(number <= 1)
        failed = case(*((one, literal(name)) for name, one in fails.items()))
    image = images.with_only_columns(
        cast(failed, Text).label("failed"),
        *(value.label(name) for name, value in properties.items()),
    ).subquery("image")
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in properties}
    total, other = 0, dict[str, int]()
    for name, value, count, whole in session.execute(_rank(_count(image, list(properties), fails))):
        if name is None:
            total = count
            continue
        if name == "reason" and value is None:
            other[name] = other.get(name, whole) - count  # what has not failed has no reason
            continue
        found[name].append({"value": value == "true" if name in _FLAGS else value, "count": count})
        other[name] = other.get(name, whole) - count
    return ImageFacets(
        total=total, other={name: rest for name, rest in other.items() if rest}, **found
    )


def _count(image: FromClause, names: list[str], restricted: Any) -> FromClause:
    """Count images by each value of each property, and under no name those that fail nothing."""
    # Each row is grouped by one of the columns, the others being NULL; the last one by none.
    is_of = {name: func.grouping(image.c[name]) == 0 for name in names}
    count: ColumnElement[int] = func.count().filter(image.c.failed.is_(None))
    if restricted:
        for_one = ((is_of[one], func.count().filter(image.c.failed == one)) for one in restricted)
        count += case(*for_one, else_=0)
    columns = [image.c[name] for name in names]
    return (
        select(
            case(*((is_one, literal(name)) for name, is_one in is_of.items())).label("name"),
            func.coalesce(*columns).label("value"),
            count.label("count"),
        )
        .group_by(func.grouping_sets(*(tuple_(one) for one in columns), tuple_()))
        .having(or_(count > 0, and_(*(~one for one in is_of.values()))))
        .subquery("counts")
    )


def _rank(counts: FromClause) -> Select[Any, Any, int, int]:
    """Select the commonest values of each property, those that are unknown, and sums of all."""
    place = func.row_number().over(
        partition_by=counts.c.name, order_by=(counts.c.count.desc(), counts.c.value)
    )
    whole = cast(func.sum(counts.c.count).over(partition_by=counts.c.name), BigInteger)
    ranked = select(counts, place.label("place"), whole.label("whole")).subquery("ranked")
    most = case((ranked.c.name == "label", _LABELS), else_=_VALUES)
    return (
        select(ranked.c.name, ranked.c.value, ranked.c["count"], ranked.c.whole)
        .where(or_(ranked.c.place <= most, ranked.c.value.is_(None)))
        .order_by(ranked.c.name, ranked.c.place)
    )

"""The rules that an image may break: a table of checks, for values and compiled to SQL."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    case,
    cast,
    func,
    literal,
    null,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from shared.models import Image
from shared.schemas.validations import RuleName, Rules


class Measured(Protocol):
    """The measures of an image; an `Image` row has them all."""

    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def file_size(self) -> int | None: ...
    @property
    def format(self) -> str | None: ...
    @property
    def sharpness(self) -> float | None: ...
    @property
    def brightness(self) -> float | None: ...
    @property
    def uniformity(self) -> float | None: ...
    @property
    def frames(self) -> int | None: ...
    @property
    def channels(self) -> int | None: ...
    @property
    def license(self) -> str | None: ...


@dataclass(frozen=True)
class _Check:
    """One rule: what it measures, and when a measure breaks its limit.

    `breaks` works on two values as well as on an SQL expression and a value. A measure that is
    unknown breaks every limit, since nothing shows that the image keeps it.
    """

    rule: RuleName
    measure: str
    breaks: Callable[[Any, Any], Any]


def _is_not_one_of(actual: Any, allowed: list[str]) -> Any:
    if isinstance(actual, ColumnElement):
        return actual.not_in(allowed)
    return actual not in allowed


def _is_animated(frames: Any, _limit: bool) -> Any:
    return frames > 1


def _is_grayscale(channels: Any, _limit: bool) -> Any:
    return channels < 3


def _is_never_broken(_license: Any, _limit: bool) -> Any:
    return False  # only being unknown breaks the rule


_CHECKS = (
    _Check("min_width", "width", operator.lt),
    _Check("min_height", "height", operator.lt),
    _Check("max_width", "width", operator.gt),
    _Check("max_height", "height", operator.gt),
    _Check("min_bytes", "file_size", operator.lt),
    _Check("max_bytes", "file_size", operator.gt),
    _Check("allowed_formats", "format", _is_not_one_of),
    _Check("min_aspect_ratio", "aspect_ratio", operator.lt),
    _Check("max_aspect_ratio", "aspect_ratio", operator.gt),
    _Check("min_sharpness", "sharpness", operator.lt),
    _Check("min_brightness", "brightness", operator.lt),
    _Check("max_brightness", "brightness", operator.gt),
    _Check("max_uniformity", "uniformity", operator.gt),
    _Check("allow_animated", "frames", _is_animated),
    _Check("allow_grayscale", "channels", _is_grayscale),
    _Check("require_license", "license", _is_never_broken),
)


def find_violations(rules: Rules, image: Measured) -> list[dict[str, Any]]:
    """Return the rules that one image breaks, as ``{"rule", "limit", "actual"}`` in a fixed order.

    `near_duplicate_distance` concerns pairs of images; see `shared.images.similarity`.
    """
    return [
        {"rule": check.rule, "limit": limit, "actual": actual}
        for check, limit in _select_checks(rules)
        for actual in [_measure(image, check.measure)]
        if actual is None or check.breaks(actual, limit)
    ]


def build_violations_expression(
    rules: Rules,
    images: FromClause = Image.__table__,
    near_duplicate: ColumnElement[int] | None = None,
) -> ColumnElement[Any]:
    """Build SQL for the same list as a jsonb array, one per row of `images` (table or alias).

    `near_duplicate` is an expression for the distance to an earlier image, NULL without one; where
    it is given, `near_duplicate_distance` is checked as well.
    """
    found = [
        _build_violation(
            check.rule, limit, _build_measure(images, check.measure), _breaks(check, limit, images)
        )
        for check, limit in _select_checks(rules)
    ]
    if near_duplicate is not None and rules.near_duplicate_distance is not None:
        found.append(
            _build_violation(
                "near_duplicate_distance",
                rules.near_duplicate_distance,
                near_duplicate,
                near_duplicate.is_not(None),
            )
        )
    if not found:
        return literal([], JSONB)
    return func.to_jsonb(func.array_remove(array(found), null()), type_=JSONB)


def list_broken_rules(
    rules: Rules, images: FromClause = Image.__table__
) -> dict[RuleName, ColumnElement[bool]]:
    """Return SQL for whether a row of `images` breaks a rule, for each but those about pairs."""
    return {check.rule: _breaks(check, limit, images) for check, limit in _select_checks(rules)}


def _breaks(check: _Check, limit: Any, images: FromClause) -> ColumnElement[bool]:
    actual = _build_measure(images, check.measure)
    return or_(actual.is_(None), check.breaks(actual, limit))


def _select_checks(rules: Rules) -> Iterator[tuple[_Check, Any]]:
    """Yield the checks with their limits, without those whose rule is at its default."""
    for check in _CHECKS:
        limit = getattr(rules, check.rule)
        if limit != Rules.model_fields[check.rule].default:
            yield check, limit


def _measure(image: Measured, measure: str) -> Any:
    if measure == "aspect_ratio":
        return image.width / image.height if image.width is not None and image.height else None
    if measure == "license":
        return image.license or None
    return getattr(image, measure)


def _build_measure(images: FromClause, measure: str) -> ColumnElement[Any]:
    if measure == "aspect_ratio":
        return cast(images.c.width, Double) / cast(func.nullif(images.c.height, 0), Double)
    if measure == "license":
        return func.nullif(images.c.license, "")
    return images.c[measure]


def _build_violation(
    rule: str, limit: Any, actual: ColumnElement[Any], broken: ColumnElement[bool]
) -> ColumnElement[Any]:
    return case(
        (
            broken,
            func.jsonb_build_object(
                "rule", rule, "limit", literal(limit, JSONB), "actual", func.to_jsonb(actual)
            ),
        )
    )

"""Variants that were asked for of an image by hand, and are not made yet or cannot be.

A request is gone from its image when its variant is there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.imaging.variants import Variant
from shared.models import Image
from shared.states import MAX_REASON

_MOST = 100  # of an image; the oldest give way


def add_requests(image: Image, variants: Sequence[Variant]) -> None:
    """Write down that variants of an image, which is locked, are waited for."""
    _put(image, [_make_request(one, "pending", None) for one in variants])


def remove_requests(session: Session, made: Iterable[tuple[UUID, Variant]]) -> None:
    """Remove the requests for variants that have been made, given with their image's id."""
    done: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for image_id, one in made:
        done[image_id][one.name] = one.spec
    for image in _select_images(session, done, Image.variant_requests.is_not(None)):
        specs = done[image.id]
        requests = image.variant_requests or []
        left = [one for one in requests if one["spec"] != specs.get(one["name"])]
        image.variant_requests = left or None


def fail_requests(
    session: Session, failed: Mapping[UUID, str], variants: Sequence[Variant]
) -> None:
    """Write down why the variants of images cannot be made, by the image's id."""
    for image in _select_images(session, failed):
        reason = failed[image.id][:MAX_REASON]
        _put(image, [_make_request(one, "failed", reason) for one in variants])


def _select_images(
    session: Session, image_ids: Collection[UUID], *conditions: ColumnElement[bool]
) -> Iterable[Image]:
    """Lock the images that are left, and return them."""
    statement = select(Image).where(Image.id.in_(image_ids), *conditions).order_by(Image.id)
    return session.scalars(statement.with_for_update(key_share=True))


def _make_request(variant: Variant, status: str, reason: str | None) -> dict[str, Any]:
    return {
        "name": variant.name,
        "spec": variant.spec,
        "status": status,
        "failure_reason": reason,
    }


def _put(image: Image, requests: list[dict[str, Any]]) -> None:
    """Put requests in the place of older ones for the same names."""
    names = {one["name"] for one in requests}
    older = [one for one in image.variant_requests or [] if one["name"] not in names]
    image.variant_requests = [*older, *requests][-_MOST:]

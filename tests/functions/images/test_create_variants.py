"""Asking for further renditions; `renditions/derive` makes them."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Image
from tests import factories
from tests.harness import Person, System, expect

SMALL = {"name": "small", "width": 32, "format": "png"}


@pytest.fixture
def image(person: Person, session: Session) -> Image:
    return factories.store_image(session, factories.project(session, person.id))


def test_they_are_there_once_they_are_made(system: System, person: Person, image: Image) -> None:
    path = f"/v1/images/{image.id}"
    assert person.post(f"{path}/variants", {"variants": [SMALL]}, 202)["variants"] == []
    system.drain()
    (variant,) = person.get(path)["variants"]
    assert (variant["name"], variant["width"], variant["height"]) == ("small", 32, 24)
    assert person.request("GET", f"{path}/content?variant=small").status_code == 302


@pytest.mark.parametrize(
    ("variants", "pointer"),
    [
        ([], "/variants"),
        ([{"name": "small"}], "/variants/0"),
        ([SMALL, SMALL], "/variants"),
        ([SMALL | {"name": "../x"}], "/variants/0/name"),
        ([SMALL | {"width": 0}], "/variants/0/width"),
        ([SMALL | {"width": 8193}], "/variants/0/width"),
        ([SMALL | {"fit": "cover"}], "/variants/0"),
        ([SMALL | {"format": "gif"}], "/variants/0/format"),
        ([SMALL | {"quality": 101}], "/variants/0/quality"),
        ([SMALL | {"quality": 80}], "/variants/0/quality"),
        ([SMALL | {"colour": "red"}], "/variants/0/colour"),
        ([SMALL | {"watermark": {"text": ""}}], "/variants/0/watermark/text"),
        ([SMALL, SMALL | {"name": "b", "height": "x"}], "/variants/1/height"),
        ([SMALL | {"name": f"v{number}"} for number in range(21)], "/variants"),
    ],
)
def test_a_bad_specification_is_named(
    system: System, person: Person, image: Image, variants: list[Any], pointer: str
) -> None:
    response = person.request("POST", f"/v1/images/{image.id}/variants", {"variants": variants})
    assert [error["pointer"] for error in expect(response, 422)["errors"]] == [pointer]
    assert system.mailbox.sent == []


@pytest.mark.parametrize("status", ["processing", "failed"])
def test_an_image_that_is_none_yet(
    person: Person, session: Session, image: Image, status: str
) -> None:
    image.status = status
    session.commit()
    expect(person.request("POST", f"/v1/images/{image.id}/variants", {"variants": [SMALL]}), 409)


def test_a_request_is_shown_until_its_variant_is_made(
    system: System, person: Person, image: Image
) -> None:
    path = f"/v1/images/{image.id}"
    shown = person.post(f"{path}/variants", {"variants": [SMALL]}, 202)
    (request,) = shown["variant_requests"]
    assert (request["name"], request["status"]) == ("small", "pending")
    assert (request["spec"]["width"], request["failure_reason"]) == (32, None)
    system.drain()
    assert person.get(path)["variant_requests"] == []


def test_what_cannot_be_made_fails_with_the_reason(
    system: System, person: Person, session: Session, image: Image
) -> None:
    path = f"/v1/images/{image.id}"
    stored = image.file_path
    image.file_path = f"{stored}-gone"
    session.commit()
    person.post(f"{path}/variants", {"variants": [SMALL, SMALL | {"name": "b"}]}, 202)
    system.drain()
    for request, name in zip(person.get(path)["variant_requests"], ("small", "b"), strict=True):
        assert (request["name"], request["status"]) == (name, "failed")
        assert request["failure_reason"] == "missing: the image's file is not in the bucket"
    image.file_path = stored
    session.commit()
    again = person.post(f"{path}/variants", {"variants": [SMALL]}, 202)["variant_requests"]
    assert {one["name"]: one["status"] for one in again} == {"b": "failed", "small": "pending"}
    system.drain()
    shown = person.get(path)
    assert [one["name"] for one in shown["variants"]] == ["small"]
    assert [one["name"] for one in shown["variant_requests"]] == ["b"]


def test_the_variant_that_was_asked_for_before_does_not_end_the_request(
    system: System, person: Person, image: Image
) -> None:
    path = f"/v1/images/{image.id}"
    for width in (32, 16):
        person.post(f"{path}/variants", {"variants": [SMALL | {"width": width}]}, 202)
    first, second = system.mailbox.take()
    system.deliver(first)
    (request,) = person.get(path)["variant_requests"]
    assert (request["spec"]["width"], request["status"]) == (16, "pending")
    system.deliver(second)
    assert person.get(path)["variant_requests"] == []


def test_only_so_many_requests_are_remembered(person: Person, image: Image) -> None:
    for first in range(0, 120, 20):
        names = [f"v{number}" for number in range(first, first + 20)]
        body = {"variants": [SMALL | {"name": name} for name in names]}
        shown = person.post(f"/v1/images/{image.id}/variants", body, 202)
    assert [one["name"] for one in shown["variant_requests"]] == [f"v{n}" for n in range(20, 120)]

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

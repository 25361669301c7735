"""Changing what people say about an image."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Image
from tests import factories
from tests.harness import Person, expect


@pytest.fixture
def image(person: Person, session: Session) -> Image:
    return factories.image(session, factories.project(session, person.id), label="cat")


def test_only_what_is_sent_changes(person: Person, image: Image) -> None:
    path = f"/v1/images/{image.id}"
    changed = expect(person.request("PATCH", path, {"caption": "on a mat\nasleep"}), 200)
    assert (changed["label"], changed["caption"]) == ("cat", "on a mat\nasleep")
    changed = expect(person.request("PATCH", path, {"label": None}), 200)
    assert (changed["label"], changed["caption"]) == (None, "on a mat\nasleep")
    assert changed["updated_at"] > changed["created_at"]
    assert expect(person.request("PATCH", path, {}), 200)["caption"] == "on a mat\nasleep"


@pytest.mark.parametrize(
    "change",
    [{"label": ""}, {"label": 5}, {"label": "x" * 201}, {"sha256": "0" * 64}, {"is_valid": True}],
)
def test_nothing_else_can_be_changed(
    person: Person, image: Image, change: dict[str, object]
) -> None:
    problem = expect(person.request("PATCH", f"/v1/images/{image.id}", change), 422)
    assert [error["pointer"] for error in problem["errors"]] == [f"/{next(iter(change))}"]
    assert person.get(f"/v1/images/{image.id}")["label"] == "cat"

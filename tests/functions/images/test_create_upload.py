"""Asking where to upload to."""

from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image
from shared.services import services
from tests import factories
from tests.harness import Person, expect

FILE = {"file_name": "cat.jpg", "content_type": "image/jpeg", "size": 1000, "label": "cat"}


@pytest.fixture
def project_id(person: Person, session: Session) -> str:
    return str(factories.project(session, person.id).id)


def test_an_image_waits_for_its_file(person: Person, session: Session, project_id: str) -> None:
    upload = person.post(f"/v1/projects/{project_id}/uploads", FILE)
    assert upload["method"] == "PUT"
    seconds = datetime.fromisoformat(upload["expires_at"]) - datetime.now(UTC)
    assert 0 < seconds.total_seconds() <= services().settings.upload_life
    image = session.scalars(select(Image)).one()
    assert str(image.id) == upload["image_id"]
    assert (image.status, image.label, image.file_name) == ("processing", "cat", "cat.jpg")
    shown = person.get(f"/v1/images/{image.id}")
    assert (shown["status"], shown["sha256"], shown["variants"]) == ("processing", None, [])


def test_the_address_takes_what_was_announced_once(person: Person, project_id: str) -> None:
    upload = person.upload(project_id, b"x" * 1000)
    again = requests.put(
        upload["upload_url"], data=b"y" * 1000, headers=upload["headers"], timeout=10
    )
    assert again.status_code == 412


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (b"x" * 999, {}),
        (b"x" * 1001, {}),
        (b"x" * 1000, {"Content-Type": "text/html"}),
        (b"x" * 1000, {"x-goog-content-length-range": "0,100000"}),
        (b"x" * 1000, {"x-goog-if-generation-match": None}),
    ],
)
def test_the_address_takes_nothing_else(
    person: Person, project_id: str, data: bytes, changed: dict[str, str | None]
) -> None:
    upload = person.post(f"/v1/projects/{project_id}/uploads", FILE)
    headers = {k: v for k, v in {**upload["headers"], **changed}.items() if v is not None}
    answer = requests.put(upload["upload_url"], data=data, headers=headers, timeout=10)
    assert answer.status_code in (400, 403, 413)
    assert services().storage.list_names(f"uploads/{project_id}/") == []


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"size": 0}, "/size"),
        ({"size": 33 * 1024 * 1024}, "/size"),
        ({"size": 10**12}, "/size"),
        ({"content_type": "text/html"}, "/content_type"),
        ({"content_type": "image/jpeg\r\nX-Evil: 1"}, "/content_type"),
        ({"file_name": ""}, "/file_name"),
        ({"label": "a\nb"}, "/label"),
    ],
)
def test_bad_input_is_named(
    person: Person, session: Session, project_id: str, changed: dict[str, object], pointer: str
) -> None:
    response = person.request("POST", f"/v1/projects/{project_id}/uploads", FILE | changed)
    assert [error["pointer"] for error in expect(response, 422)["errors"]] == [pointer]
    assert session.scalars(select(Image)).all() == []


def test_an_archived_project_takes_none(person: Person, session: Session) -> None:
    archived = factories.project(session, person.id, status="archived")
    expect(person.request("POST", f"/v1/projects/{archived.id}/uploads", FILE), 409)


def test_a_repeated_request_leads_to_the_same_image(
    person: Person, session: Session, project_id: str
) -> None:
    path, headers = f"/v1/projects/{project_id}/uploads", {"Idempotency-Key": "one"}
    first, again = (person.post(path, FILE, headers=headers) for _ in range(2))
    assert first == again
    assert len(session.scalars(select(Image)).all()) == 1

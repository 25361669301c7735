"""Reaching an image's bytes."""

import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy.orm import Session

from shared.models import ImageVariant
from shared.services import services
from tests import factories
from tests.harness import Person, expect


def test_the_original(person: Person, session: Session) -> None:
    image = factories.store_image(session, factories.project(session, person.id))
    response = person.request("GET", f"/v1/images/{image.id}/content")
    assert response.status_code == 302
    content = requests.get(response.headers["Location"], timeout=10)
    assert hashlib.sha256(content.content).hexdigest() == image.sha256
    assert content.headers["Content-Type"] == "image/jpeg"


def test_a_variant(person: Person, session: Session) -> None:
    image = factories.store_image(session, factories.project(session, person.id))
    services().storage.put_once("variants/small", b"small", "image/webp")
    session.add(
        ImageVariant(
            image_id=image.id, name="small", object="variants/small", width=1, height=1, file_size=5
        )
    )
    session.commit()
    response = person.request("GET", f"/v1/images/{image.id}/content?variant=small")
    assert requests.get(response.headers["Location"], timeout=10).content == b"small"
    expect(person.request("GET", f"/v1/images/{image.id}/content?variant=large"), 404)
    expect(person.request("GET", f"/v1/images/{image.id}/content?variant=../x"), 422)


def test_an_image_without_content(person: Person, session: Session) -> None:
    waiting = factories.image(
        session, factories.project(session, person.id), status="processing", file_path=None
    )
    expect(person.request("GET", f"/v1/images/{waiting.id}/content"), 404)


def test_the_address_lives_briefly_and_is_not_cached(person: Person, session: Session) -> None:
    image = factories.store_image(session, factories.project(session, person.id))
    response = person.request("GET", f"/v1/images/{image.id}/content")
    assert response.headers["Cache-Control"] == "no-store"
    url = response.headers["Location"]
    life = int(parse_qs(urlsplit(url).query)["X-Goog-Expires"][0])
    assert life == services().settings.download_life == 900
    other = re.sub(r"/images/[^?]+", "/uploads/other", url)
    assert requests.get(other, timeout=10).status_code == 403
    assert requests.put(url, data=b"x", timeout=10).status_code == 403

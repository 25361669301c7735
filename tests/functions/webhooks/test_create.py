"""Creating webhooks."""

import base64
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Webhook
from shared.quotas import QUOTAS
from shared.schemas.webhooks import EVENTS
from tests.harness import Person, expect
from tests.receivers import Receiver, make_webhook


def test_the_secret_is_shown_once(person: Person, webhook: Any) -> None:
    prefix, _, key = webhook["secret"].partition("_")
    assert prefix == "whsec"
    assert 24 <= len(base64.b64decode(key, validate=True)) <= 64
    assert webhook["is_active"]
    shown = person.get(f"/v1/webhooks/{webhook['id']}")
    assert shown == {name: value for name, value in webhook.items() if name != "secret"}


def test_a_repeat_under_the_same_key_does_not_show_it_again(
    person: Person, receiver: Receiver
) -> None:
    body = {"url": f"{receiver.base_url}/hook", "events": ["version.completed"]}
    key = {"Idempotency-Key": "once"}
    expect(person.request("POST", "/v1/webhooks", body, headers=key), 201)
    assert "whsec" not in person.request("POST", "/v1/webhooks", body, headers=key).text
    assert len(person.get("/v1/webhooks")["items"]) == 1


def test_every_event_can_be_asked_for(person: Person, receiver: Receiver) -> None:
    made = make_webhook(person, receiver, events=list(EVENTS))
    assert made["events"] == list(EVENTS)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1/", "PIXMILL_CRAWL_ALLOW=127.0.0.1:1"),
        ("http://10.0.0.1/", "not on the public internet"),
        ("http://0x7f.1/", "not on the public internet"),
        ("http://[::ffff:169.254.169.254]/", "not on the public internet"),
        ("http://metadata.google.internal/", "not on the public internet"),
        ("https://example.org:22/", "names port 22; these can be called: 80, 443"),
        ("ftp://example.org/", "only http and https"),
        ("https://me:secret@example.org/", "holds user information"),
        ("example.org/hook", "names no scheme"),
    ],
)
def test_addresses_that_are_never_called(person: Person, url: str, says: str) -> None:
    body = {"url": url, "events": ["crawl_job.completed"]}
    problem = expect(person.request("POST", "/v1/webhooks", body), 422)
    (error,) = problem["errors"]
    assert error["pointer"] == "/url"
    assert says in error["detail"]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (["crawl_job.begun"], "is none of analysis_job.completed, analysis_job.failed,"),
        (["export_job.cancelled"], "is none of"),
        ([], "1 or more"),
        (["crawl_job.failed", "crawl_job.failed"], "twice"),
    ],
)
def test_events_that_there_are_not(person: Person, events: list[str], says: str) -> None:
    body = {"url": "https://example.org/", "events": events}
    problem = expect(person.request("POST", "/v1/webhooks", body), 422)
    assert says in problem["errors"][0]["detail"]


def test_no_more_than_the_quota(person: Person, session: Session) -> None:
    session.add_all(
        Webhook(user_id=person.id, url="https://example.org/", events=list(EVENTS), secret="s")
        for _ in range(QUOTAS.webhooks)
    )
    session.commit()
    body = {"url": "https://example.org/", "events": ["crawl_job.completed"]}
    problem = expect(person.request("POST", "/v1/webhooks", body), 409)
    assert problem["detail"] == "The limit is 20 webhooks; delete one first."

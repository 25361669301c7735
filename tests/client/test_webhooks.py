"""Webhooks through the client, and the posts that they bring."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx2
import pixmill
import pytest
from pixmill.webhooks import EVENTS
from standardwebhooks import Webhook, WebhookVerificationError

from shared.schemas import webhooks as schemas
from tests.harness import System
from tests.receivers import Receiver, receiver

__all__ = ["receiver"]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"type": "version.completed", "data": {"id": "é"}}).encode()


def sign(secret: str = SECRET, body: bytes = BODY, age: int = 0) -> dict[str, str]:
    """Return the headers that the library of Standard Webhooks would be sent."""
    seconds = int(time.time()) - age
    signature = Webhook(secret).sign("msg_1", datetime.fromtimestamp(seconds, UTC), body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature,
    }


def agree(headers: dict[str, str], body: bytes, secret: str = SECRET) -> bool:
    """Return whether a post is genuine, which both libraries must say alike."""
    try:
        Webhook(secret).verify(body, headers)
        theirs = True
    except (WebhookVerificationError, ValueError):  # the second of a header that is no signature
        theirs = False
    try:
        pixmill.verify_webhook(headers, body, secret)
        ours = True
    except pixmill.BadSignature:
        ours = False
    assert ours == theirs
    return ours


def test_the_vector_of_the_specification_is_accepted() -> None:
    headers = {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = '{"test": 2432232314}'
    assert pixmill.verify_webhook(headers, body, SECRET, now=1614265330) == {"test": 2432232314}
    with pytest.raises(pixmill.BadSignature, match="five minutes"):
        pixmill.verify_webhook(headers, body, SECRET)


def test_both_libraries_judge_alike() -> None:
    genuine = sign()
    other = sign("whsec_" + "QUJD" * 8)["webhook-signature"]
    assert agree(genuine, BODY)
    assert agree(
        {**genuine, "webhook-signature": f"v2,x {other} {genuine['webhook-signature']}"}, BODY
    )
    assert not agree(genuine, BODY + b" ")
    assert not agree({**genuine, "webhook-id": "msg_2"}, BODY)
    assert not agree({**genuine, "webhook-signature": other}, BODY)
    assert not agree({**genuine, "webhook-signature": "v1,"}, BODY)
    assert not agree({**genuine, "webhook-signature": genuine["webhook-signature"][3:]}, BODY)
    assert agree(sign(age=290), BODY)
    assert agree(sign(age=-290), BODY)
    assert not agree(sign(age=310), BODY)
    assert not agree(sign(age=-310), BODY)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_missing_is_named(name: str) -> None:
    headers = {key: value for key, value in sign().items() if key != name}
    with pytest.raises(pixmill.BadSignature, match=name):
        pixmill.verify_webhook(headers, BODY, SECRET)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "١٢٣"])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    headers = {**sign(), "webhook-timestamp": timestamp}
    with pytest.raises(pixmill.BadSignature):
        pixmill.verify_webhook(headers, BODY, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_a", "pxk_…"])
def test_what_is_no_secret_is_the_readers_own_mistake(secret: str) -> None:
    with pytest.raises(pixmill.BadSource, match="whsec_"):
        pixmill.verify_webhook(sign(), BODY, secret)


def test_events_are_those_of_the_api() -> None:
    assert EVENTS == schemas.EVENTS


@pytest.fixture
def webhook(client: pixmill.Client, receiver: Receiver) -> pixmill.Webhook:
    return client.create_webhook(receiver.base_url + "/hook", ["crawl_job.completed"])


def test_a_webhook_is_made_tested_and_changed(
    client: pixmill.Client, system: System, receiver: Receiver, webhook: pixmill.Webhook
) -> None:
    assert webhook.secret is not None
    assert webhook.row["events"] == ["crawl_job.completed"]
    sent = webhook.send_test()
    seen = webhook.watch(sent)
    assert (seen["id"], seen["status"], seen["response_status"]) == (sent["id"], "completed", 200)
    (post,) = receiver.posts
    event = pixmill.verify_webhook(post.headers, post.body, webhook.secret)
    assert event == Webhook(webhook.secret).verify(post.body, post.headers)
    assert event["type"] == "webhook.test"

    webhook.pause()
    assert not webhook.row["is_active"]
    with pytest.raises(pixmill.Conflict, match="paused"):
        webhook.send_test()
    webhook.resume()
    webhook.update(events=["version.failed"])
    (found,) = client.list_webhooks()
    assert (found.row["events"], found.secret) == (["version.failed"], None)
    found.refresh()
    assert found.tag is not None
    webhook.delete()
    with pytest.raises(pixmill.NotFound):
        client.get_webhook(webhook.id)


def test_a_delivery_is_replayed_under_both_secrets(
    receiver: Receiver, webhook: pixmill.Webhook
) -> None:
    receiver.statuses = [500]
    failed = webhook.watch(webhook.send_test())
    assert (failed["status"], failed["attempts"], failed["response_status"]) == ("pending", 1, 500)
    before = webhook.secret
    assert webhook.rotate_secret() == webhook.secret != before
    again = webhook.watch(webhook.replay(failed["id"]))
    assert (again["id"], again["status"]) == (failed["id"], "completed")
    assert [one["id"] for one in webhook.deliveries(status="completed")] == [failed["id"]]
    assert list(webhook.deliveries(status="failed")) == []
    post = receiver.posts[-1]
    for secret in (before, webhook.secret):
        assert secret is not None
        assert pixmill.verify_webhook(post.headers, post.body, secret)["type"] == "webhook.test"


def test_the_same_is_awaited(address: str, key: str, receiver: Receiver) -> None:
    async def run() -> Any:
        async with pixmill.AsyncClient(address, key) as client:
            webhook = await client.create_webhook(receiver.base_url)
            assert webhook.row["events"] == list(EVENTS)
            return await webhook.watch(await webhook.send_test())

    assert asyncio.run(run())["status"] == "completed"


def test_watching_ends_after_its_time() -> None:
    delivery = {"id": "d", "status": "pending", "attempts": 0}
    answers = {"/v1/webhooks/w": {"id": "w"}, "/v1/webhooks/w/test": delivery}

    def answer(request: httpx2.Request) -> httpx2.Response:
        page = {"items": [delivery], "next_cursor": None}
        return httpx2.Response(200, json=answers.get(request.url.path, page))

    transport = httpx2.MockTransport(answer)
    with pixmill.Client("http://pixmill.test", transport=transport) as client:
        webhook = client.get_webhook("w")
        assert webhook.watch(webhook.send_test(), timeout=0) == delivery

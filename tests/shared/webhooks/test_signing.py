"""Signatures, checked with the package that the specification's authors give receivers."""

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.models.base import new_id
from shared.webhooks.signing import make_headers, make_secret

BODY = '{"type":"crawl_job.completed","data":{"name":"Kätzchen"}}'.encode()


def test_a_receiver_finds_them_right() -> None:
    secret = make_secret()
    headers = dict(make_headers([secret], new_id(), int(time.time()), BODY))
    assert Webhook(secret).verify(BODY, headers)["type"] == "crawl_job.completed"


def test_any_of_two_secrets_will_do() -> None:
    secrets = [make_secret(), make_secret()]
    headers = dict(make_headers(secrets, new_id(), int(time.time()), BODY))
    for secret in secrets:
        Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body", "secret"])
def test_whatever_is_changed_is_noticed(changed: str) -> None:
    secret = make_secret()
    headers = dict(make_headers([secret], new_id(), int(time.time()), BODY))
    body = BODY + b" " if changed == "body" else BODY
    if changed == "webhook-id":
        headers[changed] = str(new_id())
    if changed == "webhook-timestamp":
        headers[changed] = str(int(headers[changed]) - 1)
    if changed == "secret":
        secret = make_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_an_old_message_is_refused() -> None:
    secret = make_secret()
    headers = dict(make_headers([secret], new_id(), int(time.time()) - 600, BODY))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, headers)


def test_secrets_differ_and_are_standard_base64() -> None:
    made = {make_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.b64decode(one.removeprefix("whsec_"), validate=True)) for one in made} == {
        32
    }

"""`pixmill webhooks …`."""

import json

import pixmill
import pytest

from tests.client.command.conftest import Run
from tests.harness import System
from tests.receivers import Receiver, receiver

__all__ = ["receiver"]


def test_a_webhook_is_made_tested_paused_and_deleted(
    signed_in: Run, system: System, receiver: Receiver
) -> None:
    url = receiver.base_url + "/hook"
    events = ["--event", "crawl_job.completed", "--event", "version.failed"]
    made = signed_in(["webhooks", "create", url, *events])
    identity, secret = made.stdout.splitlines()
    assert f"{identity}  active   2 events  {url}" in signed_in(["webhooks", "list"]).stdout
    tested = signed_in(["webhooks", "test", identity])
    assert tested.exit_code == 0, tested.output
    assert "completed  200  webhook.test" in tested.stdout
    (post,) = receiver.posts
    event = pixmill.verify_webhook(post.headers, post.body, secret.removeprefix("secret "))
    assert event["type"] == "webhook.test"

    paused = json.loads(signed_in(["webhooks", "pause", identity, "--json"]).stdout)
    assert not paused["is_active"]
    refused = signed_in(["webhooks", "test", identity])
    assert (refused.exit_code, len(receiver.posts)) == (1, 1)
    assert "is paused; resume it first" in refused.stderr
    assert "  active  " in signed_in(["webhooks", "resume", identity]).stdout
    rotated = signed_in(["webhooks", "rotate-secret", identity])
    assert rotated.stdout.startswith("whsec_")
    assert "The one before signs until 20" in rotated.stdout
    assert signed_in(["webhooks", "delete", identity]).stdout == "Deleted.\n"
    assert signed_in(["webhooks", "list"]).stdout == ""


def test_what_fails_is_seen_and_sent_again(signed_in: Run, receiver: Receiver) -> None:
    made = json.loads(signed_in(["webhooks", "create", receiver.base_url, "--json"]).stdout)
    assert made["secret"].startswith("whsec_")
    assert "crawl_job.cancelled" in made["events"]  # all, where none is named
    receiver.statuses = [503]
    tested = signed_in(["webhooks", "test", made["id"]])
    assert tested.exit_code == 1
    assert f"{receiver.base_url}/ has not accepted it: It answered 503" in tested.stderr
    (line,) = signed_in(["webhooks", "deliveries", made["id"]]).stdout.splitlines()
    delivery = line.split()[0]
    assert signed_in(["webhooks", "deliveries", made["id"], "--status", "failed"]).stdout == ""
    assert signed_in(["webhooks", "replay", delivery]).stdout.startswith(f"{delivery}  pending")
    rows = signed_in(["webhooks", "deliveries", made["id"], "--json"]).stdout.splitlines()
    assert [json.loads(row)["status"] for row in rows] == ["completed"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["create", "http://169.254.169.254/"], 2, "/url"),
        (["create", "https://example.com", "--event", "crawl_job.finished"], 2, "--event"),
        (["pause", "0198c5a0-0000-7000-8000-000000000000"], 1, "somebody else's"),
        (["pause", "first"], 1, "There is no such"),
        (["nothing"], 2, "nothing"),
        ([], 2, "rotate-secret"),
    ],
)
def test_mistakes_are_explained(signed_in: Run, arguments: list[str], code: int, said: str) -> None:
    done = signed_in(["webhooks", *arguments])
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr

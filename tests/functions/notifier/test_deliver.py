"""Sending what is due: signed, once at a time, again after failures, and not for ever."""

import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from functions.notifier import deliver
from shared.messaging.messages import SweepDue, WebhookReady
from shared.webhooks.waits import DELAYS
from tests.harness import Person, System, in_parallel
from tests.receivers import (
    Receiver,
    list_deliveries,
    make_webhook,
    pass_time,
    send_test,
)


def show(person: Person, webhook: Any) -> Any:
    return person.get(f"/v1/webhooks/{webhook['id']}")


def test_messages_that_come_twice_at_once_send_once(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    for _ in range(3):
        send_test(person, webhook)
    system.drain_concurrently(copies=3)
    system.send(SweepDue())
    system.drain()
    assert len(receiver.posts) == 3
    assert {one["status"] for one in list_deliveries(person, webhook)} == {"completed"}


def test_an_endpoint_that_is_down_is_tried_again_later_under_the_same_id(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    receiver.statuses = [500, 429, 302]
    receiver.headers = [("Location", f"{receiver.base_url}/elsewhere")]
    send_test(person, webhook)
    system.drain()
    system.send(SweepDue())
    system.drain()
    assert len(receiver.posts) == 1, "its time has not come"
    for _ in range(2):
        pass_time(session, system)
    (waiting,) = list_deliveries(person, webhook)
    assert waiting["attempts"] == 3
    assert "redirects are not followed" in waiting["error"]
    pass_time(session, system)
    assert {post.path for post in receiver.posts} == {"/hook"}
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
    (done,) = list_deliveries(person, webhook)
    assert (done["status"], done["attempts"], done["error"]) == ("completed", 4, None)
    assert show(person, webhook)["failing_since"] is None


def test_one_that_is_never_accepted_fails_after_its_attempts(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    receiver.statuses = [400] * 99
    send_test(person, webhook)
    system.drain()
    for _ in range(len(DELAYS) + 2):
        pass_time(session, system)
    (failed,) = list_deliveries(person, webhook)
    assert (failed["status"], failed["attempts"]) == ("failed", len(DELAYS) + 1)
    assert len(receiver.posts) == len(DELAYS) + 1


def test_a_failure_holds_up_the_others_of_its_endpoint_and_no_other_endpoint(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    other = make_webhook(person, receiver, "/other")
    for _ in range(3):
        send_test(person, webhook)
    receiver.statuses = [500]
    system.drain()
    send_test(person, other)
    system.drain()
    assert [post.path for post in receiver.posts] == ["/hook", "/other"]
    pass_time(session, system)
    assert len(receiver.posts) == 5


def test_an_endpoint_that_fails_for_a_day_is_paused_and_says_so(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    receiver.statuses = [500, 500]
    send_test(person, webhook)
    system.drain()
    session.execute(text("UPDATE webhooks SET failing_since = now() - interval '25 hours'"))
    pass_time(session, system)
    paused = show(person, webhook)
    assert not paused["is_active"]
    assert paused["error"].startswith("Paused after failing for 24 hours. It answered 500")
    pass_time(session, system)
    assert len(receiver.posts) == 2
    person.request("PATCH", f"/v1/webhooks/{webhook['id']}", {"is_active": True})
    system.drain()
    (done,) = list_deliveries(person, webhook)
    assert done["status"] == "completed"


def test_an_endpoint_that_is_gone_is_paused_at_once(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    receiver.statuses = [410]
    send_test(person, webhook)
    system.drain()
    assert show(person, webhook)["error"] == "Paused: it answered 410, that it wants no more."


def test_retry_after_is_heeded(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    receiver.statuses, receiver.headers = [429], [("Retry-After", "7200")]
    send_test(person, webhook)
    system.drain()
    waits = session.execute(
        text(
            "SELECT w.due_at - now() > interval '119 minutes',"
            " d.next_attempt_at - now() > interval '119 minutes'"
            " FROM webhooks w JOIN webhook_deliveries d ON d.webhook_id = w.id"
        )
    ).one()
    assert tuple(waits) == (True, True)


def test_a_slow_endpoint_keeps_nobody_waiting(
    system: System, person: Person, receiver: Receiver
) -> None:
    slow = make_webhook(person, receiver, "/held")
    send_test(person, slow)
    (message,) = system.mailbox.take()
    worker = threading.Thread(target=system.deliver, args=(message,))
    worker.start()
    receiver.wait_for(1)
    others = [make_webhook(person, receiver, f"/{n}") for n in range(9)]
    for webhook in others:
        send_test(person, webhook)
    send_test(person, slow)
    in_parallel([lambda one=one: system.deliver(one) for one in system.mailbox.take()])
    assert len(receiver.posts) == 10, "the slow one is called by one worker alone"
    receiver.gate.set()
    worker.join()
    system.drain()
    assert [post.path for post in receiver.posts].count("/held") == 2


def test_what_a_dead_worker_had_sent_is_sent_again(
    system: System,
    person: Person,
    receiver: Receiver,
    webhook: Any,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It dies between the post and writing it down; until its lease ends nobody takes over."""

    def die(*_: Any) -> bool:
        raise SystemExit

    send_test(person, webhook)
    (message,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "record_attempt", die)
        with pytest.raises(SystemExit):
            system.deliver(message)
    system.deliver(message)
    system.send(SweepDue())
    system.drain()
    assert len(receiver.posts) == 1
    session.execute(text("UPDATE webhooks SET lease_expires_at = now() - interval '1 second'"))
    pass_time(session, system)
    assert len(receiver.posts) == 2
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
    (done,) = list_deliveries(person, webhook)
    assert (done["status"], done["attempts"]) == ("completed", 1)


def test_a_worker_that_lost_its_lease_writes_nothing(
    system: System, person: Person, receiver: Receiver, session: Session
) -> None:
    webhook = make_webhook(person, receiver, "/held")
    send_test(person, webhook)
    (message,) = system.mailbox.take()
    worker = threading.Thread(target=system.deliver, args=(message,))
    worker.start()
    receiver.wait_for(1)
    session.execute(text("UPDATE webhooks SET leases = leases + 1"))
    session.commit()
    receiver.gate.set()
    worker.join()
    (waiting,) = list_deliveries(person, webhook)
    assert (waiting["status"], waiting["attempts"]) == ("pending", 0)


def test_a_message_that_is_given_up_loses_nothing(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    send_test(person, webhook)
    (message,) = system.mailbox.take()
    system.dead_letter(message, "notifier-deliver")
    system.drain()
    system.send(SweepDue())
    system.drain()
    assert len(receiver.posts) == 1


def test_of_very_many_some_are_sent_in_a_call_and_all_in_the_end(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    session.execute(
        text(
            "INSERT INTO webhook_deliveries (webhook_id, event_id, event, next_attempt_at)"
            " SELECT id, new_id(), 'webhook.test', now() FROM webhooks, generate_series(1, 45)"
        )
    )
    session.commit()
    system.send(WebhookReady(webhook_id=webhook["id"]))
    delivered = system.drain()
    assert len(receiver.posts) == 45
    assert len(delivered) == 3

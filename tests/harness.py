"""Drives the functions in one process: requests in, deliveries out, on real parts."""

import base64
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import requests
from werkzeug.test import Client, TestResponse

from infra.local import hosts
from shared.accounts.credentials import hash_password
from shared.accounts.sessions import issue_tokens
from shared.contracts.permissions import find_permissions
from shared.database.transactions import transaction
from shared.messaging.messages import Message, find_by_bucket_prefix
from shared.messaging.outbox import Envelope
from shared.models import Profile
from shared.models.base import new_id
from shared.operations.discovery import list_message_functions
from shared.services import services
from tests.checked_client import CheckedClient
from tests.grants import Guard

PASSWORD = "correct horse battery"


class Mailbox:
    """A publisher that keeps what is sent until a test delivers it."""

    def __init__(self) -> None:
        self.waiting: list[Envelope] = []
        self.sent: list[Envelope] = []
        self.broken = False
        self._lock = threading.Lock()
        self._heard: dict[int, list[Envelope]] = {}

    def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        """Take all, or none while it is broken."""
        if self.broken:
            return []
        with self._lock:
            self.waiting += envelopes
            self.sent += envelopes
            self._heard.get(threading.get_ident(), []).extend(envelopes)
        return [one.id for one in envelopes]

    def check(self) -> None:
        """Raise while it is broken."""
        if self.broken:
            raise ConnectionError("broken")

    def take(self) -> list[Envelope]:
        """Return what waits, in order, once."""
        with self._lock:
            taken, self.waiting = self.waiting, []
        return taken

    @contextmanager
    def overheard(self) -> Iterator[list[Envelope]]:
        """Collect what this thread publishes inside the block, but for blocks inside it."""
        thread, heard = threading.get_ident(), list[Envelope]()
        outer = self._heard.get(thread, [])
        self._heard[thread] = heard
        try:
            yield heard
        finally:
            self._heard[thread] = outer

    def topics(self) -> list[str]:
        """Return the topics of all that was ever sent."""
        return [one.topic for one in self.sent]


@dataclass
class Person:
    """Somebody with an account: requests go out under their access token."""

    client: Client
    id: UUID
    email: str
    token: str
    refresh_token: str

    def request(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a request; a body goes as JSON."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.client.open(path, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        """Return the JSON at an address; fail the test unless it is a 200."""
        return expect(self.request("GET", path, **more), 200)

    def post(self, path: str, body: Any = None, status: int = 201, **more: Any) -> Any:
        """Post and return the JSON; fail the test on another status."""
        return expect(self.request("POST", path, {} if body is None else body, **more), status)

    def delete_account(self) -> TestResponse:
        """Delete the account."""
        return self.request("DELETE", "/v1/me", {"current_password": PASSWORD})

    def upload(self, project_id: object, data: bytes, **about: Any) -> Any:
        """Upload a file as a client does: ask for an address, and put it there."""
        body = {"file_name": "photo.jpg", "content_type": "image/jpeg", "size": len(data), **about}
        upload = self.post(f"/v1/projects/{project_id}/uploads", body)
        answer = requests.put(
            upload["upload_url"], data=data, headers=upload["headers"], timeout=10
        )
        assert answer.status_code == 200, answer.text
        return upload


def expect(response: TestResponse, status: int) -> Any:
    """Return the JSON of a response that must have this status."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    return response.get_json(silent=True) if response.data else None


@dataclass
class System:
    """All functions in this process."""

    mailbox: Mailbox
    client: Client
    worker: Client
    guard: Guard = field(default_factory=Guard)
    people: int = 0
    statuses: list[int] = field(default_factory=list)

    def person(self, email: str | None = None) -> Person:
        """Somebody with an account and a session, as registering and signing in leave them."""
        self.people += 1
        profile = Profile(
            id=new_id(),
            email=email or f"person{self.people}@example.com",
            hashed_password=_hash_password(),
        )
        with transaction(services().engine) as session:
            session.add(profile)
            session.flush()
            tokens = issue_tokens(session, services().settings, profile.id, uuid4())
        return Person(
            self.client, profile.id, profile.email, tokens.access_token, tokens.refresh_token
        )

    def send(self, message: Message) -> None:
        """Put a message into the mailbox, as a function would."""
        identity = new_id()
        attributes = {"pixmill-id": str(identity), "pixmill-topic": message.topic}
        body = message.model_dump(mode="json", by_alias=True)
        self.mailbox.publish([Envelope(identity, message.topic, body, attributes)])

    def uploaded(self, name: str) -> Envelope:
        """Put the bucket's word that an object is complete into the mailbox, as a new message."""
        server, bucket = services().settings.storage_emulator_host, services().settings.bucket
        resource = requests.get(
            f"{server}/storage/v1/b/{bucket}/o/{quote(name, safe='')}", timeout=10
        ).json()
        return self.bucket_event(resource)

    def bucket_event(self, resource: dict[str, Any]) -> Envelope:
        """Return the same for any object resource: what Cloud Storage's notifications document."""
        message = find_by_bucket_prefix(resource["name"])
        assert message is not None
        attributes = {
            "notificationConfig": f"projects/_/buckets/{resource['bucket']}/notificationConfigs/1",
            "eventType": "OBJECT_FINALIZE",
            "payloadFormat": "JSON_API_V1",
            "bucketId": resource["bucket"],
            "objectId": resource["name"],
            "objectGeneration": str(resource["generation"]),
            "eventTime": "2026-01-31T12:00:00.000000Z",
        }
        event = Envelope(new_id(), message.topic, resource, attributes)
        self.mailbox.publish([event])
        return event

    def dead_letter(self, envelope: Envelope, subscription: str = "some-function") -> None:
        """Forward a message that failed five times, as Pub/Sub does."""
        attributes = envelope.attributes | {
            "CloudPubSubDeadLetterSourceDeliveryCount": "5",
            "CloudPubSubDeadLetterSourceSubscription": subscription,
            "CloudPubSubDeadLetterSourceSubscriptionProject": "pixmill-test",
            "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-01-31T12:00:00.000+00:00",
        }
        self.mailbox.publish([Envelope(envelope.id, "dead-letter", envelope.body, attributes)])

    def deliver(self, envelope: Envelope, *, attempt: int = 1) -> list[int]:
        """Push one message to every function that subscribes; return the statuses."""
        statuses = []
        for function, operation in list_message_functions():
            if operation.message.topic == envelope.topic:
                push = push_body(envelope, function.service, attempt)
                with self.mailbox.overheard() as said, self.guard.working(function.bundle):
                    response = self.worker.post(f"/{function.service}", json=push)
                if "relay" not in find_permissions(operation):
                    declared = {message.topic for message in operation.publishes}
                    undeclared = {one.topic for one in said} - declared
                    # Its service account could not publish them.
                    assert not undeclared, f"{function.name} does not declare {undeclared}"
                statuses.append(response.status_code)
        self.statuses += statuses
        return statuses

    def drain(self, *, copies: int = 1, limit: int = 1000) -> list[Envelope]:
        """Deliver until nothing waits, every message `copies` times; return the messages."""
        delivered = []
        while waiting := self.mailbox.take():
            for envelope in waiting:
                for copy in range(copies):
                    self.deliver(envelope, attempt=copy + 1)
                delivered.append(envelope)
                assert len(delivered) < limit, "the chain does not end"
        return delivered

    def drain_concurrently(self, *, copies: int = 2) -> None:
        """Drain as `drain` does, but deliver the copies of each message at the same time."""
        while waiting := self.mailbox.take():
            for envelope in waiting:
                in_parallel([lambda e=envelope: self.deliver(e) for _ in range(copies)])


def in_parallel(calls: Iterable[Any]) -> list[Any]:
    """Run calls in threads at the same time; return results, or raise the first error."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def run(call: Any) -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def push_body(envelope: Envelope, subscription: str, attempt: int = 1) -> dict[str, Any]:
    """Return a push request as Pub/Sub sends it (documented maximal form)."""
    data = base64.b64encode(json.dumps(envelope.body).encode()).decode()
    return {
        "message": {
            "data": data,
            "attributes": envelope.attributes,
            "messageId": str(envelope.id.int % 10**16),
            "message_id": str(envelope.id.int % 10**16),
            "publishTime": "2026-01-31T12:00:00.000Z",
            "publish_time": "2026-01-31T12:00:00.000Z",
        },
        "subscription": f"projects/pixmill-test/subscriptions/{subscription}",
        "deliveryAttempt": attempt,
    }


@cache
def _hash_password() -> str:
    return hash_password(PASSWORD)


def make_system(mailbox: Mailbox) -> System:
    """Load every function."""
    client = CheckedClient(hosts.make_gateway(), use_cookies=False)  # of one test in the next
    return System(mailbox, client, Client(hosts.make_worker()))

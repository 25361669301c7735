"""The health check says whether the system can work."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from shared.messaging.messages import ChunkReady
from shared.models import QueuedMessage
from shared.models.base import new_id
from shared.services import services
from shared.storage.bucket import Storage
from tests.harness import System, expect


def test_all_parts_answer(system: System) -> None:
    health = expect(system.client.get("/healthz"), 200)
    assert health["status"] == "ok"
    assert set(health["checks"]) == {"database", "bucket", "topics", "progress"}
    assert {check["status"] for check in health["checks"].values()} == {"ok"}


def _no_database(patch: pytest.MonkeyPatch) -> None:
    def connect(*_: Any) -> None:
        raise ConnectionError("postgresql://user:secret@10.0.0.1 is down")

    patch.setattr(services().engine, "connect", connect)


def _no_bucket(patch: pytest.MonkeyPatch) -> None:
    def check(_: Storage) -> None:
        raise TimeoutError("secret-bucket")

    patch.setattr(Storage, "check", check)


def _no_topics(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(services().publisher, "broken", True)


@pytest.mark.parametrize(
    ("part", "breaks"),
    [("database", _no_database), ("bucket", _no_bucket), ("topics", _no_topics)],
)
def test_a_part_that_does_not(
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    breaks: Callable[[pytest.MonkeyPatch], None],
) -> None:
    breaks(monkeypatch)
    response = system.client.get("/healthz")
    assert response.headers["Retry-After"]
    health = expect(response, 503)
    assert health["status"] == "failed"
    failed = {name for name, check in health["checks"].items() if check["status"] == "failed"}
    assert failed - {"progress"} == {part}
    assert ("progress" in failed) == (part == "database")  # of which it knows nothing then
    assert "secret" not in str(health)


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the bucket hang until the event."""
    ended = threading.Event()
    monkeypatch.setattr(Storage, "check", lambda _: ended.wait(60))
    yield ended
    ended.set()


def test_what_hangs_does_not_keep_the_answer(system: System, hang: threading.Event) -> None:
    before = threading.active_count()
    for _ in range(2):
        checks = expect(system.client.get("/healthz"), 503)["checks"]
        assert checks["bucket"]["detail"] == "does not answer in time"
        assert checks["database"]["status"] == "ok"
    assert threading.active_count() <= before + 1  # it is not begun again while it hangs


def _queue(session: Session, *, waited: int, begun: int | None = None) -> None:
    """Write chunks of a crawl that wait, and one that took its slot, so many minutes ago."""
    ages = [(waited, None)] if begun is None else [(waited, None), (begun, begun)]
    for created, sent in ages:
        row = QueuedMessage(topic=ChunkReady.topic, user_id=new_id(), key=str(new_id()), message={})
        session.add(row)
        session.flush()
        session.execute(
            update(QueuedMessage)
            .where(QueuedMessage.id == row.id)
            .values(
                created_at=func.now() - text(f"interval '{created} minutes'"),
                sent_at=sent and func.now() - text(f"interval '{sent} minutes'"),
            )
        )
    session.commit()


def test_a_long_queue_that_moves_is_well(system: System, session: Session) -> None:
    _queue(session, waited=90, begun=1)
    health = expect(system.client.get("/healthz"), 200)
    assert health["waiting"]["chunk-ready"]["seconds"] >= 90 * 60
    assert health["waiting"]["chunk-ready"]["stalled"] is False


@pytest.mark.parametrize("begun", [None, 12])
def test_work_that_is_not_begun_is_named(
    system: System, session: Session, begun: int | None
) -> None:
    _queue(session, waited=11, begun=begun)
    health = expect(system.client.get("/healthz"), 503)
    assert health["checks"]["progress"]["status"] == "failed"
    assert health["checks"]["progress"]["detail"].endswith("10 minutes: chunk-ready")
    assert health["waiting"]["chunk-ready"]["stalled"] is True

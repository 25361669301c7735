"""The health check says whether the system can work."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.services import services
from shared.storage.bucket import Storage
from tests.harness import System, expect


def test_all_parts_answer(system: System) -> None:
    health = expect(system.client.get("/healthz"), 200)
    assert health["status"] == "ok"
    assert set(health["checks"]) == {"database", "bucket", "topics"}
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
    assert failed == {part}
    assert "secret" not in str(health)

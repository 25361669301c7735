"""job_stats of work on models; that of images and jobs is tested where it is done."""

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.models import Prediction
from shared.storage.bucket import Storage
from tests.harness import Person, System, expect
from tests.registry import register

OWN = ("operation", "status", "attempt", "error")


def stats(person: Person) -> list[tuple[object, ...]]:
    """Return what a person sees of attempts, oldest first."""
    rows = person.get("/v1/job-stats")["items"]
    return [tuple(row[name] for name in OWN) for row in reversed(rows)]


def test_every_attempt_at_a_model_and_a_prediction_is_its_owners(
    person: Person, system: System, session: Session
) -> None:
    model = register(person, system)
    path = f"/v1/models/{model['id']}/predictions"
    body = {"inputs": {"X": [[0.0] * 64]}}
    expect(person.request("POST", path, body, headers={"Prefer": "respond-async"}), 202)
    system.drain()
    done = [
        ("models_verify", "completed", 1, None),
        ("inference_predict_later", "completed", 1, None),
    ]
    assert stats(person) == done
    assert stats(system.person()) == []
    session.execute(delete(Prediction))
    session.commit()
    assert stats(person) == done


def test_attempts_that_fail_are_counted_with_the_reason(
    person: Person, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> bytes:
        raise ConnectionError("storage is down")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "read", down)
        model = register(person, system)
    assert model["status"] == "pending"
    system.uploaded(model["file_path"])
    (event,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "read", down)
        assert system.deliver(event) == [500]
    assert system.deliver(event) == [204]
    reason = "It failed for a passing reason (ConnectionError)."
    assert stats(person) == [
        ("models_verify", "failed", 1, reason),
        ("models_verify", "failed", 1, reason),
        ("models_verify", "completed", 2, None),
    ]


def test_file_that_is_rejected_is_a_failed_attempt(person: Person, system: System) -> None:
    model = register(person, system, b"GGUF")
    assert stats(person) == [("models_verify", "failed", 1, model["error"])]

"""Models and predictions whose event or message was lost."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.inference.waiting import MAX_SENT
from shared.messaging.messages import SweepDue
from shared.models import Model, Prediction
from tests.harness import Person, System, expect
from tests.registry import digits_onnx, register


def sweep(system: System) -> list[str]:
    """Return the topics that a sweep sends; what waited for delivery before is lost."""
    system.mailbox.take()
    system.send(SweepDue())
    (due,) = system.mailbox.take()
    assert system.deliver(due) == [204]
    return [one.topic for one in system.mailbox.waiting]


def age(session: Session, **columns: timedelta) -> None:
    """Make all models look as if they had been written or touched so long ago."""
    session.execute(text("ALTER TABLE models DISABLE TRIGGER touch_updated_at"))
    values = {name: func.now() - ago for name, ago in columns.items()}
    session.execute(update(Model).values(**values))
    session.execute(text("ALTER TABLE models ENABLE TRIGGER touch_updated_at"))
    session.commit()


def register_model(person: Person) -> dict[str, Any]:
    """Return a model whose file has not come."""
    about = {"name": "digits", "model_type": "sklearn", "file_name": "digits.onnx"}
    model: dict[str, Any] = person.post("/v1/models", about | {"file_size": len(digits_onnx())})
    return model


def test_file_whose_event_was_lost_is_verified(
    person: Person, system: System, session: Session
) -> None:
    model = register_model(person)
    requests.put(model["upload_url"], data=digits_onnx(), headers=model["headers"], timeout=10)
    assert sweep(system) == []  # its event may still wait in a queue
    age(session, updated_at=timedelta(minutes=16))
    assert sweep(system) == ["model-finalized"]
    system.drain()
    assert person.get(f"/v1/models/{model['id']}")["status"] == "active"
    age(session, updated_at=timedelta(hours=9), created_at=timedelta(hours=9))
    assert sweep(system) == []


def test_event_that_is_lost_again_is_sent_again_later(
    person: Person, system: System, session: Session
) -> None:
    model = register_model(person)
    requests.put(model["upload_url"], data=digits_onnx(), headers=model["headers"], timeout=10)
    for _ in range(2):
        age(session, updated_at=timedelta(minutes=16), created_at=timedelta(hours=9))
        assert sweep(system) == ["model-finalized"]
        assert sweep(system) == []


def test_model_whose_file_never_came_is_rejected_after_a_while(
    person: Person, system: System, session: Session
) -> None:
    model = register_model(person)
    age(session, updated_at=timedelta(minutes=16), created_at=timedelta(minutes=119))
    assert sweep(system) == []
    assert person.get(f"/v1/models/{model['id']}")["status"] == "pending"
    age(session, updated_at=timedelta(minutes=16), created_at=timedelta(minutes=121))
    assert sweep(system) == []
    found = person.get(f"/v1/models/{model['id']}")
    assert (found["status"], found["error"]) == ("rejected", "Its file was never sent.")


def start_waiting(person: Person, model: dict[str, Any]) -> dict[str, Any]:
    """Return a prediction that waits for its message."""
    path = f"/v1/models/{model['id']}/predictions"
    headers = {"Prefer": "respond-async"}
    body = {"inputs": {"X": [[0.0] * 64]}}
    made: dict[str, Any] = expect(person.request("POST", path, body, headers=headers), 202)
    return made


def set_age(session: Session, ago: timedelta) -> None:
    """Make all predictions look as if they had been asked for so long ago."""
    session.execute(update(Prediction).values(created_at=func.now() - ago))
    session.commit()


def test_prediction_whose_message_was_lost_is_sent_again_and_done(
    person: Person, system: System, session: Session
) -> None:
    made = start_waiting(person, register(person, system))
    assert sweep(system) == []
    for minutes in (16, 31):
        set_age(session, timedelta(minutes=minutes))
        assert sweep(system) == ["prediction-requested"]
        system.mailbox.take()
        assert sweep(system) == []
    set_age(session, timedelta(minutes=46))
    assert sweep(system) == ["prediction-requested"]
    system.drain()
    assert person.get(f"/v1/predictions/{made['id']}")["status"] == "success"
    set_age(session, timedelta(hours=9))
    assert sweep(system) == []


@pytest.mark.parametrize("held", [True, False])
def test_prediction_that_is_never_done_fails(
    person: Person, system: System, session: Session, held: bool
) -> None:
    made = start_waiting(person, register(person, system))
    for sent in range(MAX_SENT):
        set_age(session, timedelta(minutes=15 * (sent + 1), seconds=30))
        assert sweep(system) == ["prediction-requested"]
    set_age(session, timedelta(minutes=15 * (MAX_SENT + 1), seconds=30))
    if held:
        session.scalars(select(Prediction).with_for_update()).one()
    assert sweep(system) == []
    session.rollback()
    found = person.get(f"/v1/predictions/{made['id']}")
    if held:  # somebody is about to end it
        assert found["status"] == "pending"
    else:
        assert (found["status"], found["error_code"]) == ("failed", "unavailable")
        assert found["error_message"] == "It was sent 5 times and never done."

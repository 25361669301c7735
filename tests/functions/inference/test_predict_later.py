"""Predictions that wait for a message."""

import pytest

from shared.inference.serving import Models
from shared.inference.worker import Bounds
from shared.services import services
from tests.harness import Person, System, expect
from tests.registry import digits, predictor_of, register
from tests.shared.inference import hostile

ASYNC = {"Prefer": "respond-async"}


def test_prediction_waits_and_is_done_once(person: Person, system: System) -> None:
    model = register(person, system)
    path = f"/v1/models/{model['id']}/predictions"
    inputs = {"X": digits()[2][:100].tolist()}
    response = person.request("POST", path, {"inputs": inputs}, headers=ASYNC)
    waiting = expect(response, 202)
    assert (waiting["status"], waiting["output_data"]) == ("pending", None)
    assert response.headers["Preference-Applied"] == "respond-async"
    system.drain(copies=2)
    done = person.get(f"/v1/predictions/{waiting['id']}")
    assert (done["status"], done["batch_size"]) == ("success", 100)
    assert done["inference_time_ms"] > 0


def test_wrong_input_is_refused_at_once(person: Person, system: System) -> None:
    path = f"/v1/models/{register(person, system)['id']}/predictions"
    expect(person.request("POST", path, {"inputs": {"X": [1]}}, headers=ASYNC), 422)
    assert system.mailbox.waiting == []


def test_model_archived_meanwhile_fails_with_the_reason(person: Person, system: System) -> None:
    model = register(person, system)
    path = f"/v1/models/{model['id']}/predictions"
    body = {"inputs": {"X": [[0.0] * 64]}}
    waiting = expect(person.request("POST", path, body, headers=ASYNC), 202)
    person.request("DELETE", f"/v1/models/{model['id']}")
    system.drain()
    done = person.get(f"/v1/predictions/{waiting['id']}")
    assert (done["status"], done["error_code"]) == ("failed", "not_serving")
    assert done["error_message"] == "The model is archived."
    (attempt,) = person.get("/v1/job-stats?status=failed")["items"]
    assert attempt["operation"] == "inference_predict_later"
    assert attempt["error"] == "The model is archived."


def test_failed_prediction_is_a_failed_attempt(person: Person, system: System) -> None:
    data = hostile.graph([hostile.node("Log")])
    model = register(person, system, data, model_type="onnx")
    body = {"inputs": {"x": [[-1.0] * 4]}}
    path = f"/v1/models/{model['id']}/predictions"
    waiting = expect(person.request("POST", path, body, headers=ASYNC), 202)
    system.drain(copies=2)
    done = person.get(f"/v1/predictions/{waiting['id']}")
    (attempt,) = person.get("/v1/job-stats?status=failed")["items"]
    assert attempt["error"] == done["error_message"]
    assert "NaN" in attempt["error"]


def test_busy_model_is_asked_again_later(
    person: Person, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = register(person, system)
    path = f"/v1/models/{model['id']}/predictions"
    body = {"inputs": {"X": [[0.0] * 64]}}
    models = Models(services().storage, 2**30, Bounds())
    monkeypatch.setitem(services().built, "predictor", predictor_of(models))
    person.post(path, body)
    (slot,) = models.slots.values()
    assert slot.worker is not None
    waiting = expect(person.request("POST", path, body, headers=ASYNC), 202)
    (message,) = system.mailbox.take()
    with slot.worker.lock, monkeypatch.context() as patch:  # as while it runs
        patch.setattr(slot.worker, "bounds", Bounds(run_seconds=0.5))
        assert "busy for 0.5 s" in expect(person.request("POST", path, body), 503)["detail"]
        assert system.deliver(message) == [500]
    assert person.get(f"/v1/predictions/{waiting['id']}")["status"] == "pending"
    assert system.deliver(message, attempt=2) == [204]
    assert person.get(f"/v1/predictions/{waiting['id']}")["status"] == "success"
    models.close()

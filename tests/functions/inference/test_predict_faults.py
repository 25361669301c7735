"""Models that hang, take too much or die: the caller is told why, and work goes on."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import requests
import tritonclient.http as triton
from onnx import TensorProto
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.inference.batching import run_batch
from shared.inference.errors import PredictionFailed
from shared.inference.serving import Models, Servable
from shared.inference.worker import Bounds, Ran
from shared.models import Model, Prediction, Profile
from shared.services import services
from tests.harness import Person, System, expect, in_parallel
from tests.registry import predictor_of, register
from tests.shared.inference import hostile

GOOD = [[0.5] * 4]


@pytest.fixture
def models(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Models]:
    """Yield an instance that gives models three seconds and 512 MiB."""
    bounds = Bounds(memory=512 * 2**20, load_seconds=20, run_seconds=3)
    models = Models(services().storage, 2**30, bounds)
    monkeypatch.setitem(services().built, "predictor", predictor_of(models))
    yield models
    models.close()


def register_model(person: Person, system: System, data: bytes) -> str:
    """Return the path of the predictions of a model that behaves on ordinary input."""
    model = register(person, system, data, name="strange", model_type="onnx")
    assert model["status"] == "active", model["error"]
    return f"/v1/models/{model['id']}/predictions"


FAULTS = [
    pytest.param(hostile.patient(), 2**40, "timeout", "longer than 3 s", id="hangs"),
    pytest.param(hostile.roomy(), 2**33, "out_of_memory", "more than 512 MiB", id="is greedy"),
    pytest.param(hostile.choosy(), 9, "model_error", "out of data bounds", id="fails"),
    pytest.param(
        hostile.graph([hostile.node("Log")]), -1, "invalid_output", "holds NaN", id="answers NaN"
    ),
]


@pytest.mark.parametrize(("data", "bad", "code", "reason"), FAULTS)
def test_model_that_misbehaves_harms_nothing_else(
    person: Person,
    system: System,
    models: Models,
    data: bytes,
    bad: float,
    code: str,
    reason: str,
) -> None:
    path = register_model(person, system, data)
    inputs = {"inputs": {"x": [[float(bad)] * 4]}}
    assert reason in expect(person.request("POST", path, inputs), 422)["detail"]
    waiting = person.post(path, inputs, 202, headers={"Prefer": "respond-async"})
    system.drain()
    for row in person.get("/v1/predictions?status=failed")["items"]:
        assert row["error_code"] == code
        assert reason in row["error_message"]
    assert waiting["id"] in [one["id"] for one in person.get("/v1/predictions")["items"]]
    assert person.post(path, {"inputs": {"x": GOOD}})["status"] == "success"


def test_process_that_dies_at_work_is_replaced(
    person: Person, system: System, models: Models
) -> None:
    path = register_model(person, system, hostile.patient())
    person.post(path, {"inputs": {"x": GOOD}})
    (slot,) = models.slots.values()
    worker = slot.worker
    assert worker is not None
    ended = threading.Event()

    def kill() -> None:
        while not slot.users and not ended.is_set():
            pass
        os.kill(worker.process.pid, signal.SIGSEGV)

    killer = threading.Thread(target=kill)
    killer.start()
    response = person.request("POST", path, {"inputs": {"x": [[2.0**40] * 4]}})
    ended.set()
    killer.join()
    assert "ended by itself (SIGSEGV)" in expect(response, 422)["detail"]
    (row,) = person.get("/v1/predictions?status=failed")["items"]
    assert (row["error_code"], row["error_message"]) == ("crashed", response.get_json()["detail"])
    assert person.post(path, {"inputs": {"x": GOOD}})["status"] == "success"


WRONG: list[tuple[Any, str]] = [
    (np.full((1, 64), np.nan, np.float32), "holds NaN"),
    (np.full((1, 64), np.inf, np.float32), "holds NaN or a number beyond"),
    (np.zeros((0, 64), np.float32), "it is empty"),
    (np.zeros((1025, 64), np.float32), "at most 1024 are taken at once"),
    (np.zeros((1, 65), np.float32), "it has the shape \\[1, 65\\]"),
    (np.zeros((1, 64), np.float64), "it is FP64"),
    (np.zeros((1, 64), np.int32), "it is INT32"),
]


def test_wrong_tensors_by_the_protocol(
    client: triton.InferenceServerClient, headers: dict[str, str], person: Person
) -> None:
    for array, reason in WRONG:
        tensor = triton.InferInput("X", list(array.shape), triton.np_to_triton_dtype(array.dtype))
        tensor.set_data_from_numpy(array)
        with pytest.raises(triton.InferenceServerException, match=reason):
            client.infer("digits", [tensor], headers=headers)
    rows = person.get("/v1/predictions?status=failed")["items"]
    assert [row["error_code"] for row in rows] == ["invalid_input"] * len(WRONG)


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_model_that_takes_nothing(person: Person, system: System, prefer: str) -> None:
    path = register_model(person, system, hostile.constant())
    person.request("POST", path, {"inputs": {}}, headers={"Prefer": prefer})
    system.drain()
    (row,) = person.get("/v1/predictions")["items"]
    assert (row["status"], row["output_data"]["outputs"]) == ("success", {"y": [[1, 2]]})


TEXTS: list[tuple[dict[str, Any], str]] = [
    ({"x\0": [[0] * 4]}, "is not an input of this model"),
    ({"x": [["a\0", 0, 0, 0]]}, "it holds strings"),
    ({"y" * 100_000: None}, "is not an input of this model"),
]


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_texts_that_the_log_cannot_hold(person: Person, system: System, prefer: str) -> None:
    path = register_model(person, system, hostile.graph([hostile.node("Identity")]))
    for inputs, reason in TEXTS:
        body = {"inputs": inputs}
        response = person.request("POST", path, body, headers={"Prefer": prefer})
        assert reason in expect(response, 422)["detail"]
    rows = person.get("/v1/predictions?status=failed")["items"]
    assert len(rows) == len(TEXTS)
    for row in rows:
        assert row["error_code"] == "invalid_input"
        assert len(row["error_message"]) <= 2000


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_strings_with_a_nul_reach_the_model_as_they_are(
    person: Person, system: System, prefer: str
) -> None:
    path = register_model(person, system, hostile.echo(TensorProto.STRING))
    body = {"inputs": {"x": [["a\0b", "", "", "c"]]}}
    made = expect(
        person.request("POST", path, body, headers={"Prefer": prefer}), 202 if prefer else 201
    )
    system.drain()
    row = person.get(f"/v1/predictions/{made['id']}")
    assert (row["status"], row["error_message"]) == ("success", None)
    # PostgreSQL's JSON cannot hold U+0000: the log tells the shape, and the answer is an object.
    assert row["output_data"]["outputs"] == {"y": {"shape": [1, 4], "datatype": "BYTES"}}
    answer = requests.get(row["output_url"], timeout=10).json()
    assert answer["outputs"] == {"y": [["a\0b", "", "", "c"]]}
    assert row["input_data"] == {"inputs": ["x"], "summarised": True}
    assert requests.get(row["input_url"], timeout=10).json() == body


def test_answer_that_no_response_can_hold(
    person: Person, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = register_model(person, system, hostile.echo(TensorProto.FLOAT))
    body = {"inputs": {"x": [[0.1] * 4] * 1000}}
    person.post(path, body)
    smaller = replace(services().predictor, max_answer=10_000)
    monkeypatch.setitem(services().built, "predictor", smaller)
    problem = expect(person.request("POST", path, body), 422)
    assert "fetched from its output_url" in problem["detail"]
    tensor = {"name": "x", "shape": [1000, 4], "datatype": "FP32", "data": [0.1] * 4000}
    response = person.request("POST", "/v2/models/strange/infer", {"inputs": [tensor]})
    assert "Ask for fewer rows or outputs." in expect(response, 422)["error"]
    failed = person.get("/v1/predictions?status=failed")["items"]
    assert [row["error_code"] for row in failed] == ["invalid_output"] * 2
    waiting = person.post(path, body, 202, headers={"Prefer": "respond-async"})
    system.drain()
    assert person.get(f"/v1/predictions/{waiting['id']}")["status"] == "success"


def test_whole_numbers_beyond_63_bits(person: Person, system: System) -> None:
    path = register_model(person, system, hostile.echo(TensorProto.UINT64))
    large = [[2**64 - 1, 0, 2**63, 1]]
    answer = person.post(path, {"inputs": {"x": large}})
    assert answer["output_data"]["outputs"]["y"] == large
    for wrong, reason in (
        ([[2**64, 0, 1, 2]], "outside 0 to 18446744073709551615"),
        ([[2**64 - 1, -1, 1, 2]], "outside 0 to 18446744073709551615"),
        ([[2**64 - 1, 0.5, 1, 2]], "holds fractions"),
        ([[2**64 - 1, True, 1, 2]], "it holds"),
    ):
        response = person.request("POST", path, {"inputs": {"x": wrong}})
        assert reason in expect(response, 422)["detail"]


def test_numbers_whose_sum_is_beyond_all_numbers(person: Person, system: System) -> None:
    path = register_model(person, system, hostile.echo(TensorProto.DOUBLE))
    answer = person.post(path, {"inputs": {"x": [[1.7e308] * 4] * 1000}})
    assert answer["output_data"]["outputs"]["y"][0] == [1.7e308] * 4
    (row,) = person.get("/v1/predictions")["items"]
    assert "mean" not in row["output_data"]["outputs"]["y"]
    assert float(row["output_data"]["outputs"]["y"]["max"]) == 1.7e308


def test_images_one_by_one_take_no_longer_than_one_call(
    person: Person, system: System, models: Models
) -> None:
    register_model(person, system, hostile.echo(TensorProto.FLOAT, 1))
    with transaction(services().engine) as session:
        model = Servable.of(session.scalars(select(Model)).one())
    models.seconds = 0
    with pytest.raises(PredictionFailed, match="for the first 1 of 5") as caught:
        run_batch(models, model, {"x": np.zeros((5, 4), np.float32)})
    assert caught.value.code == "timeout"


def test_images_one_by_one_do_not_wait_for_others_for_long(
    person: Person, system: System, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_model(person, system, hostile.echo(TensorProto.FLOAT, 1))
    with transaction(services().engine) as session:
        model = Servable.of(session.scalars(select(Model)).one())
    models.seconds = 0
    monkeypatch.setattr(models, "run", lambda *_: Ran({}, 0.0, {}))
    with pytest.raises(PredictionFailed, match="it came to the first 1 of 5") as caught:
        run_batch(models, model, {"x": np.zeros((5, 4), np.float32)})
    assert caught.value.code == "busy"


def test_account_that_is_deleted_meanwhile(
    person: Person,
    system: System,
    models: Models,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = register_model(person, system, hostile.graph([hostile.node("Identity")]))
    run_model = models.run

    def delete_first(*given: Any) -> Any:
        (response,) = in_parallel([lambda: person.delete_account()])
        expect(response, 204)
        return run_model(*given)

    monkeypatch.setattr(models, "run", delete_first)
    expect(person.request("POST", path, {"inputs": {"x": GOOD}}), 201)
    system.drain()
    assert session.scalars(select(Prediction)).all() == []
    assert session.get(Profile, person.id) is None

"""Loaded models of an instance: within a budget, and never another file than was verified."""

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import skops.io

from shared.inference.errors import PredictionFailed
from shared.inference.serving import Models, Servable, Slot
from shared.inference.verification import Declared, verify
from shared.inference.worker import Bounds, Ran, Worker
from shared.models.base import new_id
from shared.schemas.preprocessing import ModelMetadata
from shared.services import services
from shared.storage.names import name_model
from tests.harness import System
from tests.registry import classifier, digits, digits_onnx, export_onnx
from tests.shared.inference import hostile

BOUNDS = Bounds(memory=512 * 2**20, load_seconds=30, run_seconds=30)
ONE = {"X": digits()[2][:1]}


@pytest.fixture
def serving(system: System) -> Iterator[Callable[[int], Models]]:
    """Make an instance's models with a budget of bytes; end their processes afterwards."""
    made: list[Models] = []

    def make(budget: int) -> Models:
        made.append(Models(services().storage, budget, BOUNDS))
        return made[-1]

    yield make
    for models in made:
        models.close()


def store_model(data: bytes) -> Servable:
    """Return a verified model in the bucket."""
    user_id, model_id = new_id(), new_id()
    path = name_model(user_id, model_id)
    services().storage.put_once(path, data, "application/octet-stream")
    file = services().storage.find(path)
    assert file is not None
    return Servable(
        id=model_id,
        user_id=user_id,
        name="m",
        version=1,
        runtime="onnx",
        file_path=path,
        file_size=len(data),
        generation=file.generation,
        sha256=hashlib.sha256(data).hexdigest(),
        inputs=[],
        outputs=[],
        metadata=ModelMetadata(),
    )


def use_models(models: Models, *which: Servable) -> list[UUID]:
    """Run models one after the other; what stays loaded then, last used last."""
    for model in which:
        models.run(model, ONE)
    return models.list_loaded()


def test_models_that_were_not_used_for_longest_make_room(
    serving: Callable[[int], Models],
) -> None:
    with Worker("onnx", bounds=BOUNDS) as worker:
        size = worker.load(digits_onnx()).memory
    a, b, c = (store_model(digits_onnx()) for _ in range(3))
    models = serving(int(2.5 * size))
    assert use_models(models, a, b) == [a.id, b.id]
    assert use_models(models, a) == [b.id, a.id]
    assert use_models(models, c) == [a.id, c.id]
    assert use_models(models, b) == [c.id, b.id]
    assert use_models(serving(1), a) == []


@pytest.fixture
def at_work(serving: Callable[[int], Models]) -> Iterator[tuple[Models, Worker, list[str]]]:
    """A model that runs where there is room for one; its process, and how it will have ended."""
    models = serving(1)
    slow = store_model(hostile.patient())
    ended: list[str] = []

    def wait() -> None:
        with pytest.raises(PredictionFailed) as caught:
            models.run(slow, {"x": np.full((1, 4), 2.0**40, np.float32)})
        ended.append(caught.value.code)

    thread = threading.Thread(target=wait)
    thread.start()
    while slow.id not in models.list_loaded():
        assert thread.is_alive()
    worker = models.slots[slow.id, slow.sha256].worker
    assert worker is not None
    yield models, worker, ended
    worker.process.send_signal(signal.SIGTERM)
    thread.join()
    assert ended == ["crashed"]
    assert models.list_loaded() == []


def test_model_that_is_in_use_stays_and_others_wait(
    at_work: tuple[Models, Worker, list[str]],
) -> None:
    models, _, ended = at_work
    models.bounds = replace(BOUNDS, load_seconds=0.1)
    with pytest.raises(PredictionFailed, match="take all of the memory") as caught:
        models.run(store_model(digits_onnx()), ONE)
    assert caught.value.code == "busy"
    assert ended == []
    assert len(models.list_loaded()) == 1


def test_model_runs_when_another_has_made_room(
    at_work: tuple[Models, Worker, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    models, worker, _ = at_work
    waits = models.memory_freed.wait

    def wait(timeout: float | None = None) -> bool:
        worker.process.send_signal(signal.SIGTERM)
        return waits(timeout)

    monkeypatch.setattr(models.memory_freed, "wait", wait)
    assert set(models.run(store_model(digits_onnx()), ONE).outputs) == {"label", "probabilities"}


def test_model_runs_when_another_turns_out_smaller(
    serving: Callable[[int], Models], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = serving(1)
    other = models.slots[new_id(), ""] = Slot(memory=2, users=1)
    waits, waiting = models.memory_freed.wait, threading.Event()

    def wait(timeout: float | None = None) -> bool:
        waiting.set()
        return waits(timeout)

    monkeypatch.setattr(models.memory_freed, "wait", wait)
    model = store_model(digits_onnx())
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(models.run, model, ONE)
        assert waiting.wait(30)
        models.set_memory(other, 0)
        assert set(ran.result().outputs) == {"label", "probabilities"}
    other.users = 0


def test_models_make_room_as_soon_as_another_turns_out_larger(
    serving: Callable[[int], Models], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = serving(2**30)
    idle, model = store_model(digits_onnx()), store_model(digits_onnx())
    assert use_models(models, idle) == [idle.id]
    models.budget = models.slots[idle.id, idle.sha256].memory + 2 * model.file_size
    during: list[list[UUID]] = []
    runs = Worker.run

    def run(worker: Worker, inputs: Any) -> Ran:
        during.append(models.list_loaded())
        return runs(worker, inputs)

    monkeypatch.setattr(Worker, "run", run)
    models.run(model, ONE)
    assert during == [[model.id]]


def test_memory_that_a_run_has_taken_counts(serving: Callable[[int], Models]) -> None:
    models = serving(256 * 2**20)
    model = store_model(hostile.roomy())
    for units, stays in ((2.0, True), (2.0**26, False)):
        models.run(model, {"x": np.full((1, 4), units, np.float32)})
        assert (models.list_loaded() == [model.id]) == stays


def test_model_that_is_being_loaded_for_too_long_is_busy(
    serving: Callable[[int], Models],
) -> None:
    models = serving(2**30)
    model = store_model(digits_onnx())
    use_models(models, model)
    models.bounds = replace(BOUNDS, load_seconds=0.1)
    with (
        models.slots[model.id, model.sha256].lock,
        pytest.raises(PredictionFailed, match="was being loaded") as caught,
    ):
        models.run(model, ONE)
    assert caught.value.code == "busy"


def test_file_of_another_hash_or_generation_is_never_served(
    serving: Callable[[int], Models],
) -> None:
    models = serving(2**30)
    model = store_model(digits_onnx())
    assert use_models(models, model) == [model.id]
    for changed, reason in (
        (replace(model, sha256="0" * 64), "not the one that was verified"),
        (replace(model, sha256="1" * 64, generation=model.generation + 1), "file is gone"),
    ):
        with pytest.raises(PredictionFailed, match=reason) as caught:
            models.run(changed, ONE)
        assert caught.value.code == "unavailable"
    assert models.list_loaded() == [model.id]


def test_new_content_takes_the_place_of_what_is_loaded(serving: Callable[[int], Models]) -> None:
    """A loaded process answers for one content; another hash of the same model is loaded anew."""
    models = serving(2**30)
    first = store_model(digits_onnx())
    other = store_model(export_onnx(classifier()))
    moved = replace(other, id=first.id)
    names = [set(models.run(one, ONE).outputs) for one in (first, moved, first)]
    assert names[0] == names[2] == {"label", "probabilities"}
    assert names[1] == {"output_label", "output_probability"}


def test_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model's process looks for skops where nobody has put it."""
    (tmp_path / "skops").mkdir()
    (tmp_path / "skops" / "__init__.py").write_text(
        "raise ModuleNotFoundError('No module named skops', name='skops')"
    )
    data = skops.io.dumps(classifier())
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PredictionFailed) as caught:
        verify(data, Declared("sklearn", None, None, None), BOUNDS)
    assert caught.value.code == "unavailable"
    assert caught.value.detail == "This function cannot run it: skops is not installed."


def test_calls_of_an_account_leave_places_for_others(system: System) -> None:
    models = Models(services().storage, 2**30, BOUNDS, calls_of_account=2)
    many, other = new_id(), new_id()
    with models.admit_call(many), models.admit_call(many):
        with pytest.raises(PredictionFailed) as refused, models.admit_call(many):
            pass
        with models.admit_call(other):
            pass
    assert (refused.value.code, refused.value.status) == ("busy", 503)
    assert refused.value.headers["Retry-After"]
    with models.admit_call(many):  # an earlier one has ended
        pass

"""Analyses by registered models: of one image, over a crawl job, and whatever goes wrong."""

import hashlib
import io
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from PIL import Image as Picture
from sklearn.tree import DecisionTreeClassifier
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from functions.inference import analyze
from shared.analyses.by_model import TOGETHER
from shared.inference.serving import Models
from shared.inference.worker import Bounds
from shared.messaging.messages import ModelAnalysesRequested, SweepDue
from shared.models import CrawlJob, Image, ImageAnalysis, Model, Prediction
from shared.models.base import new_id
from shared.services import services
from tests import factories
from tests.harness import Person, System, expect
from tests.registry import classifier, digits, export_onnx, predictor_of, register
from tests.shared.inference import hostile
from tests.shared.inference.hostile import node

DIGITS = {
    "labels": [f"digit {digit}" for digit in range(10)],
    "preprocessing": {
        "width": 8, "height": 8, "layout": "flat", "color": "grayscale",
        "scale": 16 / 255, "resample": "nearest",
    },
}  # fmt: skip
FOUR_GREYS = {"preprocessing": {"width": 2, "height": 2, "layout": "flat", "color": "grayscale"}}


@pytest.fixture
def crawl(session: Session, person: Person) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id))


@pytest.fixture
def model(person: Person, system: System) -> dict[str, Any]:
    """Return a registered classifier of digits that takes images."""
    return register(person, system, metadata=DIGITS)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[Models]:
    """Models that are given up after three seconds."""
    models = Models(services().storage, 2**30, Bounds(512 * 2**20, 30, 3))
    monkeypatch.setitem(services().built, "predictor", predictor_of(models))
    yield models
    models.close()


def digit(session: Session, of: CrawlJob, index: int, **columns: Any) -> Image:
    """One of the digits that were held out, as an image of 80 × 80 pixels in the bucket."""
    buffer = io.BytesIO()
    values = np.rint(digits()[2][index].reshape(8, 8) * 255 / 16).astype(np.uint8)
    Picture.fromarray(values).resize((80, 80), Picture.Resampling.NEAREST).save(buffer, "PNG")
    return factories.store_image(session, of, data=buffer.getvalue(), **columns)


def add_broken_image(session: Session, of: CrawlJob) -> Image:
    """Return an image whose object is none."""
    image = factories.image(session, of)
    services().storage.put_once(image.file_path or "", b"no image", "image/jpeg")
    return image


def serve_model(session: Session, person: Person, data: bytes, **columns: Any) -> str:
    """Return a model from x to y (FP32, 4 values each) as one is after it was verified; its id.

    Verification would refuse those that misbehave on every input; others come so far.
    """
    name = f"models/{person.id}/{new_id()}"
    services().storage.put_once(name, data, "application/octet-stream")
    found = services().storage.find(name)
    assert found is not None
    tensor = {"datatype": "FP32", "shape": [-1, 4]}
    row = Model(
        **{
            "user_id": person.id,
            "name": "misbehaves",
            "model_type": "onnx",
            "runtime": "onnx",
            "file_path": name,
            "generation": found.generation,
            "sha256": hashlib.sha256(data).hexdigest(),
            "input_schema": [tensor | {"name": "x"}],
            "output_schema": [tensor | {"name": "y"}],
            "metadata_": FOUR_GREYS,
        }
        | columns
    )
    session.add(row)
    session.commit()
    return str(row.id)


def run_over(person: Person, system: System, crawl: CrawlJob, model_id: str, **more: Any) -> Any:
    """Run a model over a crawl job; the analysis job as it ended."""
    body = {"analyzer": f"model:{model_id}", **more}
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", body, 202)
    system.drain()
    return person.get(f"/v1/analysis-jobs/{job['id']}")


def analyses(person: Person, image: Image) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get(f"/v1/images/{image.id}/analyses")["items"]
    return found


def test_one_image(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    image = digit(session, crawl, 7)
    truth = f"digit {classifier().predict(digits()[2][7:8])[0]}"
    body = {"analyzer": f"model:{model['id']}"}
    accepted = person.post(f"/v1/images/{image.id}/analyses", body, 202)
    assert (accepted["status"], accepted["model_version"]) == ("pending", "1")
    system.drain(copies=2)
    [made] = analyses(person, image)
    assert made["status"] == "completed", made
    best = made["labels"][0]
    assert best["name"] == truth
    assert 0.3 < best["score"] <= 1
    assert made["description"].startswith(f"digits, version 1, sees {truth} ({best['score']:.0%})")
    assert made["processing_time_ms"] > 0
    [call] = person.get("/v1/predictions")["items"]
    assert made["metrics"]["prediction_id"] == call["id"]
    assert len(made["metrics"]["outputs"]["probabilities"]) == 10
    assert f"digit {made['metrics']['outputs']['label']}" == truth
    assert call["input_data"] == {"image_ids": [str(image.id)]}
    assert call["output_data"]["images"][0]["labels"][0]["label"] == truth
    assert person.post(f"/v1/images/{image.id}/analyses", body, 202)["id"] == accepted["id"]
    assert system.mailbox.topics().count("model-analyses-requested") == 1


def test_a_crawl_jobs_images_are_run_in_batches_each_once(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    count = TOGETHER + 3
    images = [digit(session, crawl, index) for index in range(count)]
    predicted = classifier().predict(digits()[2][:count])
    body = {"analyzer": f"model:{model['id']}"}
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", body, 202)
    system.drain_concurrently(copies=2)
    done = person.get(f"/v1/analysis-jobs/{job['id']}")
    assert (done["status"], done["analyzed_images"], done["model_version"]) == (
        "completed",
        count,
        "1",
    )
    found = {image.id: analyses(person, image) for image in images}
    assert [[one["labels"][0]["name"] for one in found[image.id]] for image in images] == [
        [f"digit {label}"] for label in predicted
    ]
    calls = session.scalars(select(Prediction).order_by(Prediction.id)).all()
    assert [call.batch_size for call in calls] == [TOGETHER, 3]
    assert all(0 < (call.inference_time_ms or 0) < 1000 for call in calls)
    [statistics] = person.get("/v1/analytics/models")["items"]
    assert (statistics["total_predictions"], statistics["failed_predictions"]) == (2, 0)
    again = run_over(person, system, crawl, model["id"])
    assert (again["analyzed_images"], again["skipped_images"]) == (0, count)
    attempts = person.get("/v1/job-stats?status=completed")["items"]
    assert "inference_analyze" in {attempt["operation"] for attempt in attempts}


def test_a_new_version_adds_to_the_history(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    image = digit(session, crawl, 0)
    run_over(person, system, crawl, model["id"])
    second = register(person, system, metadata=DIGITS)
    run_over(person, system, crawl, second["id"])
    assert [one["model_version"] for one in analyses(person, image)] == ["2", "1"]


def test_what_cannot_be_read_fails_alone(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    good = [digit(session, crawl, 1), digit(session, crawl, 2)]
    unreadable, absent = add_broken_image(session, crawl), factories.image(session, crawl)
    done = run_over(person, system, crawl, model["id"])
    assert (done["status"], done["analyzed_images"], done["failed_images"]) == ("completed", 2, 2)
    [why] = analyses(person, unreadable)
    assert (why["status"], why["error_code"]) == ("failed", "image_unusable")
    assert why["error"].startswith("The image cannot be read: ")
    assert [one["error_code"] for one in analyses(person, absent)] == ["missing"]
    assert all(analyses(person, image)[0]["labels"] for image in good)
    [call] = session.scalars(select(Prediction))
    assert (call.batch_size, call.status) == (2, "success")


def test_a_model_without_labels_gives_its_outputs(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    image = factories.store_image(session, crawl)
    wide = [{"name": "y", "datatype": "FP32", "shape": [-1, 1, 4]}]
    shape = helper.make_tensor("to", TensorProto.INT64, [3], [-1, 1, 4])
    data = hostile.graph([node("Reshape", ["x", "to"])], [shape])
    model_id = serve_model(session, person, data, name="embedding", output_schema=wide)
    run_over(person, system, crawl, model_id)
    [made] = analyses(person, image)
    assert (made["status"], made["labels"]) == ("completed", []), made
    assert made["description"] == (
        "embedding, version 1, gives no labels; its outputs are y (FP32 of shape [-1, 1, 4])."
    )
    [greys] = made["metrics"]["outputs"]["y"]
    assert len(greys) == 4
    assert all(0 <= grey <= 1 for grey in greys)


@pytest.mark.parametrize("count", [1, 2])
def test_a_model_that_says_its_label_as_a_text(
    session: Session, system: System, person: Person, crawl: CrawlJob, count: int
) -> None:
    images, labels, held_out, _ = digits()
    tree = DecisionTreeClassifier(max_depth=2).fit(images, [f"a {label}" for label in labels])
    model = register(person, system, export_onnx(tree), metadata={**DIGITS, "labels": None})
    stored = [digit(session, crawl, index) for index in range(count)]
    run_over(person, system, crawl, model["id"])
    made = [analyses(person, image)[0] for image in stored]
    wanted = tree.predict(held_out[:count]).tolist()
    assert [one["labels"][0]["name"] for one in made] == wanted
    assert [one["metrics"]["outputs"]["output_label"] for one in made] == wanted


def test_a_large_output_is_summarised(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    image = factories.store_image(session, crawl)
    ones = helper.make_tensor("ones", TensorProto.FLOAT, [4, 50], [0.25] * 200)
    data = hostile.graph([node("MatMul", ["x", "ones"])], [ones])
    wide = [{"name": "y", "datatype": "FP32", "shape": [-1, 50]}]
    named = FOUR_GREYS | {"labels": [f"kind {index}" for index in range(50)]}
    model_id = serve_model(session, person, data, output_schema=wide, metadata_=named)
    run_over(person, system, crawl, model_id)
    [made] = analyses(person, image)
    about = made["metrics"]["outputs"]["y"]
    assert (about["datatype"], about["shape"]) == ("FP32", [50])
    assert len(made["labels"]) == 5


@pytest.mark.parametrize(
    ("data", "code", "calls"),
    [
        pytest.param(hostile.endless, "timeout", [3, 1], id="endless"),
        pytest.param(hostile.greedy, "out_of_memory", [3, 1], id="greedy"),
    ],
)
def test_a_model_that_survives_no_image_ends_all_and_the_function_lives(
    session: Session,
    system: System,
    person: Person,
    crawl: CrawlJob,
    quick: Models,
    data: Any,
    code: str,
    calls: list[int],
) -> None:
    image, *_ = [factories.store_image(session, crawl) for _ in range(3)]
    done = run_over(person, system, crawl, serve_model(session, person, data()))
    assert (done["status"], done["failed_images"]) == ("failed", 3)
    [why] = analyses(person, image)
    assert why["error_code"] == code
    assert why["error"] in done["error"]
    logged = session.scalars(select(Prediction).order_by(Prediction.id)).all()
    assert [(one.batch_size, one.status, one.error_code) for one in logged] == [
        (size, "failed", code) for size in calls
    ]
    good = register(person, system, metadata=DIGITS)
    assert run_over(person, system, crawl, good["id"])["analyzed_images"] == 3


def test_a_model_whose_process_crashes(
    session: Session, system: System, person: Person, crawl: CrawlJob, quick: Models
) -> None:
    image, *_ = [factories.store_image(session, crawl) for _ in range(3)]
    ended = threading.Event()

    def crash() -> None:
        """End every process of a model as soon as there is one."""
        while not ended.wait(0.01):
            for slot in list(quick.slots.values()):
                if slot.worker is not None and not slot.worker.dead:
                    slot.worker.process.send_signal(signal.SIGSEGV)

    thread = threading.Thread(target=crash)
    thread.start()
    try:
        done = run_over(person, system, crawl, serve_model(session, person, hostile.endless()))
    finally:
        ended.set()
        thread.join()
    assert (done["status"], done["failed_images"]) == ("failed", 3)
    [why] = analyses(person, image)
    assert why["error_code"] == "crashed"
    assert "SIGSEGV" in why["error"]
    logged = session.scalars(select(Prediction).order_by(Prediction.id)).all()
    assert [(one.batch_size, one.error_code) for one in logged] == [(3, "crashed"), (1, "crashed")]


def test_an_image_that_a_model_fails_on_fails_alone(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    """log(0) is no number in JSON: only the black image fails."""
    black, white = io.BytesIO(), io.BytesIO()
    Picture.new("L", (8, 8), 0).save(black, "PNG")
    Picture.new("L", (8, 8), 255).save(white, "PNG")
    dark = factories.store_image(session, crawl, data=black.getvalue())
    light = factories.store_image(session, crawl, data=white.getvalue())
    model_id = serve_model(session, person, hostile.graph([node("Log")]))
    done = run_over(person, system, crawl, model_id)
    assert (done["status"], done["analyzed_images"], done["failed_images"]) == ("completed", 1, 1)
    assert [one["error_code"] for one in analyses(person, dark)] == ["invalid_output"]
    assert analyses(person, light)[0]["status"] == "completed"


def test_a_model_that_mixes_images_up_is_asked_for_each_alone(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    """Its output has one row however many images come: no row is any image's."""
    images = [factories.store_image(session, crawl) for _ in range(2)]
    data = hostile.graph([helper.make_node("ReduceSum", ["x", "axis"], ["y"])], [
        helper.make_tensor("axis", TensorProto.INT64, [1], [0])
    ])  # fmt: skip
    done = run_over(person, system, crawl, serve_model(session, person, data))
    assert done["analyzed_images"] == 2
    calls = session.scalars(select(Prediction).order_by(Prediction.id)).all()
    assert [(call.batch_size, call.error_code) for call in calls] == [
        (2, "invalid_output"),
        (1, None),
        (1, None),
    ]
    first, second = (analyses(person, image)[0]["metrics"]["outputs"] for image in images)
    assert first != second


def test_a_model_archived_meanwhile(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    image = digit(session, crawl, 0)
    person.post(f"/v1/images/{image.id}/analyses", {"analyzer": f"model:{model['id']}"}, 202)
    expect(person.request("DELETE", f"/v1/models/{model['id']}"), 204)
    system.drain()
    [why] = analyses(person, image)
    assert (why["status"], why["error_code"]) == ("failed", "not_serving")
    assert why["error"] == "The model is archived."


def test_a_model_deleted_meanwhile(session: Session, system: System, crawl: CrawlJob) -> None:
    image = digit(session, crawl, 0)
    row = ImageAnalysis(
        image_id=image.id, analyzer=f"model:{new_id()}", model_version="1", status="pending"
    )
    session.add(row)
    session.commit()
    system.send(ModelAnalysesRequested(analysis_ids=[row.id]))
    system.drain()
    session.refresh(row)
    assert (row.status, row.error) == ("failed", "The model has been deleted.")


def test_other_peoples_models_and_images_are_not_there(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    image = digit(session, crawl, 0)
    stranger = system.person()
    theirs = factories.crawl_job(session, factories.project(session, stranger.id))
    own = digit(session, theirs, 0)
    body = {"analyzer": f"model:{model['id']}"}
    expect(stranger.request("POST", f"/v1/images/{image.id}/analyses", body), 404)
    expect(stranger.request("POST", f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", body), 404)
    for path in (f"/v1/images/{own.id}/analyses", f"/v1/crawl-jobs/{theirs.id}/analysis-jobs"):
        problem = expect(stranger.request("POST", path, body), 404)
        assert problem["detail"] == "There is no such model."
    # A row that no request could write is not run either.
    row = ImageAnalysis(
        image_id=own.id,
        analyzer=f"model:{model['id']}",
        model_id=model["id"],
        model_version="1",
        status="pending",
    )
    session.add(row)
    session.commit()
    system.send(ModelAnalysesRequested(analysis_ids=[row.id]))
    system.drain()
    session.refresh(row)
    assert (row.status, row.error_code) == ("failed", "not_serving")
    assert session.scalar(select(func.count()).select_from(Prediction)) == 0


def test_a_model_that_takes_no_images_is_refused_at_once(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    image = digit(session, crawl, 0)
    body = {"analyzer": f"model:{register(person, system)['id']}"}
    for path in (f"/v1/images/{image.id}/analyses", f"/v1/crawl-jobs/{crawl.id}/analysis-jobs"):
        problem = expect(person.request("POST", path, body), 409)
        assert "metadata.preprocessing" in problem["detail"]


def test_lost_messages_go_to_where_models_are(
    session: Session, system: System, person: Person, crawl: CrawlJob, model: dict[str, Any]
) -> None:
    image = digit(session, crawl, 0)
    for analyzer in ("basic", f"model:{model['id']}"):
        person.post(f"/v1/images/{image.id}/analyses", {"analyzer": analyzer}, 202)
    assert len(system.mailbox.take()) == 2  # and lost
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    session.execute(update(ImageAnalysis).values(updated_at=func.now() - timedelta(hours=1)))
    session.commit()
    system.send(SweepDue())
    system.deliver(system.mailbox.take()[0])
    assert sorted(one.topic for one in system.mailbox.waiting) == [
        "analyses-requested",
        "model-analyses-requested",
    ]
    system.drain()
    assert {one["status"] for one in analyses(person, image)} == {"completed"}


def test_what_does_not_begin_in_time_goes_into_another_message(
    session: Session,
    system: System,
    person: Person,
    crawl: CrawlJob,
    model: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = digit(session, crawl, 0)
    with monkeypatch.context() as patch:
        patch.setattr(analyze, "BUDGET", -1)
        person.post(f"/v1/images/{image.id}/analyses", {"analyzer": f"model:{model['id']}"}, 202)
        system.deliver(system.mailbox.take()[0])
    assert [one.topic for one in system.mailbox.waiting] == ["model-analyses-requested"]
    assert session.scalar(select(func.count()).select_from(Prediction)) == 0
    system.drain()
    assert analyses(person, image)[0]["status"] == "completed"


def test_large_inputs_go_in_smaller_batches(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    """Inputs of 1024 × 1024 pixels take 12 MiB each; five fit in a call."""
    for index in range(6):
        digit(session, crawl, index)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3, 1, 1])
    graph = helper.make_graph([node("GlobalAveragePool")], "g", [x], [y])
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model = register(
        person,
        system,
        data.SerializeToString(),
        model_type="onnx",
        metadata={"preprocessing": {"width": 1024, "height": 1024}},
    )
    assert run_over(person, system, crawl, model["id"])["analyzed_images"] == 6
    calls = person.get("/v1/predictions")["items"]
    assert sorted((call["status"], call["batch_size"]) for call in calls) == [
        ("success", 1),
        ("success", 5),
    ]

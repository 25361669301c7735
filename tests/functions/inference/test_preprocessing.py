"""Preprocessing that contradicts a model: refused where it is said, and never an error of ours."""

import json
from typing import Any
from uuid import UUID

import pytest
from onnx import TensorProto, helper
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.inference.predictor import Predictor
from shared.models import CrawlJob, ImageAnalysis, Model, Prediction
from shared.states import MAX_LEASES
from tests import factories
from tests.harness import Person, System, expect
from tests.registry import register
from tests.shared.inference.hostile import node, wide

WRONG = {"preprocessing": {"mean": [1, 2]}}
WHY = (
    "metadata.preprocessing.mean is of length 2, and the channels are 3; "
    "the model's input is FP32 of shape [-1, 3, 32, 32]."
)


@pytest.fixture
def crawl(session: Session, person: Person) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id))


def colours() -> bytes:
    """Return a model that averages the colours of images of 32 × 32 pixels."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 32, 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3, 1, 1])
    graph = helper.make_graph([node("GlobalAveragePool")], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def register_model(person: Person, system: System, **metadata: Any) -> dict[str, Any]:
    return register(person, system, colours(), model_type="onnx", metadata=metadata)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"mean": [1, 2]}, "mean is of length 2"),
        ({"width": 31}, "width is 31, not 32"),
        ({"color": "grayscale"}, "color is grayscale, and the channels are 3"),
        ({"layout": "NHWC"}, "layout is NHWC, in which 32 is the number of channels"),
    ],
)
def test_a_file_that_it_contradicts_is_rejected_and_a_change_refused(
    person: Person, system: System, said: dict[str, Any], why: str
) -> None:
    rejected = register_model(person, system, preprocessing=said)
    assert rejected["status"] == "rejected"
    assert f"metadata.preprocessing.{why}" in rejected["error"]
    assert "the model's input is FP32 of shape [-1, 3, 32, 32]" in rejected["error"]
    good = register_model(
        person, system, preprocessing={"mean": [0.5], "width": 32, "color": "bgr"}
    )
    assert (good["status"], good["error"]) == ("active", None)
    path = f"/v1/models/{good['id']}"
    change = {"metadata": {"preprocessing": said}}
    problem = expect(person.request("PATCH", path, change), 422)
    [field] = said
    assert problem["errors"][0]["pointer"] == f"/metadata/preprocessing/{field}"
    assert f"metadata.preprocessing.{why}" in problem["detail"]
    assert person.get(path)["metadata"] == good["metadata"]


def test_a_model_with_several_inputs_takes_none(person: Person, system: System) -> None:
    about = {"model_type": "onnx", "metadata": {"preprocessing": {"width": 8}}}
    rejected = register(person, system, wide(2), **about)
    assert rejected["status"] == "rejected"
    assert "metadata.preprocessing is for models that take images" in rejected["error"]
    good = register(person, system, wide(2), model_type="onnx")
    problem = expect(person.request("PATCH", f"/v1/models/{good['id']}", {"metadata": WRONG}), 422)
    assert problem["errors"][0]["pointer"] == "/metadata/preprocessing"


def test_of_a_model_that_waits_it_is_checked_against_its_file(
    person: Person, system: System
) -> None:
    body = {"name": "c", "model_type": "onnx", "file_name": "c.onnx", "file_size": 7}
    path = f"/v1/models/{person.post('/v1/models', body)['id']}"
    expect(person.request("PATCH", path, {"metadata": WRONG}), 200)


def test_a_model_that_has_it_nevertheless_says_so_wherever_it_is_asked(
    session: Session, person: Person, system: System, crawl: CrawlJob
) -> None:
    model = register_model(person, system)
    image = factories.store_image(session, crawl)
    change = update(Model).where(Model.id == UUID(model["id"]))
    path, body = f"/v1/models/{model['id']}/predictions", {"image_ids": [str(image.id)]}
    later = person.post(path, body, 202, headers={"Prefer": "respond-async"})
    session.execute(change.values(metadata_=WRONG))
    session.commit()
    assert expect(person.request("POST", path, body), 409)["detail"] == WHY
    system.drain()
    rows = session.scalars(select(Prediction).order_by(Prediction.id)).all()
    assert str(rows[0].id) == later["id"]
    assert [(row.status, row.error_code, row.error_message) for row in rows] == [
        ("failed", "not_serving", WHY)
    ] * 2
    wanted = {"analyzer": f"model:{model['id']}"}
    where = f"/v1/crawl-jobs/{crawl.id}/analysis-jobs"
    assert expect(person.request("POST", where, wanted), 409)["detail"] == WHY


def test_a_mistake_of_ours_ends_a_job_at_once(
    session: Session,
    person: Person,
    system: System,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("operands")

    monkeypatch.setattr(Predictor, "predict", fail)
    for _ in range(3):
        factories.store_image(session, crawl)
    model = register_model(person, system)
    where = f"/v1/crawl-jobs/{crawl.id}/analysis-jobs"
    job = person.post(where, {"analyzer": f"model:{model['id']}"}, 202)
    system.drain()
    done = person.get(f"/v1/analysis-jobs/{job['id']}")
    assert (done["status"], done["failed_images"]) == ("failed", 3)
    assert "Something went wrong: ValueError." in done["error"]
    rows = session.scalars(select(ImageAnalysis)).all()
    assert {(row.status, row.error_code, row.attempts) for row in rows} == {
        ("failed", "internal_error", MAX_LEASES)
    }
    attempts = person.get("/v1/job-stats?status=failed")["items"]
    assert [(one["operation"], one["error"]) for one in attempts] == [
        ("inference_analyze", "Something went wrong: ValueError.")
    ] * MAX_LEASES
    assert "operands" not in json.dumps([done, attempts])

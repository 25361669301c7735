"""Predicting on tensors and images."""

import io
import json
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image as Picture
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.inference.serving import Models
from shared.models import Prediction
from shared.services import services
from tests import factories
from tests.harness import Person, System, expect
from tests.registry import classifier, digits, register


@pytest.fixture
def model(person: Person, system: System) -> dict[str, Any]:
    """Return a registered classifier of digits."""
    return register(person, system)


def path(model: dict[str, Any]) -> str:
    """Return the path at which a model's predictions are made."""
    return f"/v1/models/{model['id']}/predictions"


def test_labels_are_those_of_the_origin(person: Person, model: dict[str, Any]) -> None:
    _, _, images, truth = digits()
    labels: list[int] = []
    for start in range(0, len(images), 150):
        inputs = {"X": images[start : start + 150].tolist()}
        prediction = person.post(path(model), {"inputs": inputs})
        labels += prediction["output_data"]["outputs"]["label"]
    assert labels == classifier().predict(images).tolist()
    assert (np.array(labels) == truth).mean() > 0.96
    assert prediction["status"] == "success"
    assert prediction["batch_size"] == 150
    assert 0 < prediction["inference_time_ms"] < 1000
    best = prediction["output_data"]["labels"][0][0]
    assert best["label"] == str(labels[300])
    assert 0.3 < best["score"] <= 1


def test_no_connection_is_held_while_the_model_runs(
    person: Person, model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    run = Models.run

    def watched(*arguments: Any) -> Any:
        held.append(services().engine.pool.checkedout())  # type: ignore[attr-defined]
        return run(*arguments)

    monkeypatch.setattr(Models, "run", watched)
    person.post(path(model), {"inputs": {"X": [[0.0] * 64]}})
    tensor = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": [0] * 64}
    person.post("/v2/models/digits/infer", {"inputs": [tensor]}, 200)
    person.post("/v2/models/digits/versions/1/infer", {"inputs": [tensor]}, 200)
    assert held == [0, 0, 0]


def test_repeated_request_is_predicted_and_logged_once(
    person: Person, model: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": "predict-1"}
    body = {"inputs": {"X": digits()[2][:1].tolist()}}
    first = person.post(path(model), body, headers=key)
    again = person.request("POST", path(model), body, headers=key)
    assert expect(again, 201) == first
    assert again.headers["Idempotent-Replayed"] == "true"
    expect(person.request("POST", path(model), {"inputs": {"X": [[0.0] * 64]}}, headers=key), 422)
    assert [one["id"] for one in person.get("/v1/predictions")["items"]] == [first["id"]]


def test_large_inputs_and_outputs_are_summarised_and_stored(
    person: Person, model: dict[str, Any], session: Session
) -> None:
    inputs = {"X": digits()[2][:200].tolist()}
    made = person.post(path(model), {"inputs": inputs})
    assert len(made["output_data"]["outputs"]["label"]) == 200
    kept = person.get(f"/v1/predictions/{made['id']}")
    assert kept["input_data"] == {"inputs": ["X"], "summarised": True}
    assert kept["output_data"]["outputs"]["label"]["shape"] == [200]
    row = session.scalars(select(Prediction)).one()
    storage = services().storage
    assert json.loads(storage.read(row.input_object or "")) == {"inputs": inputs}
    assert json.loads(storage.read(row.output_object or "")) == made["output_data"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"X": [[0.0] * 63]}, "must be FP32 of shape [-1, 64]; it has the shape [1, 63]"),
    ({"X": [0.0] * 64}, "it has the shape [64]"),
    ({"X": []}, "it has the shape [0]"),
    ({"X": [[]]}, "it has the shape [1, 0]"),
    ({"X": [[0.0] * 64, [0.0]]}, "its rows differ in length or depth"),
    ({"X": [["0"] * 64]}, "it holds strings"),
    ({"X": [[None] * 64]}, "it holds null or mixed values"),
    ({"X": [[1e39] * 64]}, "holds NaN or a number beyond the range of FP32"),
    ({"X": [[0] * 64] * 1025}, "has 1025 rows; at most 1024 are taken at once"),
    ({"Y": [[0.0] * 64]}, "is not an input of this model; it takes X"),
    ({}, "is required: FP32 of shape [-1, 64]"),
]


def test_wrong_input_is_named_and_logged(
    person: Person, model: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for inputs, detail in WRONG:
        with subtests.test(detail):
            problem = expect(person.request("POST", path(model), {"inputs": inputs}), 422)
            assert detail in problem["errors"][0]["detail"]
            assert problem["errors"][0]["pointer"].startswith("/inputs/")
            row = person.get("/v1/predictions?status=failed")["items"][0]
            assert (row["error_code"], row["inference_time_ms"]) == ("invalid_input", None)
            assert detail in row["error_message"]
    assert len(person.get("/v1/predictions?status=failed")["items"]) == len(WRONG)


def test_nan_is_not_json(person: Person, model: dict[str, Any]) -> None:
    response = person.request(
        "POST", path(model), data='{"inputs": {"X": [[NaN]]}}', content_type="application/json"
    )
    expect(response, 400)


def test_too_large_says_what_to_do(person: Person, model: dict[str, Any]) -> None:
    problem = expect(person.request("POST", path(model), data=b" " * (2**20 + 1)), 413)
    assert problem["detail"].startswith("The request body is larger than 1 MiB. Send tensors as ")
    assert "/v2/models/{name}/infer" in problem["detail"]
    assert "image_ids" in problem["detail"]


def test_deprecated_predicts_with_a_warning_and_archived_does_not(
    person: Person, model: dict[str, Any]
) -> None:
    body = {"inputs": {"X": [[0.0] * 64]}}
    person.request("PATCH", f"/v1/models/{model['id']}", {"status": "deprecated"})
    response = person.request("POST", path(model), body)
    assert response.status_code == 201
    assert response.headers["Deprecation"].startswith("@1")
    assert "deprecated" in response.headers["Warning"]
    expect(person.request("DELETE", f"/v1/models/{model['id']}"), 204)
    problem = expect(person.request("POST", path(model), body), 409)
    assert problem["detail"] == "The model is archived."
    assert person.get("/v1/predictions")["items"][0]["error_code"] == "not_serving"


def test_exchanged_file_is_not_loaded(person: Person, system: System) -> None:
    model = register(person, system, name="other")
    assert services().models.list_loaded().count(model["id"]) == 0
    server, bucket = services().settings.storage_emulator_host, services().settings.bucket
    url = f"{server}/upload/storage/v1/b/{bucket}/o"
    requests.post(
        url, params={"uploadType": "media", "name": model["file_path"]}, data=b"x", timeout=5
    )
    problem = expect(person.request("POST", path(model), {"inputs": {"X": [[0.0] * 64]}}), 422)
    assert "file" in problem["detail"]


def test_images_are_prepared_as_the_metadata_says(
    person: Person, system: System, session: Session
) -> None:
    model = register(
        person,
        system,
        metadata={
            "labels": [f"digit {digit}" for digit in range(10)],
            "preprocessing": {
                "width": 8, "height": 8, "layout": "flat", "color": "grayscale",
                "scale": 16 / 255, "resample": "nearest",
            },
        },
    )  # fmt: skip
    _, _, images, truth = digits()
    project = person.post("/v1/projects", {"name": "digits"})["id"]
    image_ids = [_upload(person, system, project, images[index]) for index in range(6)]
    made = person.post(path(model), {"image_ids": image_ids})
    found = made["output_data"]["images"]
    assert [one["image_id"] for one in found] == image_ids
    assert [one["labels"][0]["label"] for one in found] == [f"digit {one}" for one in truth[:6]]
    assert made["input_data"] == {"image_ids": image_ids}
    assert made["batch_size"] == 6
    later = {"Prefer": "respond-async"}
    waiting = person.post(path(model), {"image_ids": image_ids}, 202, headers=later)
    system.drain()
    done = person.get(f"/v1/predictions/{waiting['id']}")
    assert done["output_data"] == made["output_data"]
    now, then = session.scalars(select(Prediction.input_profile).order_by(Prediction.id))
    assert now == then
    assert {measure: sum(counts.values()) for measure, counts in (now or {}).items()} == {
        "X mean": 6,
        "X spread": 6,
    }
    strange = [*image_ids[:1], model["id"]]
    problem = expect(person.request("POST", path(model), {"image_ids": strange}), 404)
    assert problem["errors"][0]["pointer"] == "/image_ids/1"


def test_image_that_the_model_cannot_take(person: Person, system: System) -> None:
    model = register(person, system)
    project = person.post("/v1/projects", {"name": "digits"})["id"]
    image = _upload(person, system, project, digits()[2][0])
    problem = expect(person.request("POST", path(model), {"image_ids": [image]}), 409)
    assert "metadata.preprocessing" in problem["detail"]


def _upload(person: Person, system: System, project: str, pixels: Any) -> str:
    """Upload a digit as an image; its id."""
    upload = person.upload(project, _png(pixels), content_type="image/png")
    system.uploaded(f"uploads/{project}/{upload['image_id']}")
    system.drain()
    return str(upload["image_id"])


def _png(pixels: Any) -> bytes:
    """Return a digit as an image of 80 × 80 pixels."""
    buffer = io.BytesIO()
    values = np.rint(pixels.reshape(8, 8) * 255 / 16).astype(np.uint8)
    Picture.fromarray(values).resize((80, 80), Picture.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def test_it_records_the_version_that_it_saw(
    person: Person, system: System, model: dict[str, Any], session: Session
) -> None:
    version = factories.version(session, factories.project(session, person.id))
    body = {"inputs": {"X": [[0.0] * 64]}, "version_id": str(version.id)}
    later = {"Prefer": "respond-async"}
    for status, headers in ((201, {}), (202, later)):
        made = expect(person.request("POST", path(model), body, headers=headers), status)
        system.drain()
        shown = person.get(f"/v1/predictions/{made['id']}")
        assert (shown["status"], shown["version_id"]) == ("success", str(version.id))
        assert "version_id" not in shown["input_data"]
    strangers = factories.version(session, factories.project(session, system.person().id))
    person.post(path(model), body | {"version_id": str(strangers.id)}, 404)

"""Outcomes of the verification of a model's file."""

import hashlib
import json
import pickle
from typing import Any

import pytest
import skops.io
from skl2onnx import to_onnx
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from tests.harness import Person, System
from tests.registry import DATA, classifier, digits, digits_onnx, export_onnx, register
from tests.shared.inference import hostile


def test_good_file_becomes_active_with_what_was_found(person: Person, system: System) -> None:
    model = register(person, system)
    assert (model["status"], model["error"], model["runtime"]) == ("active", None, "onnx")
    assert model["sha256"] == hashlib.sha256(digits_onnx()).hexdigest()
    assert model["file_size"] == len(digits_onnx())
    assert model["input_schema"] == [
        {"name": "X", "datatype": "FP32", "shape": [-1, 64], "labels": None}
    ]
    assert [(one["name"], one["shape"]) for one in model["output_schema"]] == [
        ("label", [-1]),
        ("probabilities", [-1, 10]),
    ]


def test_maps_of_a_classifier_become_columns(person: Person, system: System) -> None:
    model = register(person, system, export_onnx(classifier()))
    assert model["output_schema"][1]["shape"] == [-1, 10]
    assert model["output_schema"][1]["labels"] == [str(digit) for digit in range(10)]


@pytest.mark.filterwarnings("ignore:Attribute `prob._` was deprecated:FutureWarning")
def test_scores_that_contradict_the_label_are_matched_to_it(person: Person, system: System) -> None:
    images, labels, held_out, _ = digits()
    machine = SVC().fit(images[labels < 2], labels[labels < 2])
    model = register(person, system, export_onnx(machine, options={"zipmap": False}))
    assert model["status"] == "active"
    [warning] = model["warnings"]
    assert "the scores in probabilities are highest for another class than the label" in warning
    assert "answers have the columns of probabilities in the order [1, 0]" in warning
    assert model["output_schema"][1]["columns"] == [1, 0]
    made = person.post(
        f"/v1/models/{model['id']}/predictions", {"inputs": {"X": held_out[:40].tolist()}}
    )
    outputs = made["output_data"]["outputs"]
    said = machine.predict(held_out[:40]).tolist()
    assert set(said) == {0, 1}
    assert outputs["label"] == said
    assert [row.index(max(row)) for row in outputs["probabilities"]] == said
    assert [int(row[0]["label"]) for row in made["output_data"]["labels"]] == said


def test_a_shape_that_the_file_declares_wrongly_is_a_warning(
    person: Person, system: System
) -> None:
    model = register(person, system, (DATA / "digits_lightgbm.onnx").read_bytes())
    assert (model["status"], model["error"]) == ("active", None)
    assert model["output_schema"][0]["shape"] == [-1]
    [warning] = model["warnings"]
    assert warning.startswith("The file says that the output label is INT64 of shape [1]; ")


@pytest.mark.parametrize(
    ("file", "model_type", "runtime"),
    [
        ("digits_pytorch.onnx", "pytorch", "onnx"),
        ("digits_tensorflow.tflite", "tensorflow", "litert"),
    ],
)
def test_models_of_other_origins(
    person: Person, system: System, file: str, model_type: str, runtime: str
) -> None:
    data = (DATA / file).read_bytes()
    model = register(person, system, data, model_type=model_type)
    assert (model["status"], model["error"], model["runtime"]) == ("active", None, runtime)


def test_skops_file_of_known_types_is_served(person: Person, system: System) -> None:
    model = register(person, system, skops.io.dumps(classifier()), file_name="d.skops")
    assert (model["status"], model["error"], model["runtime"]) == ("active", None, "skops")
    assert model["input_schema"][0]["shape"] == [-1, 64]


@pytest.mark.parametrize(
    ("data", "about", "reason"),
    [
        (pickle.dumps([1]), {}, "a pickle"),
        (b"\x89HDF\r\n\x1a\n...", {"model_type": "tensorflow"}, "model.export("),
        (None, {"sha256": "0" * 64}, "SHA-256"),
        (None, {"input_schema": [{"name": "X", "datatype": "FP32", "shape": [-1, 63]}]},
         "input_schema says that X is FP32 of shape [-1, 63]; in the model it is"),
        (None, {"input_schema": [{"name": "Y", "datatype": "FP32", "shape": [-1, 64]}]},
         "input_schema names Y; the model has X."),
        (None, {"output_schema": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]}]},
         "output_schema says that label is BYTES"),
        (None, {"metadata": {"labels": ["cat", "dog"]}},
         "metadata.labels names 2 classes; the model's output probabilities has 10 columns."),
        ((DATA / "digits_tensorflow.tflite").read_bytes(), {}, "comes as onnx or skops"),
    ],
)  # fmt: skip
def test_bad_file_is_rejected_with_the_reason(
    person: Person, system: System, data: bytes | None, about: dict[str, Any], reason: str
) -> None:
    model = register(person, system, data, **about)
    assert model["status"] == "rejected"
    assert reason in model["error"]
    assert "/" + "work" not in json.dumps(model)


def test_repeated_event_changes_nothing(person: Person, system: System) -> None:
    model = register(person, system)
    person.request("PATCH", f"/v1/models/{model['id']}", {"status": "deprecated"})
    system.uploaded(model["file_path"])
    system.drain(copies=2)
    assert person.get(f"/v1/models/{model['id']}")["status"] == "deprecated"


def test_reason_that_quotes_a_file_can_be_stored(person: Person, system: System) -> None:
    for name in ("a\0b", "\ud800"):
        data = hostile.change_skops(skops.io.dumps(classifier()), module=name)
        model = register(person, system, data, file_name="d.skops")
        assert model["status"] == "rejected"
        assert "is not on the list of types" in model["error"]


def test_classes_that_are_no_texts_are_a_reason(person: Person, system: System) -> None:
    images, labels, _, _ = digits()
    tree = DecisionTreeClassifier(max_depth=2).fit(images, [f"a.{label}" for label in labels])
    registered = register(person, system, export_onnx(tree).replace(b"a.0", b"a\x000"))
    assert registered["status"] == "rejected"
    assert "must not contain the character U+0000" in registered["error"]


def test_a_model_for_float64_is_refused_with_what_to_do(person: Person, system: System) -> None:
    """skl2onnx makes it so from the data as it is; the command that the reason names mends it."""
    example = digits()[0][:1]
    data = to_onnx(classifier(), example.astype("float64")).SerializeToString()
    reason = register(person, system, data)["error"]
    assert "tensor(double)" in reason
    command = "to_onnx(model, X[:1].astype('float32'))"
    assert command in reason
    mended = eval(command, {"to_onnx": to_onnx, "model": classifier(), "X": example})  # noqa: S307
    assert register(person, system, mended.SerializeToString())["status"] == "active"

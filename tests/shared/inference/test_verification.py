"""Models of real exporters, whose files do not say what the models give."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, NuSVC

from shared.inference.errors import ModelRejected
from shared.inference.outputs import find_labels
from shared.inference.score_order import arrange_columns
from shared.inference.tensors import Array
from shared.inference.verification import Declared, Verified, verify
from shared.inference.worker import Bounds, Ran, Worker
from shared.schemas.models import TensorSchema
from tests.registry import DATA

# skl2onnx reads an attribute that scikit-learn will give up.
pytestmark = pytest.mark.filterwarnings("ignore:Attribute `prob._` was deprecated:FutureWarning")

_WITHOUT_MAPS = {"zipmap": False}


def declare(outputs: list[dict[str, Any]] | None = None) -> Declared:
    """Return what an owner says of a classifier: nothing, or the form of its outputs."""
    said = [TensorSchema.model_validate(one) for one in outputs or []]
    return Declared("sklearn", None, said or None, None)


def wines(classes: int) -> tuple[Array, Array]:
    """Measures of wines, and which of so many growers each is from."""
    rows, labels = load_wine(return_X_y=True)
    return rows[labels < classes], labels[labels < classes]


def fit(estimator: BaseEstimator, classes: int, options: Mapping[Any, Any]) -> bytes:
    """Return an estimator that was fitted to the wines, as an ONNX file."""
    rows, labels = wines(classes)
    estimator.fit(rows, labels)
    data: bytes = to_onnx(
        estimator, rows[:1].astype(np.float32), options=options
    ).SerializeToString()
    return data


def export_onnx(estimator: BaseEstimator, rows: Array, options: Mapping[Any, Any]) -> bytes:
    """Return a fitted estimator as an ONNX file."""
    data: bytes = to_onnx(
        estimator, rows[:1].astype("float32"), options=options
    ).SerializeToString()
    return data


def answer(data: bytes, found: Verified, inputs: Mapping[str, Array]) -> Ran:
    """Run a verified model as it is served."""
    with Worker(found.runtime) as worker:
        worker.load(data)
        return arrange_columns(worker.run(inputs), found.outputs)


@pytest.mark.parametrize("file", ["digits_lightgbm", "digits_lightgbm_zipmap"])
def test_lightgbm_declares_one_label_for_any_number_of_rows(file: str) -> None:
    data = (DATA / f"{file}.onnx").read_bytes()
    about = json.loads((DATA / "digits_lightgbm.json").read_text())
    found = verify(data, declare(), Bounds())
    assert [(one.name, one.shape, one.labels) for one in found.outputs] == [
        ("label", [-1], None),
        ("probabilities", [-1, 3], ["0", "1", "2"]),
    ]
    [warning] = found.warnings
    assert "label is INT64 of shape [1]; the model gives INT64 of shape [-1]" in warning
    ran = answer(data, found, {"input": np.array(about["rows"], np.float32)})
    assert ran.outputs["label"].tolist() == about["labels"]
    labels = find_labels(ran.outputs, found.outputs, None) or []
    assert [int(row[0]["label"]) for row in labels] == about["labels"]


def test_an_owner_may_say_the_true_shape() -> None:
    data = (DATA / "digits_lightgbm.onnx").read_bytes()
    true = [
        {"name": "label", "datatype": "INT64", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 3]},
    ]
    assert verify(data, declare(true), Bounds()).outputs[0].shape == [-1]
    untrue = [{**true[0], "shape": [1]}, true[1]]
    with pytest.raises(ModelRejected, match=r"was to be INT64 of shape \[1\]"):
        verify(data, declare(untrue), Bounds())


@pytest.mark.parametrize("options", [{}, _WITHOUT_MAPS], ids=["maps", "columns"])
def test_a_binary_ridge_classifier_gives_one_column(options: Mapping[Any, Any]) -> None:
    found = verify(fit(RidgeClassifier(), 2, options), declare(), Bounds())
    assert [one.shape for one in found.outputs] == [[-1], [-1, 1]]
    assert "[-1, 2]; the model gives FP32 of shape [-1, 1]" in found.warnings[0]


@pytest.mark.parametrize("options", [{}, _WITHOUT_MAPS], ids=["maps", "columns"])
@pytest.mark.parametrize(
    "estimator",
    [
        SVC(),
        SVC(kernel="linear"),
        NuSVC(),
        make_pipeline(StandardScaler(), SVC()),
        make_pipeline(StandardScaler(), NuSVC()),
    ],
    ids=["SVC", "linear", "NuSVC", "scaled SVC", "scaled NuSVC"],
)
def test_scores_are_matched_to_the_labels(
    estimator: BaseEstimator, options: Mapping[Any, Any]
) -> None:
    """skl2onnx 1.20 exports a binary SVC whose scores are the wrong way round."""
    if options:
        options = {id(getattr(estimator, "steps", [(0, estimator)])[-1][1]): _WITHOUT_MAPS}
    data = fit(estimator, 2, options)
    found = verify(data, declare(), Bounds())
    label, scores = found.outputs
    assert (scores.columns, scores.labels) == ([1, 0], ["0", "1"])
    assert "The label counts" in found.warnings[0]
    rows, _ = wines(2)
    ran = answer(data, found, {"X": rows.astype(np.float32)})
    said = estimator.predict(rows)
    assert set(said) == {0, 1}
    assert (ran.outputs[label.name] == said).all()
    assert (ran.outputs[scores.name].argmax(axis=1) == said).all()
    labels = find_labels(ran.outputs, found.outputs, ["a", "b"]) or []
    for row, wanted in zip(labels, said, strict=True):
        assert row[0]["label"] == "ab"[wanted]
        assert row[0]["score"] > row[1]["score"]


@pytest.mark.parametrize(
    ("estimator", "classes"),
    [
        (SVC(), 3),
        (make_pipeline(StandardScaler(), SVC()), 3),
        (GaussianNB(), 2),
        (make_pipeline(StandardScaler(), LogisticRegression()), 2),
    ],
    ids=["SVC", "scaled SVC", "GaussianNB", "LogisticRegression"],
)
def test_scores_that_agree_stay_as_they_are(estimator: BaseEstimator, classes: int) -> None:
    found = verify(fit(estimator, classes, {}), declare(), Bounds())
    assert (found.outputs[1].columns, found.warnings) == (None, [])

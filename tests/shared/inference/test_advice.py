"""Commands that refusals name, run as they stand."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import skops.io
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from shared.inference.checking import check_model_file
from shared.inference.errors import ModelRejected
from shared.inference.verification import Declared, verify
from shared.inference.worker import Bounds, Worker
from shared.schemas.models import ModelType
from tests.shared.inference import hostile
from tests.shared.inference.test_skops_file import flowers

# skl2onnx reads an attribute that scikit-learn will give up.
pytestmark = pytest.mark.filterwarnings("ignore:Attribute `prob._` was deprecated:FutureWarning")

DATA = Path("tests/data/models")
# What commands made that need libraries too large for these tests: see try_advice.py there.
TRIED = json.loads((DATA / "advice.json").read_text())
ORIGINALS = {
    "torch": hostile.archive(model__data__pkl=b""),
    "keras_onnx": b"\x89HDF\r\n\x1a\n",
    "keras_tflite": hostile.archive(config__json=b"", model__weights__h5=b""),
    "saved_model_onnx": b"\x08\x01\x12\x00",
    "saved_model_tflite": hostile.archive(a__saved_model__pb=b""),
    "xgboost": b'{"learner":{"attributes":{}}}',
    "lightgbm": b"tree\nversion=v4\n",
    "builtins": (DATA / TRIED["flex"]["file"]).read_bytes(),
}
_VOTERS = [("a", LogisticRegression()), ("b", GaussianNB())]


def refuse(data: bytes) -> str:
    """Return why a file is refused, and what to do."""
    with pytest.raises(ModelRejected) as caught:
        check_model_file(data)
    return caught.value.detail


def run(command: str, model: BaseEstimator, rows: Any) -> Any:
    """Return what a line of Python makes of a model and the data it was fitted to."""
    names = {"to_onnx": to_onnx, "skops": skops, "onnx": onnx, "model": model, "X": rows}
    return eval(command, names)  # noqa: S307


def between(text: str, start: str, end: str) -> str:
    return text.split(start, 1)[1].split(end, 1)[0]


@pytest.mark.parametrize(
    ("estimator", "way"),
    [
        (HistGradientBoostingClassifier(max_iter=3), "skops"),
        (HistGradientBoostingRegressor(max_iter=3), "skops"),
        (KNeighborsClassifier(), "onnx"),
        (LinearRegression(), "onnx"),
        (LinearSVC(), "onnx"),
        (LogisticRegression(), "onnx"),
        (NearestCentroid(), "skops"),
        (RandomForestClassifier(n_estimators=3), "onnx"),
        (SVC(), "onnx"),
        (StackingClassifier(_VOTERS), "onnx"),
        (VotingClassifier(_VOTERS), "skops"),
        (make_pipeline(StandardScaler(), SVC()), "onnx"),
    ],
    ids=lambda one: "".join(str(one).split())[:40],
)
def test_a_pickle_becomes_a_model_by_one_of_the_two_commands(
    estimator: BaseEstimator, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows, labels = flowers()
    advice = refuse(pickle.dumps(estimator.fit(rows, labels)))
    if way == "onnx":
        run(between(advice, "skl2onnx: ", ", or what"), estimator, rows)
    else:
        with pytest.raises(Exception, match=r"."):
            run(between(advice, "skl2onnx: ", ", or what"), estimator, rows)
        run(between(advice, "skops: ", ";"), estimator, rows)
    data = (tmp_path / f"model.{way}").read_bytes()
    found = verify(data, Declared("sklearn", None, None, None), Bounds())
    assert found.runtime == way


def test_what_skops_may_not_hold_is_converted() -> None:
    rows, labels = flowers()
    estimator = make_pipeline(SelectKBest(k=2), LogisticRegression()).fit(rows, labels)
    advice = refuse(skops.io.dumps(estimator))
    command = advice.split("are not: ")[1].rstrip(".")
    data = run(command, estimator, rows).SerializeToString()
    assert check_model_file(data).format == "onnx"


def test_weights_in_another_file_are_saved_into_one(tmp_path: Path) -> None:
    weights = onnx.numpy_helper.from_array(np.ones(4, np.float32), "w")
    model = onnx.load_from_string(hostile.graph([hostile.node("Add", ["x", "w"])], [weights]))
    path = tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, size_threshold=0)
    assert "onnx.save(model, path) keeps it in one file" in refuse(path.read_bytes())
    onnx.save(onnx.load(path), path)
    assert check_model_file(path.read_bytes()).format == "onnx"


@pytest.mark.parametrize("name", sorted({*TRIED} - {"rows", "flex"}))
def test_other_libraries_commands_were_tried_as_they_stand(name: str) -> None:
    tried = TRIED[name]
    assert tried["command"] in refuse(ORIGINALS[name])
    data = (DATA / tried["file"]).read_bytes()
    kind: ModelType = "pytorch" if name == "torch" else "tensorflow"
    if name in ("xgboost", "lightgbm"):
        kind = "onnx"
    found = verify(data, Declared(kind, None, None, None), Bounds())
    with Worker(found.runtime, [], Bounds()) as worker:
        worker.load(data)
        outputs = worker.run({found.inputs[0].name: np.array(TRIED["rows"], np.float32)}).outputs
    scores = outputs[found.outputs[-1].name]
    assert scores.argmax(1).tolist() == tried["labels"]

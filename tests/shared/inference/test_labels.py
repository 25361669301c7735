"""Labels are those that the origin's classifier predicts; what does not classify has none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skops.io
from onnx import TensorProto, helper, numpy_helper
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from shared.inference.checking import check_model_file
from shared.inference.errors import ModelRejected
from shared.inference.outputs import find_labels
from shared.inference.tensors import Array
from shared.inference.verification import Declared, Verified, verify
from shared.inference.worker import Bounds, Worker
from tests.registry import DATA, digits, export_onnx
from tests.shared.inference import hostile
from tests.shared.inference.hostile import node

Labels = list[list[dict[str, Any]]] | None
SKLEARN = Declared("sklearn", None, None, None)
TORCH = Declared("pytorch", None, None, None)
PLAIN = {"zipmap": False}
WORDS = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
NUMBERS = np.arange(10) + 5

ESTIMATORS: list[tuple[str, Callable[[], BaseEstimator]]] = [
    ("logistic", lambda: LogisticRegression(C=0.01, solver="newton-cg")),
    ("forest", lambda: RandomForestClassifier(20, random_state=0)),
    ("svc", SVC),
    ("svc-probability", lambda: SVC(probability=True, random_state=0)),
    ("perceptron", lambda: MLPClassifier((16,), random_state=0, max_iter=1000)),
    ("neighbours", lambda: KNeighborsClassifier(3)),
    ("bayes", GaussianNB),
    ("boosting", lambda: GradientBoostingClassifier(n_estimators=3, random_state=0)),
    # Those inside these number the classes anew.
    ("stacking", lambda: StackingClassifier([("a", GaussianNB())], LogisticRegression())),
    ("bagging", lambda: BaggingClassifier(n_estimators=3, random_state=0)),
    ("one-vs-rest", lambda: OneVsRestClassifier(LogisticRegression(solver="newton-cg"))),
    ("calibrated", lambda: CalibratedClassifierCV(GaussianNB(), cv=2)),
]


def labels(data: bytes, declared: Declared, inputs: Array) -> tuple[Verified, Labels]:
    """Return what a file is, and the labels that it gives."""
    found = verify(data, declared, Bounds())
    with Worker(found.runtime, check_model_file(data).modules) as worker:
        worker.load(data)
        ran = worker.run({found.inputs[0].name: inputs})
    return found, find_labels(ran.outputs, found.outputs, declared.labels)


def fit(make: Callable[[], BaseEstimator], truth: Array) -> BaseEstimator:
    """Return an estimator that has learned every second one of the digits, up to the fourth."""
    few = digits()[1] < 4
    with threadpool_limits(1):
        return make().fit(digits()[0][few][::2], truth[few][::2])


@pytest.mark.parametrize("make", [make for _, make in ESTIMATORS], ids=[n for n, _ in ESTIMATORS])
@pytest.mark.parametrize("options", [PLAIN, None], ids=["plain", "zipmap"])
@pytest.mark.filterwarnings("ignore:Attribute `prob[AB]_`:FutureWarning")  # which skl2onnx reads
@pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning")
def test_classes_are_those_of_the_origin(
    make: Callable[[], BaseEstimator], options: dict[str, bool] | None
) -> None:
    """Numbers are what comes as plain tensors, words what comes as maps."""
    estimator = fit(make, (NUMBERS if options else WORDS)[digits()[1]])
    images = digits()[2][:60]
    data = export_onnx(estimator, options={id(estimator): options} if options else {})
    found, given = labels(data, SKLEARN, images)
    assert found.outputs[1].labels == [str(one) for one in estimator.classes_]
    assert [row[0]["label"] for row in given or []] == [str(x) for x in estimator.predict(images)]
    if hasattr(estimator, "predict_proba"):
        scores = estimator.predict_proba(images)
        for row, theirs in zip(given or [], scores, strict=True):
            ours = {one["label"]: one["score"] for one in row}
            expected = dict(zip(map(str, estimator.classes_), theirs, strict=True))
            assert ours == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("make", "names"),
    [(lambda: LogisticRegression(solver="newton-cg"), NUMBERS), (SVC, WORDS)],
    ids=["numbers", "words"],
)
def test_classes_of_a_skops_file(make: Callable[[], BaseEstimator], names: Array) -> None:
    estimator = fit(make, names[digits()[1]])
    images = digits()[2][:60].astype(np.float64)
    _, given = labels(skops.io.dumps(estimator), SKLEARN, images)
    assert [row[0]["label"] for row in given or []] == [str(x) for x in estimator.predict(images)]


def test_owners_names_stand_for_the_models_classes() -> None:
    estimator = fit(ESTIMATORS[0][1], np.arange(10)[digits()[1]] + 5)
    declared = replace(SKLEARN, labels=["null", "eins", "zwei", "drei"])
    data = export_onnx(estimator, options=PLAIN)
    _, given = labels(data, declared, digits()[2][:60])
    assert (
        [row[0]["label"] for row in given or []]
        == [
            declared.labels[one - 5]  # type: ignore[index]
            for one in estimator.predict(digits()[2][:60])
        ]
    )


def test_label_without_known_classes_has_no_score() -> None:
    """The model adds one to the classes that its classifier names: nothing tells the columns."""
    _, given = labels(_shifted(), SKLEARN, np.array([[1, 2, 3, 4]], np.float32))
    assert given == [[{"label": "14", "score": None}]]


def test_what_a_model_says_beats_its_highest_score() -> None:
    schema = verify(_chosen(), SKLEARN, Bounds()).outputs
    assert [one.labels for one in schema] == [None, ["10", "11", "12", "13"]]
    outputs = {"said": np.array([12]), "y": np.array([[0.1, 0.5, 0.3, 0.1]], np.float32)}
    given = find_labels(outputs, schema, None)
    assert given is not None
    assert [one["label"] for one in given[0]] == ["12", "11", "10", "13"]


def test_embedding_has_no_labels() -> None:
    inputs = np.array([[0.2, -0.4, 1.5, 3]], np.float32)
    assert labels(hostile.graph([node("Neg")]), TORCH, inputs)[1] is None
    assert labels(hostile.graph([node("Relu")]), TORCH, inputs)[1] is None


def test_probabilities_are_named_by_their_columns() -> None:
    inputs = np.array([[0, 0, 5, 0]], np.float32)
    _, given = labels(hostile.graph([node("Softmax", axis=1)]), TORCH, inputs)
    assert given is not None
    assert given[0][0] == {"label": "2", "score": pytest.approx(0.980, abs=1e-3)}


def test_logits_have_labels_once_they_are_named() -> None:
    data = (DATA / "digits_pytorch.onnx").read_bytes()
    pixels = (digits()[2][:100] / 16).reshape(-1, 1, 8, 8).astype(np.float32)
    assert labels(data, TORCH, pixels)[1] is None
    _, given = labels(data, replace(TORCH, labels=list(WORDS)), pixels)
    best = [row[0]["label"] for row in given or []]
    assert (np.array(best) == WORDS[digits()[3][:100]]).mean() > 0.97


def test_labels_that_do_not_fit_are_rejected() -> None:
    data = (DATA / "digits_pytorch.onnx").read_bytes()
    with pytest.raises(ModelRejected, match=r"names 3 classes; the model's output \w+ has 10 colu"):
        verify(data, replace(TORCH, labels=["a", "b", "c"]), Bounds())


@pytest.mark.parametrize(
    "classes",
    [
        pytest.param([b"a", b"a", b"b", b"c"], id="repeated"),
        pytest.param([b"a", b"b\0", b"c", b"d"], id="U+0000"),
        pytest.param([b"x" * 2**18, b"b", b"c", b"y" * 2**18], id="long"),
    ],
)
def test_classes_that_cannot_be_names_are_left_out(classes: list[bytes]) -> None:
    made = numpy_helper.from_array(np.array(classes, object), "classes")
    assert check_model_file(_chosen(made)).classes == []


def test_graph_in_a_circle_has_no_classes() -> None:
    nodes = [node("Identity", ["y"], outputs=["z"]), node("Identity", ["z"])]
    assert check_model_file(hostile.graph(nodes)).classes == []


def _chosen(classes: Any = None, *more: Any, says: str = "said") -> bytes:
    """Scores of four classes, and of each row the class whose score is the highest."""
    classes = classes or numpy_helper.from_array(np.arange(10, 14), "classes")
    nodes = [
        node("ArgMax", outputs=["best"], axis=1, keepdims=0),
        node("Gather", ["classes", "best"], outputs=["said"]),
        node("Identity"),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 4]) for name in "xy")
    said = helper.make_tensor_value_info(says, classes.data_type, ["n"])
    graph = helper.make_graph([*nodes, *more], "g", [x], [said, y], [classes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def _shifted() -> bytes:
    shape = helper.make_node("Constant", [], ["one"], value_int=1)
    return _chosen(None, shape, node("Add", ["said", "one"], outputs=["more"]), says="more")

"""The usual estimators, as skops writes them with their defaults."""

import json
import warnings
import zipfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    feature_selection,
    gaussian_process,
    linear_model,
    multiclass,
    naive_bayes,
    neighbors,
    neural_network,
    preprocessing,
    semi_supervised,
    svm,
    tree,
)
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline

from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.skops_file import check_skops_file
from shared.inference.skops_types import ALLOWED
from shared.inference.tensors import Array
from shared.inference.worker import Worker
from tests.shared.inference import hostile

MODULES = sorted(
    {module for types in ALLOWED.values() for module in types if module.startswith("sklearn.")}
)
_LINEAR = linear_model.LogisticRegression()
_COLUMNS = compose.ColumnTransformer(
    [
        ("s", preprocessing.StandardScaler(), [0, 1]),
        ("m", preprocessing.MinMaxScaler(), slice(2, 4)),
    ]
)
_VOTERS = [("a", linear_model.LogisticRegression()), ("b", naive_bayes.GaussianNB())]
USUAL: list[BaseEstimator] = [
    calibration.CalibratedClassifierCV(),
    cluster.KMeans(3),
    cluster.MiniBatchKMeans(3),
    discriminant_analysis.LinearDiscriminantAnalysis(),
    discriminant_analysis.QuadraticDiscriminantAnalysis(),
    dummy.DummyClassifier(),
    ensemble.AdaBoostClassifier(n_estimators=3),
    ensemble.AdaBoostRegressor(n_estimators=3),
    ensemble.BaggingClassifier(n_estimators=3),
    ensemble.BaggingRegressor(n_estimators=3),
    ensemble.ExtraTreesClassifier(n_estimators=3),
    ensemble.ExtraTreesRegressor(n_estimators=3),
    ensemble.GradientBoostingClassifier(n_estimators=3),
    ensemble.GradientBoostingRegressor(n_estimators=3),
    ensemble.HistGradientBoostingClassifier(max_iter=3),
    ensemble.HistGradientBoostingRegressor(max_iter=3),
    ensemble.IsolationForest(n_estimators=3),
    ensemble.RandomForestClassifier(n_estimators=3),
    ensemble.RandomForestRegressor(n_estimators=3),
    ensemble.StackingClassifier(_VOTERS),
    ensemble.StackingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor())]),
    ensemble.VotingClassifier(_VOTERS),
    ensemble.VotingClassifier(_VOTERS, voting="soft"),
    ensemble.VotingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor())]),
    gaussian_process.GaussianProcessClassifier(),
    gaussian_process.GaussianProcessRegressor(),
    linear_model.ARDRegression(),
    linear_model.BayesianRidge(),
    linear_model.ElasticNet(),
    linear_model.ElasticNetCV(),
    linear_model.HuberRegressor(),
    linear_model.Lars(),
    linear_model.LarsCV(),
    linear_model.Lasso(),
    linear_model.LassoCV(),
    linear_model.LassoLars(),
    linear_model.LassoLarsCV(),
    linear_model.LassoLarsIC(),
    linear_model.LinearRegression(),
    linear_model.LogisticRegression(),
    linear_model.OrthogonalMatchingPursuit(),
    linear_model.OrthogonalMatchingPursuitCV(),
    linear_model.Perceptron(),
    linear_model.RANSACRegressor(),
    linear_model.Ridge(),
    linear_model.RidgeClassifier(),
    linear_model.RidgeClassifierCV(),
    linear_model.RidgeCV(),
    linear_model.SGDClassifier(),
    linear_model.SGDRegressor(),
    linear_model.TheilSenRegressor(),
    make_pipeline(_COLUMNS, linear_model.LogisticRegression()),
    make_pipeline(decomposition.PCA(2), svm.SVC()),
    make_pipeline(decomposition.IncrementalPCA(2), linear_model.LogisticRegression()),
    make_pipeline(decomposition.KernelPCA(2), linear_model.LogisticRegression()),
    make_pipeline(decomposition.TruncatedSVD(2), linear_model.LogisticRegression()),
    make_pipeline(feature_selection.SelectFromModel(_LINEAR), linear_model.LogisticRegression()),
    make_pipeline(preprocessing.Binarizer(), naive_bayes.BernoulliNB()),
    make_pipeline(preprocessing.OneHotEncoder(handle_unknown="ignore"), svm.LinearSVC()),
    make_pipeline(preprocessing.StandardScaler(), svm.SVC()),
    multiclass.OneVsOneClassifier(_LINEAR),
    multiclass.OneVsRestClassifier(_LINEAR),
    multiclass.OutputCodeClassifier(_LINEAR),
    naive_bayes.ComplementNB(),
    naive_bayes.GaussianNB(),
    naive_bayes.MultinomialNB(),
    neighbors.KNeighborsClassifier(),
    neighbors.KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    neighbors.KNeighborsClassifier(algorithm="brute"),
    neighbors.KNeighborsRegressor(),
    neighbors.NearestCentroid(),
    neural_network.MLPClassifier(max_iter=5),
    neural_network.MLPRegressor(max_iter=5),
    semi_supervised.LabelPropagation(),
    semi_supervised.LabelSpreading(),
    svm.LinearSVC(),
    svm.LinearSVR(),
    svm.NuSVC(),
    svm.NuSVR(),
    svm.OneClassSVM(),
    svm.SVC(),
    svm.SVR(),
    tree.DecisionTreeClassifier(),
    tree.DecisionTreeRegressor(),
]


@cache
def flowers() -> tuple[Array, Array]:
    """Every fifth row of the iris data."""
    rows, labels = load_iris(return_X_y=True)
    return rows[::5], labels[::5]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """Start one process for all of them, which has imported every module that may be asked for."""
    with Worker("skops", MODULES) as started:
        yield started


@pytest.mark.parametrize("estimator", USUAL, ids=lambda one: "".join(str(one).split())[:60])
def test_the_usual_estimators_predict_as_at_home(estimator: BaseEstimator, worker: Worker) -> None:
    rows, labels = flowers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of so few rows, several do not converge
        wanted = estimator.fit(rows, labels).predict(rows)
        data = skops.io.dumps(estimator)
    assert set(check_skops_file(data)) <= set(MODULES)
    loaded = worker.load(data)
    assert loaded.inputs[0]["shape"] == [-1, 4]
    found = worker.run({"X": rows}).outputs[loaded.outputs[0]["name"]]
    if wanted.dtype.kind == "f":
        np.testing.assert_allclose(found, wanted)
    else:
        assert found.tolist() == wanted.tolist()


def change_word(estimator: BaseEstimator, before: str, after: str) -> bytes:
    """Return an estimator whose file says another word somewhere."""
    data = skops.io.dumps(estimator.fit(*flowers()))
    with zipfile.ZipFile(BytesIO(data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    text = files["schema.json"].decode()
    assert before in text
    files["schema.json"] = text.replace(before, after).encode()
    return hostile.archive(**files)


def test_a_generator_of_random_numbers_names_no_other_function() -> None:
    """Numpy finds the bit generator by its name, and skops would call what it finds."""
    estimator = ensemble.HistGradientBoostingClassifier(max_iter=1)
    data = change_word(estimator, "PCG64", "get_state")
    modules = check_skops_file(data)
    with Worker("skops", modules) as own, pytest.raises(PredictionFailed, match="get_state"):
        own.load(data)


@pytest.mark.parametrize("metric", ["PyFuncDistance64", "SEuclideanDistance64"])
def test_distances_that_call_functions_or_trust_lengths_are_refused(metric: str) -> None:
    data = change_word(neighbors.KNeighborsClassifier(), "EuclideanDistance64", metric)
    with pytest.raises(ModelRejected, match=metric):
        check_skops_file(data)


def test_a_crafted_tree_ends_only_its_own_process() -> None:
    rows, labels = flowers()
    estimator: Any = neighbors.KNeighborsClassifier(algorithm="kd_tree", leaf_size=2)
    estimator.fit(rows, labels)
    state = list(vars(estimator)["_tree"].__getstate__())
    with zipfile.ZipFile(BytesIO(skops.io.dumps(estimator))) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    indices = BytesIO()
    np.save(indices, np.full_like(np.asarray(state[1]), 2**40))
    names = json.loads(files["schema.json"])["content"]["content"]["_tree"]["content"]["content"]
    files[names[1]["file"]] = indices.getvalue()
    data = hostile.archive(**{name: files[name] for name in files})
    with Worker("skops", check_skops_file(data)) as own:
        own.load(data)
        with pytest.raises(PredictionFailed) as caught:
            own.run({"X": rows})
    assert caught.value.code in ("crashed", "model_error")

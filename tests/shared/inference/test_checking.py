"""Files that are refused before any library reads them."""

import importlib
import io
import json
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest
import skops.io
from onnx import helper
from sklearn.base import BaseEstimator
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.linear_model import (
    GammaRegressor,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    TweedieRegressor,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import FunctionTransformer

from shared.inference.checking import check_model_file
from shared.inference.errors import ModelRejected
from shared.inference.skops_types import ALLOWED
from tests.registry import DATA, classifier, digits_onnx
from tests.shared.inference import hostile


def test_good_files_pass() -> None:
    assert check_model_file(digits_onnx()).format == "onnx"
    assert check_model_file((DATA / "digits_pytorch.onnx").read_bytes()).format == "onnx"
    assert check_model_file((DATA / "digits_tensorflow.tflite").read_bytes()).format == "litert"
    found = check_model_file(skops.io.dumps(classifier()))
    assert (found.format, found.modules) == ("skops", ["sklearn.linear_model._logistic"])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol(protocol: int) -> None:
    with pytest.raises(ModelRejected, match=r"a pickle .* skl2onnx"):
        check_model_file(pickle.dumps({"a": pickle.PickleError()}, protocol))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x1f\x8b\x08", "compressed"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x08\x01\x12\x00", "SavedModel"),
        (b"GGUF", "llama"),
        (b'{"learner": 1}', "onnxmltools"),
        (b"\x10\0\0\0\0\0\0\0{" + b" " * 16, "safetensors"),
        (b"", "no known format"),
        (b"\x08\x07", "no graph"),
        (b"\x08\x07\x3a\xff", "damaged"),
        (hostile.archive(model__data__pkl=b""), "PyTorch checkpoint"),
        (hostile.archive(code__constants__pkl=b""), "TorchScript"),
        (hostile.archive(config__json=b"", model__weights__h5=b""), "Keras archive"),
        (hostile.archive(readme__txt=b""), "no model"),
    ],
)
def test_foreign_files(data: bytes, words: str) -> None:
    with pytest.raises(ModelRejected, match=words):
        check_model_file(data)


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "w.data"])
def test_external_data(location: str) -> None:
    with pytest.raises(ModelRejected, match=r"another file; .*external_data=False"):
        check_model_file(hostile.external(location))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (hostile.graph([hostile.node("Run", domain="evil")]), "domain 'evil'"),
        (hostile.graph([hostile.node("Gelu", domain="com.microsoft")]), "com.microsoft"),
        (hostile.make_false_claim(), "claims 536870912 elements"),
        (hostile.calls(), "more than 50000 nodes"),
        (hostile.make_overloaded(), "com.microsoft"),
        (hostile.make_doubled(), "two functions of the same name"),
        (hostile.make_defaulting(), "lies in another file"),
    ],
)
def test_hostile_graphs(data: bytes, words: str) -> None:
    with pytest.raises(ModelRejected, match=words):
        check_model_file(data)


def test_graph_of_too_many_nodes() -> None:
    names = [f"t{index}" for index in range(60_000)]
    nodes = [helper.make_node("Relu", [a], [b]) for a, b in zip(["x", *names], names, strict=False)]
    with pytest.raises(ModelRejected, match="more than 50000 nodes"):
        check_model_file(hostile.graph([*nodes, hostile.node("Relu", [names[-1]])]))


def test_litert_files_that_are_cut_or_changed() -> None:
    data = (DATA / "digits_tensorflow.tflite").read_bytes()
    for size in range(8, 4000, 97):
        with pytest.raises(ModelRejected):
            check_model_file(data[:size])


def test_types_on_the_list_are_where_it_says() -> None:
    for types in ALLOWED.values():
        for module, names in types.items():
            assert names <= set(dir(importlib.import_module(module))), module


@pytest.mark.parametrize(
    "estimator",
    [
        VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]),
        VotingRegressor([("a", LinearRegression()), ("b", Ridge())]),
        GammaRegressor(),
        PoissonRegressor(),
        TweedieRegressor(),
        TweedieRegressor(power=1.5, link="log"),
    ],
    ids=str,
)
def test_estimators_on_the_list_pass_with_what_they_consist_of(estimator: BaseEstimator) -> None:
    rows = np.array([[0.0, 1.0], [1.0, 0.5], [0.1, 1.1], [0.9, 0.4]])
    assert check_model_file(skops.io.dumps(estimator.fit(rows, [1, 2, 1, 2]))).format == "skops"


def test_skops_types_that_are_not_on_the_list() -> None:
    data = skops.io.dumps(FunctionTransformer(json.loads))
    with pytest.raises(ModelRejected, match=r"FunctionTransformer|FunctionNode"):
        check_model_file(data)


def test_skops_arrays_that_claim_more_than_they_hold() -> None:
    with pytest.raises(ModelRejected, match="claims 1000000000 elements"):
        check_model_file(hostile.archive(schema__json=b"{}", a1__npy=hostile.make_claiming_array()))


def test_skops_bomb() -> None:
    packed = hostile.archive(schema__json=b"{}", a1__npy=b"\0" * 50_000_000)
    assert len(packed) < 100_000
    with pytest.raises(ModelRejected, match="unpacks to"):
        check_model_file(packed)


def test_skops_file_with_something_else_in_it() -> None:
    with pytest.raises(ModelRejected, match="no array"):
        check_model_file(hostile.archive(schema__json=b"{}", evil__pkl=b""))


def test_damaged_archive() -> None:
    data = skops.io.dumps(classifier())
    with pytest.raises(ModelRejected, match="damaged"):
        check_model_file(data[: len(data) // 2])


@pytest.mark.parametrize(
    "root",
    [{"loader": ["a"]}, {"class": {"a": 1}}, {"module": [1]}, {"module": None}],
    ids=["list", "object", "list-of-numbers", "null"],
)
def test_skops_nodes_that_are_no_names(root: dict[str, Any]) -> None:
    with pytest.raises(ModelRejected):
        check_model_file(hostile.change_skops(skops.io.dumps(classifier()), **root))


@pytest.mark.parametrize(
    ("place", "value"),
    [pytest.param(8, 1, id="encrypted"), pytest.param(10, 99, id="unknown-compression")],
)
def test_archives_that_cannot_be_unpacked(place: int, value: int) -> None:
    data = bytearray(skops.io.dumps(classifier()))
    entry = data.find(b"PK\x01\x02")
    while entry >= 0:
        data[entry + place] = value
        entry = data.find(b"PK\x01\x02", entry + 1)
    with pytest.raises(ModelRejected, match="damaged"):
        check_model_file(bytes(data))


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_with_damaged_entries(packing: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as packed:
        packed.writestr("schema.json", b'{"a": 1}' * 100)
    data = bytearray(buffer.getvalue())
    for place in range(46, 60):
        data[place] ^= 0x5A
    with pytest.raises(ModelRejected, match="damaged"):
        check_model_file(bytes(data))

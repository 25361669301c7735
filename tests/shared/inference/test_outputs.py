"""Outputs as JSON that PostgreSQL takes, and labels of outputs that are no probabilities."""

import numpy as np
import pytest

from shared.inference.errors import PredictionFailed
from shared.inference.outputs import (
    MOST_VALUES,
    find_labels,
    fits_jsonb,
    summarise_tensors,
    tensors_to_json,
)
from shared.schemas.models import TensorSchema

LABELS = TensorSchema(name="y", datatype="BYTES", shape=[-1])
SCORES = TensorSchema(name="y", datatype="FP32", shape=[-1, 3])


def test_texts_come_as_they_are() -> None:
    texts = np.array([["é".encode(), b"a\0b"]], dtype=object)
    assert tensors_to_json({"y": texts}) == {"y": [["é", "a\0b"]]}
    assert not fits_jsonb(texts)
    assert fits_jsonb(texts[:, :1])


def test_bytes_that_are_no_texts_are_refused() -> None:
    outputs = {"y": np.array([b"caf\xe9"], dtype=object)}
    for use in (tensors_to_json, lambda them: find_labels(them, [LABELS], None)):
        with pytest.raises(PredictionFailed, match="output y holds bytes that are no UTF-8") as one:
            use(outputs)
        assert one.value.code == "invalid_output"


def test_infinite_scores_are_refused_as_json_and_no_warning() -> None:
    outputs = {"y": np.array([[0, -np.inf, np.inf]], np.float32)}
    find_labels(outputs, [SCORES], None)
    with pytest.raises(PredictionFailed, match="output y holds NaN or infinity"):
        tensors_to_json(outputs)


def test_logits_become_probabilities() -> None:
    outputs = {"y": np.array([[1000, 1000, 0]], np.float32)}
    found = find_labels(outputs, [SCORES], ["cat", "dog", "cow"])
    assert found == [
        [
            {"label": "cat", "score": 0.5},
            {"label": "dog", "score": 0.5},
            {"label": "cow", "score": 0.0},
        ]
    ]


def test_more_values_than_json_has_room_for() -> None:
    with pytest.raises(PredictionFailed, match="up to 1048576 are sent as JSON") as caught:
        tensors_to_json({"y": np.zeros((2, MOST_VALUES), np.float32)})
    assert caught.value.code == "invalid_output"


def test_large_numbers_are_summed_up_without_a_mean() -> None:
    about = summarise_tensors({"y": np.full(4, 1.7e308)})["y"]
    assert about == {"datatype": "FP64", "shape": [4], "min": 1.7e308, "max": 1.7e308}


def test_names_that_do_not_fit_name_nothing() -> None:
    """Only where the file does not tell how wide the output is do they come so far."""
    open_ended = TensorSchema(name="y", datatype="FP32", shape=[-1, -1])
    outputs = {"y": np.array([[0.2, 0.8, 0]], np.float32)}
    assert find_labels(outputs, [open_ended], ["cat", "dog"]) is None
    said = TensorSchema(name="label", datatype="BYTES", shape=[-1])
    outputs["label"] = np.array([b"cow"], object)
    assert find_labels(outputs, [open_ended, said], ["cat", "dog"]) == [
        [{"label": "cow", "score": None}]
    ]


def test_names_find_the_output_that_they_fit() -> None:
    embedding = TensorSchema(name="e", datatype="FP32", shape=[-1, 4])
    outputs = {"e": np.ones((1, 4), np.float32), "y": np.array([[0, 0, 50]], np.float32)}
    found = find_labels(outputs, [embedding, SCORES], ["cat", "dog", "cow"])
    assert found is not None
    assert found[0][0] == {"label": "cow", "score": 1.0}


def test_a_label_may_stand_in_a_column_of_its_own() -> None:
    label = TensorSchema(name="label", datatype="INT64", shape=[-1, 1])
    outputs = {"label": np.array([[1], [0]]), "y": np.ones((2, 3), np.float32)}
    found = find_labels(outputs, [label, SCORES], None) or []
    assert [row[0]["label"] for row in found] == ["1", "0"]
    assert find_labels({"label": np.array([[1, 2]])}, [label], None) is None

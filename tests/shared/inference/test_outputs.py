"""Outputs as JSON that PostgreSQL takes, and labels of outputs that are no probabilities."""

import numpy as np
import pytest

from shared.inference.errors import PredictionFailed
from shared.inference.outputs import as_json, labels_of
from shared.schemas.models import TensorSchema

SCORES = TensorSchema(name="y", datatype="FP32", shape=[-1, 3])


def test_texts_without_the_character_that_jsonb_lacks() -> None:
    texts = np.array([b"a\0b", b"\xff"], dtype=object)
    assert as_json({"y": texts}) == {"y": ["a�b", "�"]}


def test_infinite_scores_are_refused_as_json_and_no_warning() -> None:
    outputs = {"y": np.array([[0, -np.inf, np.inf]], np.float32)}
    labels_of(outputs, [SCORES], None)
    with pytest.raises(PredictionFailed, match="output y holds NaN or infinity"):
        as_json(outputs)


def test_logits_become_probabilities() -> None:
    outputs = {"y": np.array([[1000, 1000, 0]], np.float32)}
    found = labels_of(outputs, [SCORES], ["cat", "dog", "cow"])
    assert found == [
        [
            {"label": "cat", "score": 0.5},
            {"label": "dog", "score": 0.5},
            {"label": "cow", "score": 0.0},
        ]
    ]

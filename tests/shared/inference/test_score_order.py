"""Evidence for and against the order of scores."""

import numpy as np
import pytest

from shared.inference.errors import ModelRejected
from shared.inference.score_order import ScoreOrder, find_score_order
from shared.inference.tensors import Array

CLASSES = ["a", "b", "c"]


def one_hot(places: list[int], width: int) -> Array:
    """Scores that are highest in these columns, different in every row."""
    scores = np.zeros((len(places), width))
    for row, place in enumerate(places):
        scores[row] = (0.4 - row / 1000) / width
        scores[row, place] = 0
        scores[row, place] = 1 - scores[row].sum()
    return scores


def test_calibrated_scores_may_differ_near_the_boundary() -> None:
    """Platt's calibration is fitted apart from the labels: one point or a few prove nothing."""
    near = np.array([[0.49, 0.51]] * 50)
    assert find_score_order("p", ["a"] * 50, near, CLASSES[:2]) == ScoreOrder()
    places = [0, 1] * 25
    said = ["a", "b"] * 25
    said[0] = "b"
    assert find_score_order("p", said, one_hot(places, 2), CLASSES[:2]) == ScoreOrder()


def test_margins_need_one_row() -> None:
    order = find_score_order("p", ["a"] * 3, np.array([[-0.2, 0.2]] * 3), CLASSES[:2])
    assert order.columns == [1, 0]


def test_probabilities_need_many_rows() -> None:
    places, said = [0, 1] * 10, ["b", "a"] * 10
    assert find_score_order("p", said, one_hot(places, 2), CLASSES[:2]).columns == [1, 0]
    assert find_score_order("p", said[:6], one_hot(places[:6], 2), CLASSES[:2]) == ScoreOrder()


def test_what_is_contradicted_often_is_a_warning() -> None:
    places = [0, 1] * 10
    said = ["a", "b"] * 3 + ["b", "a"] * 7
    order = find_score_order("p", said, one_hot(places, 2), CLASSES[:2])
    assert order.columns is None
    assert order.warning is not None
    assert order.warning.startswith("In 70% of generated rows the scores in p")


def test_columns_of_three_classes_are_found() -> None:
    places = [0, 1, 2] * 8
    said = [CLASSES[(place + 1) % 3] for place in places]
    scores = one_hot(places, 3)
    order = find_score_order("p", said, scores, CLASSES)
    assert order.columns == [2, 0, 1]
    ordered = scores[:, order.columns].argmax(axis=1)
    assert [CLASSES[place] for place in ordered] == said


@pytest.mark.parametrize("width", [2, 3])
def test_distances_are_rejected(width: int) -> None:
    """The least distance is that of the label: no order of the columns mends that."""
    numbers = np.random.default_rng(0)
    distances = numbers.uniform(1, 9, (60, width))
    said = [CLASSES[place] for place in distances.argmin(axis=1)]
    with pytest.raises(ModelRejected, match="no order of the columns"):
        find_score_order("p", said, distances, CLASSES[:width])


def test_rows_that_favour_neither_and_unknown_labels_do_not_count() -> None:
    even = np.full((20, 2), 0.5)
    assert find_score_order("p", ["b"] * 20, even, CLASSES[:2]) == ScoreOrder()
    margins = np.array([[-1.0, 1.0]] * 20)
    assert find_score_order("p", ["z"] * 20, margins, CLASSES[:2]) == ScoreOrder()

"""Holds the order of a classifier's scores against the labels that it says itself.

skl2onnx exports a binary SVC whose first score is highest for the second class. The label counts;
the columns of the scores are matched to it when the model is registered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shared.inference.errors import ModelRejected
from shared.inference.outputs import are_probabilities
from shared.inference.tensors import Array
from shared.inference.worker import Ran
from shared.schemas.models import ModelTensor

# Shares of rows whose highest score is that of the label. Calibrated scores (Platt's) are fitted
# apart from the labels, and differ from them in a few rows.
_NO_AGREEMENT = 0.1  # up to this the columns are in another order
_ENOUGH_AGREEMENT = 0.5  # from this the columns are in the order of the classes
_ENOUGH_ROWS = 8  # of different scores, to tell a rule from a few odd rows
_CLOSE = 1e-6  # of the best two scores, which then favour neither


@dataclass(frozen=True)
class ScoreOrder:
    """The column of each class, or None where classes and columns have one order; a warning."""

    columns: list[int] | None = None
    warning: str | None = None


def find_score_order(
    name: str, said: Sequence[str], scores: Array, classes: Sequence[str]
) -> ScoreOrder:
    """Compare the label of each row with its scores, of shape [rows, classes].

    `name` is what the output is called. Raises `ModelRejected` where the scores contradict the
    labels and no order of their columns makes them agree.
    """
    meant, best, rows = _select_clear_rows(said, scores.astype(np.float64), classes)
    if not len(rows):
        return ScoreOrder()
    agreement = float((meant == best).mean())
    mirrored = rows.shape[1] == 2 and np.allclose(rows[:, 0], -rows[:, 1], rtol=1e-3, atol=1e-6)
    if agreement >= _ENOUGH_AGREEMENT or (len(rows) < _ENOUGH_ROWS and not mirrored):
        return ScoreOrder()
    told = f"the scores in {name} are highest for another class than the label that the model says"
    if agreement > _NO_AGREEMENT:
        return ScoreOrder(
            warning=f"In {1 - agreement:.0%} of generated rows {told}; the label counts."
        )
    columns = _match_columns(meant, best, len(classes))
    if columns is None or not (mirrored or are_probabilities(rows) or len(classes) > 2):
        raise ModelRejected(
            f"In {1 - agreement:.0%} of generated rows {told}, and no order of the columns makes "
            "them agree. Export scores of which the highest is that of the label."
        )
    return ScoreOrder(
        columns,
        f"In {1 - agreement:.0%} of generated rows {told}. The label counts: answers have the "
        f"columns of {name} in the order {columns}, which agrees with it.",
    )


def arrange_columns(ran: Ran, outputs: Sequence[ModelTensor]) -> Ran:
    """Return a run with the columns of its scores in the order of the classes."""
    ordered = {
        tensor.name: ran.outputs[tensor.name][:, tensor.columns]
        for tensor in outputs
        if tensor.columns is not None and _has_columns(ran.outputs, tensor)
    }
    return replace(ran, outputs={**ran.outputs, **ordered}) if ordered else ran


def _has_columns(outputs: Mapping[str, Array], tensor: ModelTensor) -> bool:
    array = outputs.get(tensor.name)
    return array is not None and array.ndim == 2 and array.shape[1] == len(tensor.columns or ())


def _select_clear_rows(
    said: Sequence[str], scores: Array, classes: Sequence[str]
) -> tuple[Array, Array, Array]:
    """Return the class of each row's label, the column of its highest score, and its scores.

    Classes and columns are numbered from 0. Left out are rows whose label is no class, rows whose
    two highest scores are about equal, and repetitions of a row.
    """
    places = {name: place for place, name in enumerate(classes)}
    meant = np.array([places.get(label.strip(), -1) for label in said])
    ranked = np.sort(scores, axis=1)
    distance = ranked[:, -1] - ranked[:, -2]
    clear = (meant >= 0) & (distance > _CLOSE * np.maximum(1, np.abs(ranked[:, -1])))
    _, first = np.unique(scores.round(6), axis=0, return_index=True)
    kept = np.intersect1d(np.flatnonzero(clear), first)
    return meant[kept], scores[kept].argmax(axis=1), scores[kept]


def _match_columns(meant: Array, best: Array, classes: int) -> list[int] | None:
    """Return the column that is highest in rows of each class; None where no order fits."""
    columns = [1, 0] if classes == 2 else []
    for place in range(len(columns), classes):
        found = best[meant == place]
        if not len(found):
            return None
        columns.append(int(np.bincount(found).argmax()))
    rule = (
        len(set(columns)) == classes
        and (np.array(columns)[meant] == best).mean() >= 1 - _NO_AGREEMENT
    )
    return columns if rule else None

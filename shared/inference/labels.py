"""Holds the names that an owner gives against the classes that a model tells apart."""

from collections.abc import Sequence

from shared.inference.quantization import find_quantization
from shared.schemas.models import TensorSchema


def find_misfit(labels: Sequence[str], outputs: Sequence[TensorSchema]) -> str | None:
    """Return why names of classes fit no output of a model.

    None where they do, and where no number of columns is known.
    """
    scores = [
        one
        for one in outputs
        if (one.datatype.startswith("FP") or find_quantization(one))
        and len(one.shape) == 2
        and one.shape[1] != 1
    ]
    widths = [one.shape[1] for one in scores]
    if not scores or -1 in widths or len(labels) in widths:
        return None
    has = " and ".join(f"{one.name} has {one.shape[1]} columns" for one in scores)
    return f"metadata.labels names {len(labels)} classes; the model's output {has}."

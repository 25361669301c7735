"""Profiles of the inputs of one prediction, in a few counts that can be added up."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from shared.insights.histograms import find_value_bucket

_INPUTS = 8  # of a model, in the order of their names
_ROWS = 32  # of a batch: the first ones stand for the others
_NAME = 100  # characters


def build_input_profile(arrays: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, dict[str, int]]:
    """Return histograms, per numeric input, of the rows' means and of their spreads.

    The first axis counts rows. Keys are `<input> mean` and `<input> spread` (standard deviation),
    values map `find_value_bucket`s, as JSON wants them, to numbers of rows.
    """
    profile: dict[str, dict[str, int]] = {}
    numeric = sorted(name for name, array in arrays.items() if array.dtype.kind in "biuf")
    for name in numeric[:_INPUTS]:
        array = arrays[name]
        rows = np.atleast_1d(array)[:_ROWS].astype(np.float64)
        if not rows.size:
            continue
        rows = rows.reshape(len(rows), -1)
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is not counted
            measures = {"mean": rows.mean(axis=1)}
            if rows.shape[1] > 1:
                measures["spread"] = rows.std(axis=1)
        for measure, values in measures.items():
            finite = values[np.isfinite(values)].tolist()
            counts = Counter(str(find_value_bucket(value)) for value in finite)
            if counts:
                profile[f"{name[:_NAME]} {measure}"] = dict(counts)
    return profile

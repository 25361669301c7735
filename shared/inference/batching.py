"""Run a model on several rows at once, or one by one where it takes no batches."""

from collections.abc import Mapping
from time import monotonic

import numpy as np

from shared.inference.errors import PredictionFailed
from shared.inference.serving import Models, Servable
from shared.inference.tensors import Array
from shared.inference.worker import Ran


def run_batch(models: Models, model: Servable, inputs: Mapping[str, Array]) -> Ran:
    """Run a model; on images one by one, where it takes no batches. Raises `PredictionFailed`.

    All of them together may take as long as one call, and twice that with waiting for others.
    """
    if len(inputs) != 1:
        return models.run(model, inputs)
    [(name, rows)] = inputs.items()
    side = model.inputs[0].shape[:1]
    if not side or side[0] in (-1, len(rows)):
        return models.run(model, inputs)
    single: list[Ran] = []
    started = monotonic()
    for at in range(len(rows)):
        single.append(models.run(model, {name: rows[at : at + 1]}))
        done = f"the first {at + 1} of {len(rows)}"
        if sum(one.ms for one in single) > models.seconds * 1000:
            raise PredictionFailed(
                "timeout",
                "The model takes one image at a time, and longer than "
                f"{models.seconds:g} s for {done}.",
            )
        if monotonic() - started > 2 * models.seconds and at + 1 < len(rows):
            raise PredictionFailed(
                "busy",
                "The model takes one image at a time, and was busy with others: in "
                f"{2 * models.seconds:g} s it came to {done}.",
            )
    outputs = {
        name: np.concatenate([one.outputs[name] for one in single]) for name in single[0].outputs
    }
    return Ran(outputs, sum(one.ms for one in single), single[0].labels)

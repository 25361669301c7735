"""From what a caller asks to what a model answers; used by every function that predicts."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.imaging.limits import Limits
from shared.inference.errors import PredictionFailed
from shared.inference.inputs import arrays_of
from shared.inference.outputs import as_json, labels_of, summary
from shared.inference.preprocessing import image_tensor
from shared.inference.records import Asked, Succeeded
from shared.inference.serving import Models, Servable
from shared.inference.tensors import Array
from shared.inference.worker import Ran
from shared.models import Image
from shared.schemas.models import Preprocessing
from shared.schemas.predictions import PredictionCreate
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_prediction

MAX_ANSWER = 30 * 1024 * 1024  # bytes; of Google's 32 MB for a response, headers included


def inputs_of(
    model: Servable,
    wanted: PredictionCreate,
    images: Sequence[str] | None,
    storage: Storage,
    settings: Settings,
) -> dict[str, Array]:
    """What a model is given: tensors as they were sent, or the contents of `images`, prepared.

    Raises `PredictionFailed`.
    """
    if images is None:
        return arrays_of(wanted.inputs or {}, model.inputs, settings.max_batch)
    return image_inputs(model, contents(storage, images), settings)


def image_inputs(model: Servable, images: Iterable[bytes], settings: Settings) -> dict[str, Array]:
    """Encoded images as a model's one input, a row for each. Raises `PredictionFailed`."""
    if len(model.inputs) != 1:
        raise PredictionFailed("not_serving", "A model that takes images has one input.")
    tensor = model.inputs[0]
    wanted = model.metadata.preprocessing or Preprocessing()
    limits = Limits(max_bytes=settings.max_image_bytes)
    return {tensor.name: image_tensor(images, tensor, wanted, limits)}


def run(models: Models, model: Servable, inputs: Mapping[str, Array]) -> Ran:
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


def run_on_images(
    models: Models, model: Servable, images: Sequence[bytes], settings: Settings
) -> Ran:
    """Run a model on encoded images. Raises `PredictionFailed`."""
    return run(models, model, image_inputs(model, images, settings))


def image_names(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[str]:
    """Return the objects of a person's images, in order.

    Raises `PredictionFailed` that names those which are absent or have no content yet.
    """
    found = {
        row.id: row.file_path
        for row in session.execute(
            select(Image.id, Image.file_path).where(
                Image.id.in_(image_ids), Image.user_id == user_id, Image.status == "completed"
            )
        )
    }
    problems = [
        {"pointer": f"/image_ids/{index}", "detail": "is no image, or has no content yet"}
        for index, image_id in enumerate(image_ids)
        if not found.get(image_id)
    ]
    if problems:
        first = problems[0]
        raise PredictionFailed("invalid_input", f"{first['pointer']} {first['detail']}.", problems)
    return [found[image_id] for image_id in image_ids]


def contents(storage: Storage, names: Sequence[str]) -> Iterator[bytes]:
    """Yield objects, of which only a few are in memory. Raise `PredictionFailed` for one gone."""
    for content in storage.read_many((name, None) for name in names):
        if isinstance(content, FileNotFoundError):
            raise PredictionFailed("image_unusable", "An image was deleted meanwhile.")
        if isinstance(content, Exception):
            raise content
        yield content


def answered(model: Servable, ran: Ran, image_ids: Sequence[Any] | None = None) -> dict[str, Any]:
    """Return a model's answer as JSON: outputs by name, and the labels of each row or image.

    Raises `PredictionFailed` for what JSON does not have.
    """
    answer: dict[str, Any] = {"outputs": as_json(ran.outputs)}
    labels = labels_of(ran.outputs, model.outputs, model.metadata.labels)
    if image_ids is not None:
        answer["images"] = [
            {"image_id": str(image_id), "labels": labels[index] if labels else []}
            for index, image_id in enumerate(image_ids)
        ]
    elif labels is not None:
        answer["labels"] = labels
    return answer


def check_size(content: str | bytes, otherwise: str) -> None:
    """Raise `PredictionFailed` for an answer that no response can hold.

    `otherwise` tells the caller what to do then.
    """
    size = len(content.encode() if isinstance(content, str) else content)
    if size > MAX_ANSWER:
        raise PredictionFailed(
            "invalid_output",
            f"The answer takes {size / 2**20:.0f} MiB; up to {MAX_ANSWER // 2**20} MiB are sent. "
            f"{otherwise}",
        )


def fits_row(value: Any, settings: Settings) -> bool:
    """Whether the log's row can hold a value; else it goes to an object.

    It can hold what is small and has no U+0000, which PostgreSQL's jsonb does not take.
    """
    text = json.dumps(value)
    return len(text) <= settings.prediction_inline_bytes and "\\u0000" not in text


def kept(
    call: Asked, answer: dict[str, Any], ran: Ran, storage: Storage, settings: Settings
) -> Succeeded:
    """Return what the log keeps of an answer; one that is too large for a row goes to an object."""
    if fits_row(answer, settings):
        return Succeeded(answer, ran.ms)
    name = name_prediction(call.user_id, call.id, "outputs.json")
    storage.put_once(name, json.dumps(answer).encode(), "application/json")
    return Succeeded(summarised("outputs", ran.outputs), ran.ms, name)


def summarised(kind: str, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what the row holds in place of large tensors."""
    return {kind: summary(arrays), "summarised": True}

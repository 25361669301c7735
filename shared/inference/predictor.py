"""The one way from what is asked of a model to its answer and to what the log holds of both."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.imaging.limits import Limits
from shared.inference.batching import run_batch
from shared.inference.errors import PredictionFailed
from shared.inference.inputs import count_rows, to_arrays
from shared.inference.outputs import find_labels, summarise_tensors, tensors_to_json
from shared.inference.preprocessing import make_image_tensor
from shared.inference.records import PredictionCall, Succeeded
from shared.inference.serving import Models, Servable
from shared.inference.tensors import Array
from shared.inference.worker import Ran
from shared.insights.profiles import build_input_profile
from shared.models import Image
from shared.schemas.predictions import PredictionCreate
from shared.schemas.preprocessing import Preprocessing
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_prediction

_FETCHED = "With `Prefer: respond-async` it is stored, and fetched from its output_url."

MAX_ANSWER = 30 * 1024 * 1024  # bytes; of Google's 32 MB for a response, headers included


@dataclass(frozen=True)
class PredictionResult:
    """A model's answer as JSON, the outputs behind it, and what the log holds of them."""

    answer: dict[str, Any]
    outputs: Mapping[str, Array]
    outcome: Succeeded


@dataclass(frozen=True)
class Predictor:
    """Reads inputs, runs models, and makes answers and log entries of what they give."""

    models: Models
    storage: Storage
    settings: Settings
    max_answer: int = MAX_ANSWER  # bytes

    def read_inputs(
        self, model: Servable, wanted: PredictionCreate, images: Sequence[str] | None
    ) -> dict[str, Array]:
        """Return a model's inputs: tensors as they were sent, or the objects `images`, prepared.

        Raises `PredictionFailed`.
        """
        if images is None:
            return to_arrays(wanted.inputs or {}, model.inputs, self.settings.max_batch)
        return self.prepare_images(model, self._read_objects(images))

    def prepare_images(self, model: Servable, images: Iterable[bytes]) -> dict[str, Array]:
        """Return encoded images as a model's one input, a row for each.

        Raises `PredictionFailed`.
        """
        if len(model.inputs) != 1:
            raise PredictionFailed("not_serving", "A model that takes images has one input.")
        tensor = model.inputs[0]
        wanted = model.metadata.preprocessing or Preprocessing()
        limits = Limits(max_bytes=self.settings.max_image_bytes)
        return {tensor.name: make_image_tensor(images, tensor, wanted, limits)}

    def predict(
        self,
        model: Servable,
        call: PredictionCall,
        inputs: Mapping[str, Array],
        image_ids: Sequence[Any] | None = None,
        *,
        one_response: bool = False,
        row_each: bool = False,
    ) -> PredictionResult:
        """Run a model; an answer that is too large for the log's row is put into an object.

        `one_response` says that the answer must fit into one response, `row_each` that every output
        must have a row for each image. Raises `PredictionFailed`, also for what JSON does not have.
        """
        ran = run_batch(self.models, model, inputs)
        if row_each and image_ids is not None:
            _check_rows(ran.outputs, len(image_ids))
        answer: dict[str, Any] = {"outputs": tensors_to_json(ran.outputs)}
        labels = find_labels(ran.outputs, model.outputs, model.metadata.labels)
        if image_ids is not None:
            answer["images"] = [
                {"image_id": str(image_id), "labels": labels[index] if labels else []}
                for index, image_id in enumerate(image_ids)
            ]
        elif labels is not None:
            answer["labels"] = labels
        if one_response:
            content = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            self.check_size(content.encode(), _FETCHED)
        return PredictionResult(answer, ran.outputs, self._log(call, answer, ran))

    def measure(
        self, call: PredictionCall, model: Servable, inputs: Mapping[str, Array]
    ) -> PredictionCall:
        """Return the call with the number of its rows, and the profile of its inputs' values."""
        rows = call.batch_size or count_rows(inputs, model.inputs)
        return replace(call, batch_size=rows, profile=build_input_profile(inputs))

    def store(self, call: PredictionCall, name: str, content: bytes, media_type: str) -> str:
        """Put a part of a call that its row does not hold; return the object's name."""
        stored = name_prediction(call.user_id, call.id, name)
        self.storage.put_once(stored, content, media_type)
        return stored

    def fits_row(self, value: Any) -> bool:
        """Return whether the log's row can hold a value; else it goes to an object.

        It can hold what is small and has no U+0000, which PostgreSQL's jsonb does not take.
        """
        text = json.dumps(value)
        return len(text) <= self.settings.prediction_inline_bytes and "\\u0000" not in text

    def check_size(self, content: bytes, otherwise: str) -> None:
        """Raise `PredictionFailed` for an answer that no response can hold.

        `otherwise` tells the caller what to do then.
        """
        size = len(content)
        if size > self.max_answer:
            raise PredictionFailed(
                "invalid_output",
                f"The answer takes {size / 2**20:.0f} MiB; up to {self.max_answer // 2**20} MiB "
                f"are sent. {otherwise}",
            )

    def _log(self, call: PredictionCall, answer: dict[str, Any], ran: Ran) -> Succeeded:
        if self.fits_row(answer):
            return Succeeded(answer, ran.ms)
        content = json.dumps(answer).encode()
        name = self.store(call, "outputs.json", content, "application/json")
        return Succeeded(summarise("outputs", ran.outputs), ran.ms, name)

    def _read_objects(self, names: Sequence[str]) -> Iterator[bytes]:
        """Yield objects, a few of which are in memory. Raise `PredictionFailed` for one gone."""
        for content in self.storage.read_many((name, None) for name in names):
            if isinstance(content, FileNotFoundError):
                raise PredictionFailed("image_unusable", "An image was deleted meanwhile.")
            if isinstance(content, Exception):
                raise content
            yield content


def find_images(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[str]:
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


def _check_rows(outputs: Mapping[str, Array], count: int) -> None:
    for name, array in outputs.items():
        if count > 1 and array.shape[:1] != (count,):
            raise PredictionFailed(
                "invalid_output",
                f"The model's output {name} has the shape {list(array.shape)} for {count} images.",
            )


def summarise(kind: str, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what the row holds in place of large tensors."""
    return {kind: summarise_tensors(arrays), "summarised": True}

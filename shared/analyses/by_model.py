"""The analyses that a registered model makes: it is run on several images at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any
from uuid import UUID

from shared.analyses.findings import (
    AnalysisError,
    Findings,
    PassingError,
    to_unexpected_error,
    try_analysis,
)
from shared.analyses.work import Outcome, Task
from shared.inference.errors import PredictionFailed
from shared.inference.image_form import MOST_BYTES, count_image_bytes, find_image_form
from shared.inference.outputs import fits_jsonb, summarise_tensors, tensors_to_json
from shared.inference.predictor import Predictor
from shared.inference.records import PredictionCall, Succeeded
from shared.inference.serving import Servable
from shared.inference.tensors import Array
from shared.models.base import new_id
from shared.texts import clean_line

TOGETHER = 16  # images in one call: calls cost little then, and images of any size fit in memory
_PLAIN = 32  # values of an output that are kept as they are, of larger ones a summary
_MOST_TEXT = 500  # characters of a label or description
# What may be due to the size of the batch, or to one image in it.
_ALONE = ("model_error", "invalid_output", "out_of_memory", "timeout", "crashed")
# What one image alone does to a model, the next does as well: all are of the same shape.
_HOPELESS = ("out_of_memory", "timeout", "crashed")

Results = dict[UUID, Findings | AnalysisError]  # by analysis


@dataclass(frozen=True)
class LoggedCall:
    """A call of a model with its outcome, for the log of predictions."""

    call: PredictionCall
    outcome: Succeeded | PredictionFailed


@dataclass
class ModelAnalyzer:
    """One model at work on images of its owner; `calls` are those that it took, in order."""

    model: Servable
    predictor: Predictor
    together: int = TOGETHER
    calls: list[LoggedCall] = field(default_factory=list)
    _hopeless: PredictionFailed | None = None

    def analyze(self, tasks: Sequence[Task], deadline: float) -> list[Outcome]:
        """Return the outcome of each analysis; none begins after `deadline` (`monotonic`)."""
        together = min(self.together, self.predictor.settings.max_batch, self._count_fitting())
        groups = [tasks[start : start + together] for start in range(0, len(tasks), together)]
        return [outcome for group in groups for outcome in self._analyze_group(group, deadline)]

    def _count_fitting(self) -> int:
        """Return how many images of the model's size fit in one call."""
        try:
            form = find_image_form(self.model.inputs, self.model.metadata)
        except PredictionFailed:  # which each group then says
            return self.together
        return MOST_BYTES // count_image_bytes(form, self.model.inputs[0])

    def _analyze_group(self, tasks: Sequence[Task], deadline: float) -> list[Outcome]:
        """Run the model on all images at once, and on each alone where that fails.

        The time of each is its share of the time that all took.
        """
        if monotonic() > deadline:
            return [Outcome(task, None) for task in tasks]
        started = perf_counter()
        results = try_analysis(lambda: self._collect_results(tasks, deadline))
        ms = round((perf_counter() - started) * 1000 / len(tasks), 3)
        if isinstance(results, AnalysisError):
            return [Outcome(task, results, ms) for task in tasks]
        return [Outcome(task, results.get(task.id), ms) for task in tasks]

    def _collect_results(self, tasks: Sequence[Task], deadline: float) -> Results:
        results: Results = {}
        if self._hopeless is None:
            images, results = self._read_images(tasks)
            results |= self._run_batches(images, deadline)
        if (given_up := self._hopeless) is not None:
            for task in tasks:
                results.setdefault(task.id, _to_model_error(given_up))
        return results

    def _read_images(self, tasks: Sequence[Task]) -> tuple[dict[Task, bytes], Results]:
        """Return the originals, as predictions read them, and why there are not all of them."""
        images: dict[Task, bytes] = {}
        errors: Results = {}
        contents = self.predictor.storage.read_many((task.subject.original, None) for task in tasks)
        for task, content in zip(tasks, contents, strict=True):
            if isinstance(content, bytes):
                images[task] = content
            elif isinstance(content, FileNotFoundError):
                errors[task.id] = AnalysisError("missing", "The image's file is not in the bucket.")
            else:
                errors[task.id] = to_unexpected_error(content)
        return images, errors

    def _run_batches(self, images: Mapping[Task, bytes], deadline: float) -> Results:
        """Return results of those images that were begun in time; at least of one."""
        if not images:
            return {}
        try:
            return self._call_model(images)
        except PredictionFailed as failed:
            error = failed
        if unusable := _list_unusable(error):
            tasks = list(images)
            told: Results = {
                tasks[at].id: AnalysisError("image_unusable", f"The image cannot be read: {why}")
                for at, why in unusable.items()
            }
            rest = {task: data for task, data in images.items() if task.id not in told}
            return told | self._run_batches(rest, deadline)
        if len(images) == 1 or error.code not in _ALONE:
            self._hopeless = error if error.code in _HOPELESS else None
            return {task.id: _to_model_error(error) for task in images}
        results: Results = {}
        for task, data in images.items():
            results |= self._run_batches({task: data}, deadline)
            if self._hopeless or monotonic() > deadline:
                break
        return results

    def _call_model(self, images: Mapping[Task, bytes]) -> Results:
        """Run the model and note the call. Raises `PredictionFailed`."""
        tasks = list(images)
        ids = [task.subject.image_id for task in tasks]
        call = PredictionCall(
            id=new_id(),
            model_id=self.model.id,
            user_id=self.model.user_id,
            api_key_id=None,
            input_data={"image_ids": [str(one) for one in ids]},
            batch_size=len(ids),
        )
        try:
            inputs = self.predictor.prepare_images(self.model, images.values())
            result = self.predictor.predict(self.model, call, inputs, ids, row_each=True)
        except PredictionFailed as error:
            if not _list_unusable(error):
                self.calls.append(LoggedCall(call, error))
            raise
        self.calls.append(LoggedCall(call, result.outcome))
        rows = _split_rows(result.outputs, len(ids))
        return {
            task.id: _to_findings(self.model, call.id, image["labels"], row)
            for task, image, row in zip(tasks, result.answer["images"], rows, strict=True)
        }


def _to_model_error(error: PredictionFailed) -> AnalysisError:
    """Return the error of an analysis: waiting helps where the model is busy, nowhere else."""
    kind = PassingError if error.code == "busy" else AnalysisError
    return kind(error.code, error.detail)


def _list_unusable(error: PredictionFailed) -> dict[int, str]:
    """Return which images cannot be read, by their place in the batch, and why."""
    if error.code != "image_unusable":
        return {}
    return {int(one["pointer"].rpartition("/")[2]): one["detail"] for one in error.errors}


def _split_rows(outputs: Mapping[str, Array], count: int) -> list[dict[str, Array]]:
    """Return the outputs of each image; those of one alone may come without a row for it."""
    if count == 1:
        whole = {
            name: _take_row(array, 0) if array.shape[:1] == (1,) else array
            for name, array in outputs.items()
        }
        return [whole]
    return [{name: _take_row(array, at) for name, array in outputs.items()} for at in range(count)]


def _take_row(array: Array, at: int) -> Array:
    """Return a row as an array, also where it is one text, which an index would give bare."""
    return array[at : at + 1].reshape(array.shape[1:])


def _to_findings(
    model: Servable, prediction_id: UUID, labels: Sequence[Mapping[str, Any]], row: dict[str, Array]
) -> Findings:
    """Return a model's answer about one image, under the names that every analyzer uses."""
    named = [
        {"name": clean_line(one["label"], _MOST_TEXT), "score": one["score"]} for one in labels
    ]
    small = {
        name: array for name, array in row.items() if array.size <= _PLAIN and fits_jsonb(array)
    }
    large = {name: array for name, array in row.items() if name not in small}
    return Findings(
        description=clean_line(_describe_answer(model, named), _MOST_TEXT),
        labels=named,
        metrics={
            "prediction_id": str(prediction_id),
            "outputs": tensors_to_json(small) | summarise_tensors(large),
        },
    )


def _describe_answer(model: Servable, labels: Sequence[Mapping[str, Any]]) -> str:
    """Return a sentence that says no more than the model does."""
    who = f"{model.name}, version {model.version},"
    if not labels:
        outputs = ", ".join(f"{one.name} ({one})" for one in model.outputs)
        return f"{who} gives no labels; its outputs are {outputs}."
    best, *others = labels
    if best["score"] is None:
        return f"{who} sees {best['name']}."
    likely = [f"{one['name']} ({one['score']:.0%})" for one in others[:2] if one["score"] >= 0.01]
    less = f"; less likely {' or '.join(likely)}" if likely else ""
    return f"{who} sees {best['name']} ({best['score']:.0%}){less}."

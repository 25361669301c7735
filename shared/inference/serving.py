"""Loaded models of one function instance, each in its process, within a budget of memory."""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.inference.checking import Checked
from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.score_order import arrange_columns
from shared.inference.tensors import Array
from shared.inference.worker import Bounds, Ran, Worker
from shared.models import Model
from shared.schemas.models import SERVING, ModelMetadata, ModelTensor
from shared.storage.bucket import Storage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Servable:
    """A model version as it was verified."""

    id: UUID
    user_id: UUID
    name: str
    version: int
    runtime: str
    file_path: str
    file_size: int  # bytes
    generation: int
    sha256: str
    inputs: Sequence[ModelTensor]
    outputs: Sequence[ModelTensor]
    metadata: ModelMetadata
    deprecated_at: datetime | None = None

    @classmethod
    def of(cls, model: Model) -> "Servable":
        """Raise `PredictionFailed` (`not_serving`) for a model in another state."""
        if model.status not in SERVING or model.generation is None:
            raise PredictionFailed("not_serving", f"The model is {model.status}.")
        return cls(
            id=model.id,
            user_id=model.user_id,
            name=model.name,
            version=model.version,
            runtime=model.runtime or "",
            file_path=model.file_path,
            file_size=model.file_size or 0,
            generation=model.generation,
            sha256=model.sha256 or "",
            inputs=[ModelTensor.model_validate(one) for one in model.input_schema or []],
            outputs=[ModelTensor.model_validate(one) for one in model.output_schema or []],
            metadata=ModelMetadata.model_validate(model.metadata_),
            deprecated_at=model.deprecated_at,
        )

    @property
    def deprecation(self) -> dict[str, str]:
        """Headers of every answer: since when it is deprecated (RFC 9745), and that in words."""
        if self.deprecated_at is None:
            return {}
        return {
            "Deprecation": f"@{int(self.deprecated_at.timestamp())}",
            "Warning": f'299 - "Version {self.version} of this model is deprecated"',
        }


@dataclass
class Slot:
    """A place for one model; `lock` is held while it is loaded.

    `memory` is how many bytes it takes, or is expected to take while it is loaded.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    worker: Worker | None = None
    memory: int = 0
    users: int = 0


class Models:
    """Runs models, loading each when it is first asked for. Several threads may share it.

    `slots` are by model and content, least recently used first; `less_used` tells who waits for
    memory that there may be some.
    """

    def __init__(self, storage: Storage, budget: int, bounds: Bounds) -> None:
        """`budget` is how many bytes all models may take together; one alone may take more."""
        self._storage = storage
        self.budget = budget
        self.bounds = bounds
        self.seconds = bounds.run_seconds  # that one call may take
        self._lock = threading.Lock()
        self.less_used = threading.Condition(self._lock)
        self.slots: OrderedDict[tuple[UUID, str], Slot] = OrderedDict()

    def run(self, model: Servable, inputs: Mapping[str, Array]) -> Ran:
        """Return a model's outputs. Raises `PredictionFailed`."""
        key = (model.id, model.sha256)
        with self._lock:
            slot = self.slots.setdefault(key, Slot())
            self.slots.move_to_end(key)
            slot.users += 1
        worker: Worker | None = None
        try:
            worker = self._worker(slot, model)
            return arrange_columns(worker.run(inputs), model.outputs)
        finally:
            with self._lock:
                slot.users -= 1
                if worker is not None and worker is slot.worker:
                    slot.memory = worker.memory
                self.less_used.notify_all()
            self._make_room()

    def list_loaded(self) -> list[UUID]:
        """Return the models that are in memory, least recently used first."""
        with self._lock:
            return [key[0] for key, slot in self.slots.items() if _alive(slot)]

    def close(self) -> None:
        """End every process."""
        with self._lock:
            slots = list(self.slots.values())
            self.slots.clear()
        for slot in slots:
            if slot.worker is not None:
                slot.worker.kill()

    def _worker(self, slot: Slot, model: Servable) -> Worker:
        """Return the process of a model that is in use. Raises `PredictionFailed`."""
        seconds = self.bounds.load_seconds
        if not slot.lock.acquire(timeout=seconds):
            raise PredictionFailed("busy", f"The model was being loaded for {seconds:g} s.")
        try:
            if slot.worker is None or slot.worker.dead:
                slot.worker = None
                self._wait_for_room(slot, 2 * model.file_size)
                slot.worker = self._loaded(model)
                self.note(slot, slot.worker.memory)
                self._make_room()
            return slot.worker
        finally:
            slot.lock.release()

    def _wait_for_room(self, slot: Slot, needed: int) -> None:
        """Reserves memory beside the models in use, and takes it from those that are not.

        Raises `PredictionFailed` (`busy`) when there is none for too long.
        """
        deadline = time.monotonic() + self.bounds.load_seconds
        self.note(slot, 0)
        with self.less_used:
            while (taken := self._in_use()) and taken + needed > self.budget:
                if not self.less_used.wait(deadline - time.monotonic()):
                    raise PredictionFailed(
                        "busy", "Other models take all of the memory; try again."
                    )
            slot.memory = needed
        self._make_room()

    def note(self, slot: Slot, memory: int) -> None:
        """Note what a model takes from now on, which may be what another waits for."""
        with self.less_used:
            slot.memory = memory
            self.less_used.notify_all()

    def _in_use(self) -> int:
        return sum(slot.memory for slot in self.slots.values() if slot.users)

    def _loaded(self, model: Servable) -> Worker:
        """A process with the model in it, provided that its file is the one that was verified."""
        try:
            data = self._storage.read(model.file_path, generation=model.generation)
        except FileNotFoundError:
            raise PredictionFailed("unavailable", "The model's file is gone.") from None
        if hashlib.sha256(data).hexdigest() != model.sha256:
            raise PredictionFailed(
                "unavailable", "The model's file is not the one that was verified."
            )
        worker = Worker(model.runtime, self._checked(model, data).modules, self.bounds)
        if not worker.confined:
            log.warning("system calls of models cannot be filtered on this machine")
        try:
            worker.load(data)
        except BaseException:
            worker.kill()
            raise
        return worker

    def _checked(self, model: Servable, data: bytes) -> Checked:
        """Return the modules that a skops file takes, found again; other formats take none."""
        if model.runtime != "skops":
            return Checked("onnx", [])
        try:
            with Worker("check", bounds=self.bounds) as worker:
                return Checked("skops", worker.check(data)[1])
        except ModelRejected as error:
            raise PredictionFailed("unavailable", error.detail) from None

    def _make_room(self) -> None:
        """End the processes of models that were not used for longest, down to the budget."""
        ended: list[Slot] = []
        with self._lock:
            total = sum(slot.memory for slot in self.slots.values() if slot.users or _alive(slot))
            for key, slot in list(self.slots.items()):
                if slot.users == 0 and (total > self.budget or not _alive(slot)):
                    total -= slot.memory if _alive(slot) else 0
                    ended.append(self.slots.pop(key))
        for slot in ended:
            if slot.worker is not None:
                slot.worker.kill()


def _alive(slot: Slot) -> bool:
    return slot.worker is not None and not slot.worker.dead

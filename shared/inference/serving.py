"""Loaded models of one function instance, each in its process, within a budget of memory."""

import hashlib
import logging
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.score_order import arrange_columns
from shared.inference.tensors import Array
from shared.inference.worker import Bounds, Ran, Worker
from shared.models import Model
from shared.schemas.models import SERVING, ModelTensor
from shared.schemas.preprocessing import ModelMetadata
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

    `slots` are by model and content, least recently used first; `memory_freed` wakes calls
    that wait for memory, when some may have become free.
    """

    def __init__(
        self, storage: Storage, budget: int, bounds: Bounds, calls_of_account: int = 6
    ) -> None:
        """`budget` is how many bytes all models may take together; one alone may take more.

        `calls_of_account` is how many of an account's calls may wait for answers at a time.
        """
        self._calls: Counter[UUID] = Counter()
        self._calls_of_account = calls_of_account
        self._storage = storage
        self.budget = budget
        self.bounds = bounds
        self.seconds = bounds.run_seconds  # that one call may take
        self._lock = threading.Lock()
        self.memory_freed = threading.Condition(self._lock)
        self.slots: OrderedDict[tuple[UUID, str], Slot] = OrderedDict()

    @contextmanager
    def admit_call(self, account: UUID) -> Iterator[None]:
        """Let a call that somebody waits for go on beside the account's others.

        Raises `PredictionFailed` (`busy`) where these are as many as may be: they would take every
        place of this instance, and other accounts' calls would wait for them.
        """
        with self._lock:
            if self._calls[account] >= self._calls_of_account:
                most = self._calls_of_account
                raise PredictionFailed(
                    "busy", f"{most} of your calls are under way; try again, or ask for it later."
                )
            self._calls[account] += 1
        try:
            yield
        finally:
            with self._lock:
                self._calls[account] -= 1
                if not self._calls[account]:
                    del self._calls[account]

    def run(self, model: Servable, inputs: Mapping[str, Array]) -> Ran:
        """Return a model's outputs. Raises `PredictionFailed`."""
        key = (model.id, model.sha256)
        with self._lock:
            slot = self.slots.setdefault(key, Slot())
            self.slots.move_to_end(key)
            slot.users += 1
        worker: Worker | None = None
        try:
            worker = self._get_worker(slot, model)
            return arrange_columns(worker.run(inputs), model.outputs)
        finally:
            with self._lock:
                slot.users -= 1
                if worker is not None and worker is slot.worker:
                    slot.memory = worker.memory
                self.memory_freed.notify_all()
            self._make_room()

    def list_loaded(self) -> list[UUID]:
        """Return the models that are in memory, least recently used first."""
        with self._lock:
            return [key[0] for key, slot in self.slots.items() if _is_alive(slot)]

    def close(self) -> None:
        """End every process."""
        with self._lock:
            slots = list(self.slots.values())
            self.slots.clear()
        for slot in slots:
            if slot.worker is not None:
                slot.worker.kill()

    def _get_worker(self, slot: Slot, model: Servable) -> Worker:
        """Return the process of a model that is in use. Raises `PredictionFailed`."""
        seconds = self.bounds.load_seconds
        if not slot.lock.acquire(timeout=seconds):
            raise PredictionFailed("busy", f"The model was being loaded for {seconds:g} s.")
        try:
            if slot.worker is None or slot.worker.dead:
                slot.worker = None
                self._wait_for_room(slot, 2 * model.file_size)
                slot.worker = self._load(model)
                self.set_memory(slot, slot.worker.memory)
                self._make_room()
            return slot.worker
        finally:
            slot.lock.release()

    def _wait_for_room(self, slot: Slot, needed: int) -> None:
        """Reserve memory beside the models in use, and end idle models that are in the way.

        Raises `PredictionFailed` (`busy`) when there is none for too long.
        """
        deadline = time.monotonic() + self.bounds.load_seconds
        self.set_memory(slot, 0)
        with self.memory_freed:
            while (taken := self._sum_used_memory()) and taken + needed > self.budget:
                if not self.memory_freed.wait(deadline - time.monotonic()):
                    raise PredictionFailed(
                        "busy", "Other models take all of the memory; try again."
                    )
            slot.memory = needed
        self._make_room()

    def set_memory(self, slot: Slot, memory: int) -> None:
        """Set the bytes that a model takes from now on, and wake calls that wait for memory."""
        with self.memory_freed:
            slot.memory = memory
            self.memory_freed.notify_all()

    def _sum_used_memory(self) -> int:
        return sum(slot.memory for slot in self.slots.values() if slot.users)

    def _load(self, model: Servable) -> Worker:
        """Return a process with the model in it.

        Raises `PredictionFailed` (`unavailable`) where the file is not the one that was verified.
        """
        try:
            data = self._storage.read(model.file_path, generation=model.generation)
        except FileNotFoundError:
            raise PredictionFailed("unavailable", "The model's file is gone.") from None
        if hashlib.sha256(data).hexdigest() != model.sha256:
            raise PredictionFailed(
                "unavailable", "The model's file is not the one that was verified."
            )
        worker = Worker(model.runtime, self._find_modules(model, data), self.bounds)
        if not worker.confined:
            log.warning("system calls of models cannot be filtered on this machine")
        try:
            worker.load(data)
        except BaseException:
            worker.kill()
            raise
        return worker

    def _find_modules(self, model: Servable, data: bytes) -> Sequence[str]:
        """Return the modules that loading a skops file needs; other formats need none."""
        if model.runtime != "skops":
            return []
        try:
            with Worker("check", bounds=self.bounds) as worker:
                return worker.check(data)[1]
        except ModelRejected as error:
            raise PredictionFailed("unavailable", error.detail) from None

    def _make_room(self) -> None:
        """End the processes of models that were not used for longest, down to the budget."""
        ended: list[Slot] = []
        with self._lock:
            total = sum(
                slot.memory for slot in self.slots.values() if slot.users or _is_alive(slot)
            )
            for key, slot in list(self.slots.items()):
                if slot.users == 0 and (total > self.budget or not _is_alive(slot)):
                    total -= slot.memory if _is_alive(slot) else 0
                    ended.append(self.slots.pop(key))
        for slot in ended:
            if slot.worker is not None:
                slot.worker.kill()


def _is_alive(slot: Slot) -> bool:
    return slot.worker is not None and not slot.worker.dead

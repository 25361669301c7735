"""A model in a process of its own, as seen from the function that uses it."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Self

from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.frames import (
    FrameError,
    decode_frame,
    encode_bytes_frame,
    encode_frame,
    read_tensors,
)
from shared.inference.tensors import Array
from shared.texts import clean_line

_ROOT = str(Path(__file__).resolve().parents[2])
# Isolated (-I), without site-packages of its own (-S): it finds modules where the function does.
_BOOT = "import sys; sys.path[:] = sys.argv[1].split(':'); from shared.inference import child"
COMMAND = (sys.executable, "-I", "-S", "-B", "-c", f"{_BOOT}; child.main()")
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_START_SECONDS = 60  # scikit-learn takes a second to import where nothing else runs
CLOSING_SECONDS = 5  # between a process's last word and its end
_MAX_OUTPUT = 64 * 1024 * 1024
_MAX_REASON = 1000  # characters
_IN_DOUBT = ("timeout", "out_of_memory", "crashed", "invalid_output")


@dataclass(frozen=True)
class Bounds:
    """Limits of one model: bytes beyond its library's own, and seconds for each step."""

    memory: int = 1024**3
    load_seconds: float = 30
    run_seconds: float = 30
    processor_seconds: int = 24 * 3600  # in all; a worker that serves lives long


@dataclass(frozen=True)
class Loaded:
    """A model as its library describes it: tensors with name, datatype, shape; bytes of memory."""

    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    memory: int


@dataclass(frozen=True)
class Ran:
    """A model's answer to its inputs, and the milliseconds it took, nothing else counted."""

    outputs: dict[str, Array]
    ms: float
    labels: dict[str, list[str]]


class Worker:
    """One process for one model; several threads may share it, one at a time.

    After a failure that leaves the process in doubt (late, out of memory, gone) it is `dead`.
    """

    def __init__(
        self, runtime: str, modules: Sequence[str] = (), bounds: Bounds | None = None
    ) -> None:
        """Start the process. Raises `PredictionFailed` when the runtime is not installed."""
        self.bounds = bounds or Bounds()
        self.dead = False
        self.memory = 0  # bytes that the process had after its last answer
        self._outputs: set[str] = set()  # names, once a model is loaded
        self.lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        asked = {
            "runtime": runtime,
            "modules": list(modules),
            "memory": self.bounds.memory,
            "processor_seconds": self.bounds.processor_seconds,
        }
        with theirs:
            self.process = subprocess.Popen(
                [*COMMAND, ":".join([_ROOT, *filter(None, sys.path)]), json.dumps(asked)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
            )
        try:
            hello, _ = self._exchange(b"", _START_SECONDS)
        except BaseException:
            self.kill()
            raise
        self.confined = bool(hello.get("confined"))

    def check(self, data: bytes) -> tuple[str, list[str], list[str]]:
        """Return a file's format, the modules that loading it needs, and its classes.

        Only a worker of the runtime `check` does this. Raises `ModelRejected`, or
        `PredictionFailed` where checking takes too much.
        """
        seconds = self.bounds.load_seconds
        header, _ = self._exchange(encode_bytes_frame({"seconds": seconds}, data), seconds)
        with self._refuse_nonsense():
            return header["format"], header["modules"], header["classes"]

    def load(self, data: bytes) -> Loaded:
        """Give the process its model. Raises `PredictionFailed`."""
        seconds = self.bounds.load_seconds
        header, _ = self._exchange(
            encode_bytes_frame({"do": "load", "seconds": seconds}, data), seconds
        )
        with self._refuse_nonsense():
            self.memory = _read_memory(header)
            self._outputs = {str(one["name"]) for one in header["outputs"]}
            return Loaded(header["inputs"], header["outputs"], self.memory)

    def run(self, inputs: Mapping[str, Array]) -> Ran:
        """Run the model. Raises `PredictionFailed`."""
        seconds = self.bounds.run_seconds
        header, body = self._exchange(
            encode_frame({"do": "run", "seconds": seconds}, inputs), seconds
        )
        with self._refuse_nonsense():
            self.memory = _read_memory(header)
            ms = float(header["ms"])
            if not 0 <= ms < inf:
                raise ValueError(ms)
            outputs = read_tensors(header, body)
            if set(outputs) != self._outputs:
                raise ValueError(set(outputs))
            return Ran(outputs, ms, dict(header["labels"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self.dead = True
        self.process.kill()
        self.process.wait()
        self._socket.close()

    @contextmanager
    def _refuse_nonsense(self) -> Iterator[None]:
        """End a process whose answer is not what was agreed: it may have been taken over."""
        try:
            yield
        except (FrameError, KeyError, OverflowError, TypeError, ValueError):
            self.kill()
            raise _make_crash("answered nonsense") from None

    def _exchange(self, frame: bytes, seconds: float) -> tuple[dict[str, Any], bytes | bytearray]:
        if not self.lock.acquire(timeout=seconds):
            raise PredictionFailed("busy", f"The model was busy for {seconds:g} s; try again.")
        try:
            if self.dead:
                raise _make_crash("has just ended")
            deadline = time.monotonic() + seconds
            self._socket.settimeout(seconds)
            try:
                self._socket.sendall(frame)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has ended; what it said before tells why
            except TimeoutError:
                raise _make_timeout(seconds) from None
            return self._answer(deadline, seconds)
        except PredictionFailed as error:
            if error.code in _IN_DOUBT:
                self.kill()
            raise
        except ModelRejected:
            raise
        except BaseException:
            self.kill()
            raise
        finally:
            self.lock.release()

    def _answer(self, deadline: float, seconds: float) -> tuple[dict[str, Any], bytes | bytearray]:
        try:
            header, body = decode_frame(lambda size: self._read(size, deadline), _MAX_OUTPUT)
        except TimeoutError:
            raise _make_timeout(seconds) from None
        except (EOFError, ConnectionResetError):
            raise self._explain_end(seconds) from None
        except FrameError:
            detail = f"The model's outputs take more than {_MAX_OUTPUT // 2**20} MiB."
            raise PredictionFailed("invalid_output", detail) from None
        if "error" not in header:
            return header, body
        text = clean_line(str(header["error"]), _MAX_REASON)
        match header.get("kind"):
            case "memory":
                raise self._out_of_memory()
            case "rejected":
                raise ModelRejected(text)
            case "unavailable":
                raise PredictionFailed("unavailable", f"This function cannot run it: {text}.")
        raise PredictionFailed("model_error", f"The model failed: {text}")

    def _read(self, size: int, deadline: float) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            count = self._socket.recv_into(view)
            if not count:
                raise EOFError
            view = view[count:]
        return data

    def _explain_end(self, seconds: float) -> PredictionFailed:
        """Return why the process is gone."""
        try:
            status = self.process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            return _make_crash("stopped listening")
        if -status in (signal.SIGALRM, signal.SIGXCPU):
            return _make_timeout(seconds)
        if -status == signal.SIGKILL:  # by the kernel: nobody else does before the answer is due
            return self._out_of_memory()
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        return _make_crash(f"ended by itself ({name}); a library does so when its memory runs out")

    def _out_of_memory(self) -> PredictionFailed:
        limit = self.bounds.memory // 2**20
        return PredictionFailed("out_of_memory", f"The model took more than {limit} MiB.")


def _read_memory(header: Mapping[str, Any]) -> int:
    """Return the bytes that a process says it has. Raises `ValueError` for less than none."""
    memory = int(header["memory"])
    if memory < 0:
        raise ValueError(memory)
    return memory


def _make_timeout(seconds: float) -> PredictionFailed:
    return PredictionFailed("timeout", f"The model took longer than {seconds:g} s.")


def _make_crash(how: str) -> PredictionFailed:
    return PredictionFailed("crashed", f"The model's process {how}.")

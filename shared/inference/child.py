"""The process of one model: it gives up its rights, loads the model, and answers calls."""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from shared.inference.errors import ModelRejected
from shared.inference.frames import FrameError, decode_frame, encode_frame, read_tensors
from shared.inference.runtimes import RUNTIMES, ModelError, Runtime
from shared.inference.sandbox import Memory, confine, die_after

_CHANNEL = 0  # stdin, a socket: frames come and go through it
_MAX_MESSAGE = 600
_GRACE = 2  # seconds that the function has to end this process before it ends itself
# Where in a library's source something happened: in which function of which file.
_FUNCTION = re.compile(
    r"(\.(?:cc|h|cpp):\d+) [^()]*\bonnxruntime::[^()]*\((?:[^()]|\([^()]*\))*\)"
    r"(?: const)?(?: \[with [^]]*\])?"
)
_SOURCE_PLACE = re.compile(r"/\S+?/(?=[\w.-]+)|\b[\w./-]+\.(?:cc|h|cpp|py):\d+\b:?")

Answer = Callable[[Mapping[str, Any], bytes], bytes]


def main() -> None:
    """Serve one model, or check files where the runtime asked for is `check`."""
    asked = json.loads(sys.argv[2])
    memory = Memory()
    try:
        answer = _make_checker() if asked["runtime"] == "check" else _make_server(asked, memory)
    except ImportError as error:
        _write(encode_frame({"error": f"{error.name} is not installed", "kind": "unavailable"}))
        return
    _write(encode_frame({"confined": confine(memory, asked["memory"], asked["processor_seconds"])}))
    while True:
        try:
            header, body = decode_frame(_read, asked["memory"])
        except (EOFError, FrameError):
            return
        die_after(header["seconds"] + _GRACE)
        _write(_try_answer(answer, header, bytes(body)))
        die_after(0)


def _make_checker() -> Answer:
    from shared.inference.checking import check_model_file, warm

    warm()

    def answer(header: Mapping[str, Any], body: bytes) -> bytes:
        found = check_model_file(body)
        return encode_frame(asdict(found))

    return answer


def _make_server(asked: Mapping[str, Any], memory: Memory) -> Answer:
    runtime: Runtime = RUNTIMES[asked["runtime"]](asked["modules"])
    runtime.warm()

    def answer(header: Mapping[str, Any], body: bytes) -> bytes:
        if header["do"] == "load":
            runtime.load(body)
            about = {"inputs": runtime.inputs, "outputs": runtime.outputs}
            return encode_frame({**about, "memory": memory.measure_resident()})
        inputs = read_tensors(header, body)
        started = time.perf_counter()
        outputs = runtime.run(inputs)
        ms = (time.perf_counter() - started) * 1000
        labels = {spec["name"]: spec["labels"] for spec in runtime.outputs if "labels" in spec}
        return encode_frame(
            {"ms": ms, "labels": labels, "memory": memory.measure_resident()}, outputs
        )

    return answer


def _try_answer(answer: Answer, header: Mapping[str, Any], body: bytes) -> bytes:
    """Return an answer, or a frame that says what went wrong."""
    try:
        return answer(header, body)
    except MemoryError:
        return encode_frame({"error": "out of memory", "kind": "memory"})
    except ModelRejected as error:
        return encode_frame({"error": error.detail, "kind": "rejected"})
    except (ModelError, FrameError, ValueError) as error:
        return encode_frame({"error": _clean(str(error)), "kind": _classify_error(str(error))})


def _classify_error(message: str) -> str:
    """Return `memory` where a library ran out of it, which each says in its own words."""
    words = ("allocate memory", "bad_alloc", "bad allocation", "memoryerror", "failed to allocate")
    return "memory" if any(word in message.lower() for word in words) else "model"


def _clean(message: str) -> str:
    """Return a library's message without the places in its source."""
    message = _FUNCTION.sub(r"\1", message[: 8 * _MAX_MESSAGE])
    return " ".join(_SOURCE_PLACE.sub("", message).split())[:_MAX_MESSAGE]


def _read(size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = os.read(_CHANNEL, min(size - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(_CHANNEL, view) :]

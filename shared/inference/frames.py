"""Frames between a function and a model's process: a JSON header, then tensors as bytes.

Nothing here is evaluated: a process that a hostile model has taken over can send wrong numbers,
and no more.
"""

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any

from shared.inference.tensors import DTYPES, MAX_DIMENSIONS, Array, datatype_of, pack, unpack

_SIZES = struct.Struct("<IQ")  # bytes of the header, and of what follows it
_MAX_HEADER = 1024 * 1024

Read = Callable[[int], bytes | bytearray]


class FrameError(Exception):
    """The other side sent what is not a frame, or more than is taken."""


def encode_frame(header: Mapping[str, Any], tensors: Mapping[str, Array] | None = None) -> bytes:
    """Return a frame."""
    packed = {name: pack(array) for name, array in (tensors or {}).items()}
    listed = [
        [name, datatype_of(array), list(array.shape), len(packed[name])]
        for name, array in (tensors or {}).items()
    ]
    return encode_bytes_frame({**header, "tensors": listed}, b"".join(packed.values()))


def encode_bytes_frame(header: Mapping[str, Any], data: bytes) -> bytes:
    """Return a frame whose body is not tensors."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return _SIZES.pack(len(text), len(data)) + text + data


def decode_frame(read: Read, limit: int) -> tuple[dict[str, Any], bytes | bytearray]:
    """Return the next frame; `read` gives exactly as many bytes as it is asked for.

    Raises `FrameError` when it is malformed or its body longer than `limit` bytes.
    """
    header_size, body_size = _SIZES.unpack(read(_SIZES.size))
    if header_size > _MAX_HEADER or body_size > limit:
        raise FrameError(f"a frame of {header_size} + {body_size} bytes")
    try:
        header = json.loads(read(header_size))
    except (ValueError, RecursionError):
        raise FrameError("a header that is not JSON") from None
    if not isinstance(header, dict):
        raise FrameError("a header that is not an object")
    return header, read(body_size)


def read_tensors(header: Mapping[str, Any], body: bytes | bytearray) -> dict[str, Array]:
    """Return the tensors in a frame. Raises `FrameError`."""
    found: dict[str, Array] = {}
    position = 0
    view = memoryview(body)
    try:
        for name, datatype, shape, size in header["tensors"]:
            known = datatype in DTYPES and len(shape) <= MAX_DIMENSIONS
            if not known or any(type(side) is not int or side < 0 for side in shape):
                raise FrameError("a tensor of unknown form")
            found[str(name)] = unpack(datatype, shape, view[position : position + size])
            position += size
    except (KeyError, TypeError, ValueError) as error:
        raise FrameError(f"tensors that cannot be read: {error}") from None
    return found

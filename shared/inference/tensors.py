"""Tensors as arrays, and as the bytes in which they travel (Open Inference Protocol v2)."""

import struct
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

# Open Inference Protocol v2, "Tensor Data Types". BYTES are strings of any length.
DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    "UINT8": np.dtype("<u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("<i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "BYTES": np.dtype("O"),
}
MAX_DIMENSIONS = 64  # numpy's
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_LENGTH = struct.Struct("<I")


def datatype_of(array: Array) -> str:
    """Return the protocol's name for an array's type; arrays of strings are BYTES.

    Raises `ValueError` for a type that the protocol does not have.
    """
    if array.dtype.kind in "OSU":
        return "BYTES"
    try:
        return _NAMES[array.dtype.newbyteorder("<")]
    except KeyError:
        raise ValueError(f"the type {array.dtype} cannot be sent") from None


def pack(array: Array) -> bytes:
    """Return an array's elements in row-major order, little-endian; each string behind its length.

    The form is that of the binary tensor data extension, which Triton and KServe share. Raises
    `ValueError` for a text that UTF-8 does not have, such as half a surrogate pair.
    """
    if array.dtype.kind not in "OSU":
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return np.ascontiguousarray(little).tobytes()
    texts = [one if isinstance(one, bytes) else str(one).encode() for one in array.ravel().tolist()]
    return b"".join(part for text in texts for part in (_LENGTH.pack(len(text)), text))


def unpack(datatype: str, shape: Sequence[int], data: bytes | memoryview) -> Array:
    """Return the array that `pack` made bytes of; elements of BYTES are `bytes`.

    Raises `ValueError` when the bytes do not fit the shape, or are no booleans.
    """
    count = prod(shape)
    if datatype == "BYTES":
        return _unpack_strings(count, shape, bytes(data))
    dtype = DTYPES[datatype]
    if len(data) != count * dtype.itemsize:
        raise ValueError(
            f"holds {len(data)} bytes; the shape {list(shape)} of {datatype} takes "
            f"{count * dtype.itemsize}"
        )
    if dtype.kind == "b" and (np.frombuffer(data, np.uint8) > 1).any():
        raise ValueError("holds bytes that are neither 0 nor 1, which BOOL is not")
    return np.frombuffer(data, dtype).reshape(shape)


def _unpack_strings(count: int, shape: Sequence[int], data: bytes) -> Array:
    texts: list[bytes] = []
    position = 0
    while position < len(data) and len(texts) < count:
        if position + _LENGTH.size > len(data):
            raise ValueError("ends within the length of a string")
        (length,) = _LENGTH.unpack_from(data, position)
        position += _LENGTH.size
        if position + length > len(data):
            raise ValueError("ends within a string")
        texts.append(data[position : position + length])
        position += length
    if len(texts) != count or position != len(data):
        raise ValueError(f"does not hold {count} strings, as the shape {list(shape)} says")
    array = np.empty(count, dtype=object)
    array[:] = texts
    return array.reshape(shape)

"""Checks what a LiteRT file holds, before a library reads it.

The file is a FlatBuffer; the tables and slots that matter here are those of TensorFlow's schema:
https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from shared.inference.errors import ModelRejected

MAX_OPERATORS = 50_000
_MAX_SUBGRAPHS = 1_000
_CUSTOM = 32  # BuiltinOperator.CUSTOM

# Slots of the tables' fields, in the schema's order.
_MODEL_CODES, _MODEL_SUBGRAPHS, _MODEL_BUFFERS = 1, 2, 4
_CODE_OLD, _CODE_CUSTOM, _CODE = 0, 1, 3
_SUBGRAPH_OPERATORS = 3
_BUFFER_OFFSET = 1
_HINT = (
    "convert with converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS] and "
    "without custom operators"
)


@dataclass(frozen=True)
class _Table:
    """A table in a FlatBuffer; `struct.error` and `IndexError` say that it leads outside."""

    data: bytes
    start: int

    def find_field(self, number: int) -> int | None:
        """Return the place of a field's value; None for one that is left out."""
        vtable = self.start - _at(self.data, self.start, "<i")
        if 4 + 2 * number >= _at(self.data, vtable, "<H"):
            return None
        offset = _at(self.data, vtable + 4 + 2 * number, "<H")
        return self.start + offset if offset else None

    def read_number(self, slot: int, kind: str) -> int:
        """Return a number; 0 when it is left out."""
        place = self.find_field(slot)
        return 0 if place is None else _at(self.data, place, kind)

    def read_length(self, slot: int) -> int:
        """Return the number of elements of a vector, or of bytes of a string."""
        place = self.find_field(slot)
        return 0 if place is None else _at(self.data, place + _at(self.data, place, "<I"), "<I")

    def read_text(self, slot: int) -> str | None:
        """Return a string."""
        place = self.find_field(slot)
        if place is None:
            return None
        place += _at(self.data, place, "<I")
        size = _at(self.data, place, "<I")
        return self.data[place + 4 : place + 4 + min(size, 100)].decode("utf-8", "replace")

    def read_tables(self, slot: int) -> Iterator["_Table"]:
        """Yield the tables in a vector."""
        place = self.find_field(slot)
        if place is None:
            return
        place += _at(self.data, place, "<I")
        for index in range(_at(self.data, place, "<I")):
            entry = place + 4 + 4 * index
            yield _Table(self.data, entry + _at(self.data, entry, "<I"))


def _at(data: bytes, place: int, kind: str) -> int:
    if place < 0:
        raise IndexError(place)
    value: int = struct.unpack_from(kind, data, place)[0]
    return value


def check_litert_file(data: bytes) -> None:
    """Raise `ModelRejected` for what is damaged, oversized, spread over files or not built in."""
    try:
        _check(_Table(data, _at(data, 0, "<I")))
    except (struct.error, IndexError):
        raise ModelRejected("The file is not a LiteRT model, or it is damaged.") from None


def _check(model: _Table) -> None:
    for code in model.read_tables(_MODEL_CODES):
        custom = code.read_text(_CODE_CUSTOM)
        if custom is not None or _CUSTOM in (
            code.read_number(_CODE_OLD, "<b"),
            code.read_number(_CODE, "<i"),
        ):
            raise ModelRejected(f"The operator {custom!r} is not built in; {_HINT}.")
    if not 1 <= model.read_length(_MODEL_SUBGRAPHS) <= _MAX_SUBGRAPHS:
        raise ModelRejected(f"The model does not have 1 to {_MAX_SUBGRAPHS} graphs.")
    operators = sum(
        graph.read_length(_SUBGRAPH_OPERATORS) for graph in model.read_tables(_MODEL_SUBGRAPHS)
    )
    if operators > MAX_OPERATORS:
        raise ModelRejected(f"The model has more than {MAX_OPERATORS} operators.")
    if model.read_length(_MODEL_BUFFERS) > len(model.data) // 4:
        raise IndexError
    for buffer in model.read_tables(_MODEL_BUFFERS):
        if buffer.read_number(_BUFFER_OFFSET, "<Q") > 1:
            raise ModelRejected("The model's weights lie outside its graph; keep it below 2 GB.")

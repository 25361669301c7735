"""Work on foreign models and answers grows no faster than their bytes."""

import io
import json
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import GraphProto, TensorProto, helper

from shared.inference.errors import ModelRejected
from shared.inference.frames import FrameError, decode_frame, read_tensors
from shared.inference.litert_file import check_litert_file
from shared.inference.onnx_file import check_onnx_file
from shared.inference.skops_file import check_skops_file
from tests.growth import Maker, assert_linear, repetitions
from tests.registry import DATA
from tests.shared.inference import hostile

# What the bytes of protocol buffers are made of: keys of fields, lengths, numbers.
_ONNX = [b"\x08\x08", b"\x3a\x7f", b"\x0a\x02", b"\x2a\x08", b"\x5a\x00", b"\x62\x04", b"\xff\x01"]
_LITERT = [b"\0\0\0\0", b"\4\0\0\0", b"\x10\0\0\0", b"\xff\xff\xff\xff", b"\1\0", b"TFL3", b"\6\0"]
_JSON = [b"[", b"]", b"{", b"}", b'"', b'"a":', b"1", b",", b'"__class__":', b"1e9", b"\\u0000"]


def tried(check: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """Return a check that may refuse."""

    def work(data: bytes) -> object:
        try:
            return check(data)
        except (ModelRejected, FrameError) as refused:
            return refused

    return work


def check_schema(text: bytes) -> object:
    return check_skops_file(hostile.archive(schema__json=text, a1__npy=np.random.bytes(len(text))))


def read_frame(header: bytes) -> object:
    data = io.BytesIO(struct.pack("<IQ", len(header), 0) + header)
    return read_tensors(*decode_frame(data.read, 0))


@pytest.mark.parametrize(
    ("check", "tokens"),
    [
        pytest.param(check_onnx_file, _ONNX, id="onnx"),
        pytest.param(check_litert_file, _LITERT, id="litert"),
        pytest.param(check_schema, _JSON, id="skops"),
        pytest.param(read_frame, _JSON, id="frame"),
    ],
)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_repeated_tokens(
    check: Callable[[bytes], object], tokens: list[bytes], data: st.DataObject
) -> None:
    assert_linear(tried(check), data.draw(repetitions(tokens)), 10_000)


def graph_of(fill: Callable[[GraphProto, int], None], each: int) -> Maker:
    """Return a maker of models whose graph has so many bytes to each part that `fill` makes."""

    def make(size: int) -> bytes:
        model = helper.make_model(helper.make_graph([], "g", [], []))
        fill(model.graph, size // each)
        data: bytes = model.SerializeToString()
        return data

    return make


def many_dimensions(graph: GraphProto, count: int) -> None:
    """Fill a graph with a tensor of so many dimensions, whose product has as many digits."""
    graph.output.add(name="y")
    graph.initializer.append(TensorProto(name="w", dims=[2**62] * count))


def many_outputs_of_a_chain(graph: GraphProto, count: int) -> None:
    """Fill a graph with nodes that pass one tensor on, and outputs at the end of them."""
    for at in range(count):
        graph.node.add(op_type="Identity", input=[f"t{at}"], output=[f"t{at + 1}"])
        graph.output.add(name=f"t{count}")


def many_outputs_of_one_choice(graph: GraphProto, count: int) -> None:
    """Fill a graph with outputs that each choose from the same names."""
    names = TensorProto(name="names", data_type=TensorProto.INT64, dims=[count])
    names.int64_data.extend(range(count))
    graph.initializer.append(names)
    graph.node.add(op_type="ArgMax", input=["x"], output=["best"])
    graph.node.add(op_type="Gather", input=["names", "best"], output=["y"])
    for at in range(count):
        graph.node.add(op_type="Identity", input=["y"], output=[f"y{at}"])
        graph.output.add(name=f"y{at}")


@pytest.mark.parametrize(
    ("fill", "each"),
    [(many_dimensions, 9), (many_outputs_of_a_chain, 40), (many_outputs_of_one_choice, 45)],
    ids=["dimensions", "chain", "choice"],
)
def test_graphs(fill: Callable[[GraphProto, int], None], each: int) -> None:
    assert_linear(tried(check_onnx_file), graph_of(fill, each), 60_000)


def test_shapes_of_an_answer() -> None:
    """A process that a model has taken over answers with a shape of as many sides as it likes."""

    def make(size: int) -> bytes:
        return json.dumps({"tensors": [["y", "UINT8", [9] * (size // 3), 0]]}).encode()

    assert_linear(tried(read_frame), make, 60_000)


def test_operators_and_buffers_that_lie_over_each_other() -> None:
    """A vector of tables may lead to one table from each of its places."""
    data = (DATA / "digits_tensorflow.tflite").read_bytes()
    (root,) = struct.unpack_from("<I", data)

    def make(size: int) -> bytes:
        vector = b"".join(struct.pack("<i", 0) for _ in range(size // 4))
        table = struct.pack("<HHHHHI", 10, 8, 0, 4, 0, 0)
        return data[:root] + table + struct.pack("<I", size // 4) + vector

    assert_linear(tried(check_litert_file), make, 20_000)

"""Classes that a graph names."""

from onnx import TensorProto, helper

from shared.inference.onnx_file import check_onnx_file
from tests.shared.inference import hostile


def chosen(names: list[bytes]) -> bytes:
    """Return a graph that chooses one of these names."""
    classes = TensorProto(name="classes", data_type=TensorProto.STRING, dims=[len(names)])
    classes.string_data.extend(names)
    nodes = [
        helper.make_node("ArgMax", ["x"], ["best"], axis=1, keepdims=0),
        hostile.node("Gather", ["classes", "best"]),
    ]
    return hostile.graph(nodes, [classes])


def test_names_are_read_as_they_are_or_not_at_all() -> None:
    assert check_onnx_file(chosen([b"cat", "é".encode()])) == ["cat", "é"]
    assert check_onnx_file(chosen([b"cat", b"caf\xe9"])) == []

"""Models that nobody should load, made here."""

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper


def graph(
    nodes: Sequence[onnx.NodeProto], initializers: Sequence[onnx.TensorProto] = (), **more: Any
) -> bytes:
    """Return a graph from x to y, both FP32 of shape [batch, 4]."""
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 4]) for name in "xy"
    ]
    built = helper.make_graph(nodes, "g", tensors[:1], tensors[1:], list(initializers))
    model = helper.make_model(
        built, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, **more
    )
    data: bytes = model.SerializeToString()
    return data


def node(kind: str, inputs: Sequence[str] = ("x",), **more: Any) -> onnx.NodeProto:
    """One node with the output y."""
    return helper.make_node(kind, list(inputs), more.pop("outputs", ["y"]), **more)


def echo(datatype: int, batch: str | int = "batch") -> bytes:
    """Return a model that answers with its input, of shape [batch, 4] and any type."""
    x, y = (helper.make_tensor_value_info(name, datatype, [batch, 4]) for name in "xy")
    built = helper.make_graph([node("Identity")], "g", [x], [y])
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def constant() -> bytes:
    """Return a model that takes nothing and always gives the same."""
    value = helper.make_tensor("value", TensorProto.FLOAT, [1, 2], [1, 2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])
    built = helper.make_graph([helper.make_node("Constant", [], ["y"], value=value)], "g", [], [y])
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def wide(inputs: int) -> bytes:
    """Return a model that adds so many inputs up."""
    names = [f"x{index}" for index in range(inputs)]
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1])
        for name in [*names, "y"]
    ]
    built = helper.make_graph([node("Sum", names)], "g", tensors[:-1], tensors[-1:])
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def external(location: str) -> bytes:
    """Return a tensor that is to be read from a file."""
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [4], [0] * 4)
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return graph([node("Add", ["x", "w"])], [tensor])


def make_false_claim() -> bytes:
    """Return an initializer that claims two gigabytes and holds four bytes."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**29], raw_data=b"\0" * 4)
    return graph([node("Add", ["x", "w"])], [tensor])


def endless() -> bytes:
    """Return a loop that never ends."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["again"]),
            helper.make_node("Identity", ["value"], ["same"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("same", TensorProto.FLOAT, None),
        ],
    )
    true = helper.make_tensor("true", TensorProto.BOOL, [], [True])
    return graph([node("Loop", ["", "true", "x"], body=body)], [true])


def greedy() -> bytes:
    """Return a model that asks for 64 GB when it runs."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [2**34])
    zero = helper.make_tensor("zero", TensorProto.INT64, [], [0])
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["most"], keepdims=0),
        helper.make_node("Cast", ["most"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["whole", "zero"], ["nothing"]),
        helper.make_node("Add", ["shape", "nothing"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["much"]),
        helper.make_node("ReduceSum", ["much"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    return graph(nodes, [shape, zero])


def of_the_largest(*nodes: onnx.NodeProto, more: Sequence[onnx.TensorProto] = ()) -> bytes:
    """Return a model whose nodes find the largest number of x, as a whole one, in `most`."""
    most = [
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
        helper.make_node("Cast", ["largest"], ["most"], to=TensorProto.INT64),
    ]
    return graph([*most, *nodes], more)


def patient() -> bytes:
    """Return a model that turns as many rounds as the largest number of its input."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["again"]),
            helper.make_node("Identity", ["value"], ["same"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("same", TensorProto.FLOAT, None),
        ],
    )
    return of_the_largest(node("Loop", ["most", "", "x"], body=body))


def roomy() -> bytes:
    """Return a model that takes four bytes of memory for each unit of its largest input."""
    one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
    return of_the_largest(
        helper.make_node("Reshape", ["most", "one"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["much"]),
        helper.make_node("ReduceSum", ["much"], ["sum"], keepdims=0),
        node("Add", ["x", "sum"]),
        more=[one],
    )


def choosy() -> bytes:
    """Return a model that fails when its largest input is above 3."""
    return of_the_largest(
        helper.make_node("Gather", ["x", "most"], ["column"], axis=1),
        helper.make_node("Unsqueeze", ["column", "axis"], ["columns"]),
        node("Add", ["x", "columns"]),
        more=[helper.make_tensor("axis", TensorProto.INT64, [1], [1])],
    )


def calls() -> bytes:
    """Functions that call each other ten times each, 10^6 nodes in all."""
    functions = []
    for level in range(6):
        inner = ("Relu", "") if level == 0 else (f"f{level - 1}", "local")
        names = ["a", *(f"t{index}" for index in range(9)), "b"]
        body = [
            helper.make_node(inner[0], [names[at]], [names[at + 1]], domain=inner[1])
            for at in range(10)
        ]
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
        functions.append(helper.make_function("local", f"f{level}", ["a"], ["b"], body, opsets))
    return graph([node("f5", domain="local")], functions=functions)


def function(*nodes: onnx.NodeProto, overload: str = "") -> onnx.FunctionProto:
    """Return the function `local.f` from x to y."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    made = helper.make_function("local", "f", ["x"], ["y"], list(nodes), opsets)
    made.overload = overload
    return made


def make_overloaded() -> bytes:
    """Two functions of one name, of which the first, and only that is called, is not standard."""
    foreign = function(node("Gelu", domain="com.microsoft"), overload="other")
    call = node("f", domain="local")
    call.overload = "other"
    return graph([call], functions=[foreign, function(node("Identity"))])


def make_doubled() -> bytes:
    """Two functions with all names in common."""
    foreign = function(node("Gelu", domain="com.microsoft"))
    return graph([node("f", domain="local")], functions=[foreign, function(node("Identity"))])


def make_defaulting() -> bytes:
    """Return a function with a default value that lies in another file."""
    made = function(node("Identity"))
    (tensor,) = onnx.load_from_string(external("/etc/passwd")).graph.initializer
    made.attribute_proto.append(helper.make_attribute("w", tensor))
    return graph([node("f", domain="local")], functions=[made])


def archive(**files: bytes) -> bytes:
    """Return a zip archive; a double underscore in a name stands for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def change_skops(data: bytes, **root: Any) -> bytes:
    """Return a skops file whose outermost node says something else."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    schema = json.loads(files["schema.json"]) | {f"__{key}__": value for key, value in root.items()}
    return archive(**(files | {"schema.json": json.dumps(schema).encode()}))


def make_claiming_array() -> bytes:
    """Return a numpy array whose header claims 10^9 elements."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**9,)}
    )
    return buffer.getvalue()

"""Checks what an ONNX file holds, before a library reads it.

The file is parsed with the field numbers of onnx.proto that matter here; all else is passed over.
"""

from collections.abc import Iterable
from functools import cache
from math import prod
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from shared.inference.errors import ModelRejected
from shared.inference.onnx_classes import read_class_names
from shared.inference.tensors import MAX_DIMENSIONS

MAX_NODES = 50_000  # with functions written out; the largest language models have about 20 000
_MAX_DEPTH = 16  # of graphs in graphs
_DOMAINS = (b"", b"ai.onnx", b"ai.onnx.ml")
EXTERNAL = 1  # TensorProto.DataLocation
_HINT = "torch.onnx.export(…, external_data=False) or onnx.save(model, path) keeps it in one file"

# Message → field → (number, type); the type is a scalar's, bytes, or another message.
# https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
_FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "Model": {
        "ir_version": (1, "int64"),
        "graph": (7, "Graph"),
        "opset_import": (8, "Opset*"),
        "training_info": (20, "bytes*"),
        "functions": (25, "Function*"),
    },
    "Opset": {"domain": (1, "bytes"), "version": (2, "int64")},
    "Function": {
        "name": (1, "bytes"),
        "node": (7, "Node*"),
        "domain": (10, "bytes"),
        "attribute_proto": (11, "Attribute*"),
        "overload": (13, "bytes"),
    },
    "Graph": {
        "node": (1, "Node*"),
        "initializer": (5, "Tensor*"),
        "output": (12, "Value*"),
        "sparse_initializer": (15, "SparseTensor*"),
    },
    "Value": {"name": (1, "bytes")},
    "Node": {
        "input": (1, "bytes*"),
        "output": (2, "bytes*"),
        "op_type": (4, "bytes"),
        "attribute": (5, "Attribute*"),
        "domain": (7, "bytes"),
        "overload": (8, "bytes"),
    },
    "Attribute": {
        "name": (1, "bytes"),
        "t": (5, "Tensor"),
        "g": (6, "Graph"),
        "ints": (8, "int64*"),
        "strings": (9, "bytes*"),
        "tensors": (10, "Tensor*"),
        "graphs": (11, "Graph*"),
        "sparse_tensor": (22, "SparseTensor"),
        "sparse_tensors": (23, "SparseTensor*"),
    },
    "SparseTensor": {"values": (1, "Tensor"), "indices": (2, "Tensor"), "dims": (3, "int64*")},
    "Tensor": {
        "dims": (1, "int64*"),
        "data_type": (2, "int32"),
        "int32_data": (5, "int32*"),
        "string_data": (6, "bytes*"),
        "int64_data": (7, "int64*"),
        "name": (8, "bytes"),
        "raw_data": (9, "bytes"),
        "external_data": (13, "bytes*"),
        "data_location": (14, "int32"),
    },
}


_Key = tuple[bytes, bytes, bytes]  # a function's domain, name and overload


def check_onnx_file(data: bytes) -> list[str]:
    """Return the classes of a classifier, as far as its graph tells them.

    Raises `ModelRejected` for what is damaged, oversized, spread over files or not standard.
    """
    model = _parse_model(data)
    if not model.HasField("graph") or not model.opset_import or not model.graph.output:
        raise ModelRejected("The file is not an ONNX model: it has no graph.")
    if model.training_info:
        raise ModelRejected("The model holds training information; export it for inference.")
    functions = {(one.domain, one.name, one.overload): one for one in model.functions}
    if len(functions) < len(model.functions):
        raise ModelRejected("The model has two functions of the same name.")
    sizes: dict[_Key, int] = {}
    for key in functions:
        _check_function(key, functions, sizes, ())
    _check_graph(model.graph, sizes, 1)
    return read_class_names(model.graph)


def _check_function(
    key: _Key, functions: dict[_Key, Any], sizes: dict[_Key, int], within: tuple[_Key, ...]
) -> None:
    """Check a function, and note in `sizes` how many nodes it has with all calls written out.

    `within` are the functions that call it. Raises `ModelRejected`.
    """
    if key in within:
        raise ModelRejected("The model's functions call each other in a circle.")
    if len(within) > _MAX_DEPTH:
        raise ModelRejected(f"The model's functions are nested deeper than {_MAX_DEPTH}.")
    if key not in sizes:
        for node in _list_nodes(functions[key].node):
            inner = _get_function_key(node)
            if inner in functions:
                _check_function(inner, functions, sizes, (*within, key))
        defaults = _check_attributes(functions[key].attribute_proto, sizes, 1)
        sizes[key] = defaults + _check_nodes(functions[key].node, sizes, 1)


def _get_function_key(node: Any) -> _Key:
    """Return the key of the function that a node calls, if there is a function of that key."""
    return node.domain, node.op_type, node.overload


def _list_nodes(nodes: Iterable[Any]) -> list[Any]:
    """Return nodes and those in the graphs inside them."""
    found: list[Any] = []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        found.append(node)
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                waiting += graph.node
    return found


def _check_graph(graph: Any, sizes: dict[_Key, int], depth: int) -> int:
    """Check a graph; return how many nodes it has with functions written out."""
    if depth > _MAX_DEPTH:
        raise ModelRejected(f"The model's graphs are nested deeper than {_MAX_DEPTH}.")
    for tensor in graph.initializer:
        _check_tensor(tensor)
    _check_sparse(graph.sparse_initializer)
    return _check_nodes(graph.node, sizes, depth)


def _check_nodes(nodes: Iterable[Any], sizes: dict[_Key, int], depth: int) -> int:
    """Check each node; return how many there are with functions written out."""
    count = 0
    for node in nodes:
        key = _get_function_key(node)
        count += sizes.get(key, 1)
        if key not in sizes and node.domain not in _DOMAINS:
            raise ModelRejected(
                f"The operator {_quote(node.op_type)} is of the domain {_quote(node.domain)}; only "
                "the standard domains ai.onnx and ai.onnx.ml are served."
            )
        count += _check_attributes(node.attribute, sizes, depth)
        if count > MAX_NODES:
            raise ModelRejected(f"The model's graph has more than {MAX_NODES} nodes.")
    return count


def _check_attributes(attributes: Iterable[Any], sizes: dict[_Key, int], depth: int) -> int:
    """Check the tensors and graphs of attributes; return how many nodes the graphs have."""
    count = 0
    for attribute in attributes:
        for tensor in (attribute.t, *attribute.tensors):
            _check_tensor(tensor)
        _check_sparse((attribute.sparse_tensor, *attribute.sparse_tensors))
        graphs = [attribute.g] if attribute.HasField("g") else []
        for graph in (*graphs, *attribute.graphs):
            count += _check_graph(graph, sizes, depth + 1)
    return count


def _check_sparse(tensors: Iterable[Any]) -> None:
    for tensor in tensors:
        _check_tensor(tensor.values)
        _check_tensor(tensor.indices)


def _check_tensor(tensor: Any) -> None:
    if tensor.external_data or tensor.data_location == EXTERNAL:
        raise ModelRejected(f"The tensor {_quote(tensor.name)} lies in another file; {_HINT}.")
    if len(tensor.dims) > MAX_DIMENSIONS:
        raise ModelRejected(
            f"The tensor {_quote(tensor.name)} has more than {MAX_DIMENSIONS} dimensions."
        )
    if any(side < 0 for side in tensor.dims):
        raise ModelRejected(f"The tensor {_quote(tensor.name)} has a negative dimension.")
    # Two elements to a byte are the most that any type packs (int4).
    if prod(tensor.dims) > 2 * max(tensor.ByteSize(), 1):
        raise ModelRejected(
            f"The tensor {_quote(tensor.name)} claims {prod(tensor.dims)} elements and does not "
            "hold them."
        )


def _quote(value: bytes) -> str:
    return repr(value[:100].decode("utf-8", "replace"))


def _parse_model(data: bytes) -> Any:
    try:
        return build_messages()["Model"].FromString(data)
    except DecodeError:
        raise ModelRejected("The file is not an ONNX model, or it is damaged.") from None


@cache
def build_messages() -> dict[str, Any]:
    """Build message classes of the table above; once that is done, no file is read."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="onnx_check.proto", package="check")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            plain = kind.rstrip("*")
            entry = message.field.add(name=field, number=number)
            entry.label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
            if plain in _FIELDS:
                entry.type, entry.type_name = kinds.TYPE_MESSAGE, f".check.{plain}"
            else:
                entry.type = getattr(kinds, f"TYPE_{plain.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"check.{name}"))
        for name in _FIELDS
    }

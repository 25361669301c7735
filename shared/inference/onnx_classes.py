"""Reads from an ONNX graph which classes it tells apart.

The classes are the values that the output with the label can take. Names of classes at classifiers
deeper in the graph do not count: an ensemble's members use numbers in their place.
"""

import json
from collections.abc import Mapping
from math import prod
from typing import Any

# ONNX-ML: each of these has the labels as its first output.
# https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md
_CLASSIFIERS = (b"LinearClassifier", b"SVMClassifier", b"TreeEnsembleClassifier")
_CLASSES = (b"classlabels_ints", b"classlabels_int64s", b"classlabels_strings")
_SAME = (b"Cast", b"Flatten", b"Identity", b"Reshape", b"Squeeze", b"Unsqueeze")
_CHOOSING = (b"ArrayFeatureExtractor", b"Gather")
# TensorProto.DataType; where integers are kept that are not raw, and how many bytes raw ones take.
STRING = 8
INTEGERS = {6: ("int32_data", 4), 7: ("int64_data", 8)}
_MOST = 100_000
_MOST_OUTPUTS = 100  # more are not served
_MOST_STEPS = 1_000  # from an output to the node that chooses
_MOST_BYTES = 512 * 1024  # as JSON, in which they travel


def read_class_names(graph: Any) -> list[str]:
    """Return the classes in the order of the scores' columns; none where that is not told."""
    makers = {name: node for node in graph.node for name in node.output}
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    if len(graph.output) > _MOST_OUTPUTS:
        return []
    origins = {_find_origin(output.name, makers) for output in graph.output}
    found = [names for origin in origins if (names := _find_values(origin, makers, tensors))]
    if not found or any(names != found[0] for names in found):
        return []
    names = [name.strip() for name in found[0]]
    usable = len(set(names)) == len(names) and not any("\0" in name for name in names)
    return names if usable and len(json.dumps(names)) <= _MOST_BYTES else []


def _find_values(
    name: bytes, makers: Mapping[bytes, Any], tensors: Mapping[bytes, Any]
) -> list[str]:
    """Return the values that a tensor can take; none where the graph does not show them."""
    node = makers.get(name)
    if node is None:
        return []
    if node.op_type in _CLASSIFIERS and name == node.output[0]:
        return _read_classifier(node)
    if node.op_type in _CHOOSING and len(node.input) == 2 and node.input[0] in tensors:
        index = makers.get(_find_origin(node.input[1], makers))
        if index is not None and index.op_type == b"ArgMax":
            return _read_elements(tensors[node.input[0]])
    return []


def _find_origin(name: bytes, makers: Mapping[bytes, Any]) -> bytes:
    """Return the tensor from which another comes by nodes that change nothing but its form."""
    for _ in range(_MOST_STEPS):  # a damaged graph may go in a circle
        node = makers.get(name)
        if node is None or node.op_type not in _SAME or not node.input:
            break
        name = node.input[0]
    return name


def _read_classifier(node: Any) -> list[str]:
    for attribute in node.attribute:
        if attribute.name in _CLASSES:
            return [str(one) for one in attribute.ints] or _decode_texts(attribute.strings)
    return []


def _read_elements(tensor: Any) -> list[str]:
    """Return the elements of a tensor of integers or strings."""
    if prod(tensor.dims) > _MOST:
        return []
    if tensor.data_type == STRING:
        return _decode_texts(tensor.string_data)
    if tensor.data_type not in INTEGERS:
        return []
    kept, size = INTEGERS[tensor.data_type]
    raw = tensor.raw_data
    return [str(one) for one in getattr(tensor, kept)] or [
        str(int.from_bytes(raw[at : at + size], "little", signed=True))
        for at in range(0, len(raw), size)
    ]


def _decode_texts(values: Any) -> list[str]:
    """Return names of classes; none where one is no text."""
    try:
        return [one.decode() for one in values]
    except UnicodeDecodeError:
        return []

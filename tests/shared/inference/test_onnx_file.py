"""Numbers that are written by hand, held against those of the package `onnx`."""

from typing import Any

import onnx
from google.protobuf.descriptor import FieldDescriptor
from onnx import TensorProto

from shared.inference import onnx_classes, onnx_file

# Messages whose names are shorter here.
_PROTOS: dict[str, Any] = {
    "Model": onnx.ModelProto,
    "Opset": onnx.OperatorSetIdProto,
    "Function": onnx.FunctionProto,
    "Graph": onnx.GraphProto,
    "Value": onnx.ValueInfoProto,
    "Node": onnx.NodeProto,
    "Attribute": onnx.AttributeProto,
    "SparseTensor": onnx.SparseTensorProto,
    "Tensor": onnx.TensorProto,
}


def test_fields_are_those_of_onnx() -> None:
    """A text, and a message that nobody looks into, is read as bytes; both travel alike."""
    for name, message in onnx_file.build_messages().items():
        theirs = _PROTOS[name].DESCRIPTOR.fields_by_name
        for field in message.DESCRIPTOR.fields:
            other = theirs[field.name]
            assert (field.number, field.is_repeated) == (other.number, other.is_repeated), (
                f"{name}.{field.name}"
            )
            if field.type == FieldDescriptor.TYPE_BYTES:
                assert other.type in (
                    FieldDescriptor.TYPE_BYTES,
                    FieldDescriptor.TYPE_STRING,
                    FieldDescriptor.TYPE_MESSAGE,
                )
            elif field.type == FieldDescriptor.TYPE_MESSAGE:
                assert other.message_type == _PROTOS[field.message_type.name].DESCRIPTOR
            else:
                enums = (FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_INT32)
                assert field.type == other.type or {field.type, other.type} == set(enums)


def test_every_message_that_holds_tensors_or_graphs_is_looked_into() -> None:
    """Else a tensor could lie in another file without a check."""
    ours = onnx_file.build_messages()
    names = {proto.DESCRIPTOR.full_name: name for name, proto in _PROTOS.items()}
    for name, proto in _PROTOS.items():
        for field in proto.DESCRIPTOR.fields:
            kind = names.get(field.message_type.full_name) if field.message_type else None
            if kind in ("Tensor", "SparseTensor", "Graph", "Node", "Attribute", "Function"):
                mine = ours[name].DESCRIPTOR.fields_by_name[field.name]
                assert mine.message_type.name == kind, f"{name}.{field.name}"


def test_numbers_of_types_and_places_are_those_of_onnx() -> None:
    assert onnx_file.EXTERNAL == TensorProto.EXTERNAL
    assert onnx_classes.STRING == TensorProto.STRING
    sizes = {"int32_data": 4, "int64_data": 8}
    for number, (field, size) in onnx_classes.INTEGERS.items():
        assert sizes[field] == size
        assert TensorProto.DataType.Name(number) == field.removesuffix("_data").upper()

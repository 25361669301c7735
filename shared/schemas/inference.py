"""Answers of the Open Inference Protocol v2."""

from shared.schemas.kinds import Read


class Live(Read):
    """A sign that the server runs."""

    live: bool
    """True."""


class Ready(Read):
    """A sign that the server can predict."""

    ready: bool


class Server(Read):
    """The server and its extensions."""

    name: str
    """`pixmill`."""
    version: str
    """Version of Pixmill."""
    extensions: list[str]
    """Extensions of the protocol that are served."""


class ModelReady(Read):
    """A sign that a model can predict."""

    name: str
    """Name of the model."""
    ready: bool


class Tensor(Read):
    """An input or output; -1 in its shape stands for any size."""

    name: str
    """Name that requests and answers have it under."""
    datatype: str
    """Type of its values, such as `FP32`."""
    shape: list[int]
    """Size of each dimension; -1 stands for any."""


class ModelDescription(Read):
    """A model version with its tensors."""

    name: str
    """Name of the model."""
    versions: list[str]
    """Versions that can be asked, as texts, lowest first."""
    platform: str
    """What runs it, such as `onnxruntime_onnx`."""
    inputs: list[Tensor]
    """Tensors that it takes."""
    outputs: list[Tensor]
    """Tensors that it gives."""

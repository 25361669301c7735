"""Answers of the Open Inference Protocol v2."""

from shared.schemas.kinds import Read


class Live(Read):
    """A sign that the server runs."""

    live: bool


class Ready(Read):
    """A sign that the server can predict."""

    ready: bool


class Server(Read):
    """The server and its extensions."""

    name: str
    version: str
    extensions: list[str]


class ModelReady(Read):
    """A sign that a model can predict."""

    name: str
    ready: bool


class Tensor(Read):
    """An input or output; -1 in its shape stands for any size."""

    name: str
    datatype: str
    shape: list[int]


class ModelDescription(Read):
    """A model version with its tensors."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[Tensor]
    outputs: list[Tensor]

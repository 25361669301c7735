"""Checks a model's file as data; runs in a process that has given up its rights."""

import io
import zipfile
from dataclasses import dataclass, field

from shared.inference import litert_file, onnx_file, skops_file
from shared.inference.formats import Format, identify


@dataclass(frozen=True)
class Checked:
    """A file that may be loaded: its format, the modules that loading it takes, its classes."""

    format: Format
    modules: list[str]
    classes: list[str] = field(default_factory=list)


def warm() -> None:
    """Do once what reads files on first use, for a process that will not be able to."""
    onnx_file.build_messages()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", "[]")
    skops_file.check_skops_file(buffer.getvalue())


def check_model_file(data: bytes) -> Checked:
    """Return what a file is. Raises `ModelRejected` when it may not be loaded."""
    found = identify(data)
    modules: list[str] = []
    classes: list[str] = []
    match found:
        case "onnx":
            classes = onnx_file.check_onnx_file(data)
        case "litert":
            litert_file.check_litert_file(data)
        case "skops":
            modules = skops_file.check_skops_file(data)
    return Checked(found, modules, classes)

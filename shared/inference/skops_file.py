"""Checks what a skops file holds, before a library reads it.

skops calls files safe whose types it knows. That is too much for files of strangers: a file of 400
bytes could ask for any amount of memory. Here every node, type and array is held against lists.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from math import prod
from typing import Any

from numpy.lib import format as npy

from shared.inference.errors import ModelRejected
from shared.inference.formats import TO_ONNX
from shared.inference.skops_types import ALLOWED

_MAX_SCHEMA = 64 * 1024 * 1024
_MAX_BYTES = 1024**3  # of all entries, unpacked
_MAX_RATIO = 200  # unpacked to packed; honest arrays stay far below
_HINT = f"skl2onnx converts many estimators that are not: {TO_ONNX}"


def check_skops_file(data: bytes) -> list[str]:
    """Return the modules that loading the file takes.

    Raises `ModelRejected` for a type or node that is not on the list, and for what does not add up.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = _check_entries(archive, len(data))
            schema = json.loads(archive.read("schema.json"))
            modules = {module for node in _nodes(schema) for module in _check_node(node, sizes)}
            for name in sizes:
                if name != "schema.json":
                    _check_array(archive, name)
    except (ModelRejected, MemoryError):
        raise
    except Exception:  # what is crafted fails in many ways, each with an error of its own
        raise ModelRejected("The file is a damaged skops file.") from None
    return sorted(modules)


def _check_entries(archive: zipfile.ZipFile, packed: int) -> dict[str, int]:
    """Return the entries' sizes by name."""
    entries = archive.infolist()
    sizes = {entry.filename: entry.file_size for entry in entries}
    total = sum(sizes.values())
    if total > min(_MAX_BYTES, _MAX_RATIO * packed) or sizes["schema.json"] > _MAX_SCHEMA:
        raise ModelRejected(f"The file unpacks to {total} bytes, which is too much for {packed}.")
    if len(sizes) < len(entries):
        raise ModelRejected("The file holds several entries of the same name.")
    for name in sizes:
        if name != "schema.json" and not (name.endswith(".npy") and name[:-4].isalnum()):
            raise ModelRejected(f"The file holds {name[:100]!r}, which is no array.")
    return sizes


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of the schema, whatever it is in."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "__loader__" in one or "__class__" in one:
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _check_node(node: dict[str, Any], sizes: dict[str, int]) -> list[str]:
    """Return the modules that a node takes."""
    loader, module, name = node["__loader__"], node["__module__"], node["__class__"]
    if loader not in ALLOWED:
        raise ModelRejected(
            f"The file holds a {str(loader)[:100]}, which is not on the list of what is served; "
            f"{_HINT}."
        )
    if name not in ALLOWED[loader].get(module, ()):
        raise ModelRejected(
            f"The type {str(module)[:100]}.{str(name)[:100]} is not on the list of types that are "
            f"served; {_HINT}."
        )
    if loader == "NdArrayNode" and node["type"] == "numpy" and node["file"] not in sizes:
        raise ModelRejected("The file lacks one of its arrays.")
    return [module] if module.startswith("sklearn.") else []


def _check_array(archive: zipfile.ZipFile, name: str) -> None:
    """An array's header must say what the entry holds; numpy believes it and allocates."""
    with archive.open(name) as file:
        version = npy.read_magic(file)
        if version == (1, 0):
            shape, _, dtype = npy.read_array_header_1_0(file)
        else:
            shape, _, dtype = npy.read_array_header_2_0(file)
        held = archive.getinfo(name).file_size - file.tell()
    if dtype.hasobject:
        raise ModelRejected(f"The array {name} holds Python objects.")
    if prod(shape) * dtype.itemsize != held:
        raise ModelRejected(
            f"The array {name} claims {prod(shape)} elements, and holds {held} bytes."
        )

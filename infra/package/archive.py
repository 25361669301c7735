"""Writes zips whose bytes follow from their files alone, with bytecode beside the sources."""

import importlib.util
import io
import marshal
import sys
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from shared.contracts.manifest import RUNTIME

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_FILE = 0o100644 << 16
_UNCHECKED_HASH = 1  # PEP 552: loaded without a look at the source, whose time the build changes


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of these files by path, with bytecode if this Python is the functions' own."""
    whole = dict(files)
    if sys.version_info[:2] == RUNTIME:
        for name, source in files.items():
            if name.endswith(".py"):
                path = PurePosixPath(name)
                cached = f"{path.stem}.{sys.implementation.cache_tag}.pyc"
                whole[str(path.parent / "__pycache__" / cached)] = _compile(name, source)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(whole):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _FILE
            entry.create_system = 3  # Unix, wherever this runs
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, whole[name])
    return content.getvalue()


def _compile(name: str, source: bytes) -> bytes:
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    # Version 2 writes no back-references, which depend on what else is alive in this process.
    return b"".join(
        (
            importlib.util.MAGIC_NUMBER,
            _UNCHECKED_HASH.to_bytes(4, "little"),
            importlib.util.source_hash(source),
            marshal.dumps(code, 2),
        )
    )

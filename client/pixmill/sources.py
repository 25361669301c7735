"""Sources of crawls: lists, tables on this machine, pages; and files that are uploaded."""

import mimetypes
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pixmill import types
from pixmill.errors import BadSource
from pixmill.files import describe_os_error

Source = str | os.PathLike[str] | Sequence[str | types.UrlEntry] | Mapping[str, Any]

PICTURES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".avif": "image/avif",
}


def is_address(text: str) -> bool:
    """Return whether a text is an address of the web."""
    return text.lower().startswith(("http://", "https://"))


def open_table(source: Source) -> Path | None:
    """Return the path of a source that is a table, or None. Raises `BadSource` for an empty one."""
    if isinstance(source, str) and is_address(source):
        return None
    if not isinstance(source, str | os.PathLike):
        return None
    path = Path(source)
    check_readable(path)
    if path.is_dir():
        raise BadSource(f"{path} is a folder: upload its files.")
    if path.stat().st_size == 0:
        raise BadSource(f"{path} is empty.")
    return path


def check_readable(path: Path) -> None:
    """Raise `BadSource` for a path that is not there or must not be read."""
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            path.open("rb").close()
    except OSError as error:
        raise BadSource(describe_os_error(error, path)) from error


def make_source(source: Source) -> Any:
    """Return a source as the API takes it."""
    if isinstance(source, Mapping):
        return source
    if isinstance(source, str):
        return {"type": "pages", "pages": [source]}
    if isinstance(source, os.PathLike):
        raise BadSource(f"{source} is no table.")
    return {"type": "urls", "urls": list(source)}


def describe_upload(file: Path, about: Mapping[str, Any]) -> Any:
    """Return the body that announces a file. Raises `BadSource` for what cannot be an image."""
    check_readable(file)
    kind = PICTURES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or ""
    if not kind.startswith("image/"):
        raise BadSource(f"{file} has no name of an image: it would end in .jpg, .png or the like.")
    size = file.stat().st_size
    if not size:
        raise BadSource(f"{file} is empty.")
    return {"file_name": file.name, "content_type": kind, "size": size, **about}

"""Content files: written under a random name, immutable once an object refers to them."""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from infra.emulators.storage.errors import InvalidArgument

PIECE = 256 * 1024  # bytes read at a time


@dataclass(frozen=True)
class Content:
    """A complete content file with its size and hashes (base64, as the API shows them)."""

    id: str
    size: int
    crc32c: str
    md5: str

    def verify(self, hashes: Mapping[str, str]) -> None:
        """Compare with what the client computed; `hashes` has "crc32c" and/or "md5"."""
        for algorithm, mine in (("crc32c", self.crc32c), ("md5", self.md5)):
            given = hashes.get(algorithm)
            if given is not None and given != mine:
                raise InvalidArgument(
                    f'Provided {algorithm.upper()} hash "{given}" doesn\'t match '
                    f'calculated {algorithm.upper()} hash "{mine}".',
                    code="BadDigest",
                )


class _Hasher:
    def __init__(self) -> None:
        self.size = 0
        self._crc32c = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def update(self, piece: bytes) -> None:
        self.size += len(piece)
        self._crc32c = google_crc32c.extend(self._crc32c, piece)
        self._md5.update(piece)

    def finish(self, content_id: str) -> Content:
        crc32c = base64.b64encode(self._crc32c.to_bytes(4, "big")).decode()
        md5 = base64.b64encode(self._md5.digest()).decode()
        return Content(content_id, self.size, crc32c, md5)


class ContentFiles:
    """A directory of content files. Their names are random, so no object name reaches a path."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        for number in range(256):
            (directory / f"{number:02x}").mkdir(parents=True, exist_ok=True)

    def get_path(self, content_id: str) -> Path:
        """Return where a content file is."""
        return self._directory / content_id[:2] / content_id

    def create(self) -> str:
        """Return a new empty file, for an upload that comes in parts."""
        content_id = secrets.token_hex(16)
        self.get_path(content_id).touch(exist_ok=False)
        return content_id

    def write(self, pieces: Iterable[bytes], *hashes: Mapping[str, str]) -> Content:
        """Store a stream and hash it. Nothing stays when it breaks off or a hash is another."""
        content_id = secrets.token_hex(16)
        hasher = _Hasher()
        try:
            with self.get_path(content_id).open("xb", buffering=0) as file:
                for piece in pieces:
                    view = memoryview(piece)
                    while view:
                        view = view[file.write(view) :]
                    hasher.update(piece)
            content = hasher.finish(content_id)
            for expected in hashes:
                content.verify(expected)
        except BaseException:
            self.remove(content_id)
            raise
        return content

    def measure(self, content_id: str) -> Content:
        """Return the size and hashes of a file that was written in parts."""
        hasher = _Hasher()
        with self.open(content_id) as file:
            for piece in read_pieces(file):
                hasher.update(piece)
        return hasher.finish(content_id)

    def open(self, content_id: str) -> BinaryIO:
        """Return a content file for reading; it stays readable when it is removed meanwhile."""
        return self.get_path(content_id).open("rb", buffering=0)

    def remove(self, content_id: str) -> None:
        """Delete a content file, if it is there."""
        self.get_path(content_id).unlink(missing_ok=True)

    def list_ids(self) -> Iterator[str]:
        """Yield the names of all content files."""
        for folder in os.scandir(self._directory):
            for entry in os.scandir(folder):
                yield entry.name


def read_pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield an open file from where it stands to its end."""
    while piece := file.read(PIECE):
        yield piece


def parse_goog_hash(header: str) -> dict[str, str]:
    """Return an X-Goog-Hash header, such as `crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`."""
    pairs = (part.strip().partition("=") for part in header.split(",") if part.strip())
    return {name.lower(): value for name, _, value in pairs}

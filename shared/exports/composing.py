"""Chooses the images that an export is composed of inside the bucket; the others are streamed.

See docs/decisions/zero-byte-exports.md.
"""

from dataclasses import dataclass

from shared.exports.entries import ExportImage
from shared.schemas.exports import ExportFormat, ExportOptions
from shared.storage.bucket import Generation, Storage

# Sources of a composed object are of one class; images become of another when they are old.
_STORAGE_CLASS = "STANDARD"


@dataclass(frozen=True)
class StoredFile:
    """A file of an archive whose bytes stay in the bucket: their object, number and CRC-32."""

    object: Generation
    size: int
    crc32: int


@dataclass(frozen=True)
class Composing:
    """The rule by which images of an export are composed: of so many bytes, and not changed."""

    least_bytes: int
    extras: tuple[str, ...]

    def applies_to(self, image: ExportImage) -> bool:
        """Return whether an image is to be composed, if its object allows it."""
        return (
            image.entry.file_size >= self.least_bytes
            and image.extras in self.extras
            and image.crc32 is not None
        )


def find_rule(format_: ExportFormat, options: ExportOptions, least_bytes: int) -> Composing | None:
    """Return the rule of an export; None where it changes all images or hashes what it holds."""
    is_of_originals = options.resize is None and options.variant is None
    if format_ not in ("zip", "tar") or not is_of_originals or options.keeps_splits_apart:
        return None
    return Composing(least_bytes, ("none", "metadata") if options.keep_metadata else ("none",))


def find_file(storage: Storage, image: ExportImage) -> StoredFile | None:
    """Return the file of an image to be composed; None where it has to be read after all.

    Raises `FileNotFoundError` when it is not in the bucket.
    """
    name, size = image.original, image.entry.file_size
    found = storage.find(name)
    if found is None:
        raise FileNotFoundError(name)
    if image.crc32 is None or found.size != size or found.storage_class != _STORAGE_CLASS:
        return None
    return StoredFile(Generation(name, found.generation), size, image.crc32)

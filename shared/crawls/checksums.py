"""The comparison of what an address brought with what its crawl and its source ask for."""

from typing import Protocol

from shared.crawls.entries import CrawlEntry
from shared.fetching.client import Failure
from shared.schemas.crawl_options import CrawlOptions
from shared.schemas.fields import format_phash

_MASK = 2**64 - 1


class MeasuredPicture(Protocol):
    """A picture with its hashes and its sides in pixels, such as an `Inspection`."""

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the file in hexadecimal digits."""
        ...

    @property
    def phash(self) -> int:
        """Return the perceptual hash, 64 bits, perhaps signed."""
        ...

    @property
    def width(self) -> int:
        """Return the width."""
        ...

    @property
    def height(self) -> int:
        """Return the height."""
        ...


def check_picture(
    entry: CrawlEntry, found: MeasuredPicture, options: CrawlOptions
) -> Failure | None:
    """Return why a picture is not what a crawl wants of an entry, or None."""
    if found.width < options.min_width or found.height < options.min_height:
        detail = (
            f"{found.width} x {found.height} pixels; asked for at least "
            f"{options.min_width} x {options.min_height}"
        )
        return Failure("too_small", detail)
    return compare_checksums(entry, found, options.phash_distance)


def compare_checksums(
    entry: CrawlEntry, found: MeasuredPicture, max_distance: int | None
) -> Failure | None:
    """Return why this is not the image that was meant; None where it is, or nothing tells.

    Equal bytes settle it. Other bytes may be the same picture, encoded anew: so where a
    `max_distance` in bits of 64 is given, the perceptual hash decides instead.
    """
    if entry.sha256 is not None and entry.sha256 == found.sha256:
        return None
    if entry.phash is not None and max_distance is not None:
        bits = ((int(entry.phash, 16) ^ found.phash) & _MASK).bit_count()
        if bits <= max_distance:
            return None
        shown = format_phash(found.phash)
        detail = f"its hash {shown} differs in {bits} bits from {entry.phash}"
        return Failure("different_picture", detail)
    if entry.sha256 is not None:
        return Failure("checksum_mismatch", f"its SHA-256 is {found.sha256}, not {entry.sha256}")
    return None

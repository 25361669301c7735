"""The comparison of what an address brought with the checksums that its source gives."""

from shared.crawls.entries import CrawlEntry
from shared.fetching.client import Failure
from shared.imaging import Inspection
from shared.schemas.fields import format_phash

_MASK = 2**64 - 1


def compare_checksums(
    entry: CrawlEntry, found: Inspection, max_distance: int | None
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

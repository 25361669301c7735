"""Leaves out of a file what is not for readers of training data: what it says of people, and more.

None of it changes a pixel.
"""

from collections.abc import Iterable
from dataclasses import replace

from shared.exports.entries import ExportEntry

_NEVER_REFUSED = ("bmp", "gif")


def leave_out_refused(entry: ExportEntry, content: bytes) -> tuple[ExportEntry, bytes]:
    """Return the file without the parts for which Pillow refuses it, and the entry that says so.

    Files that Pillow reads do not change. One that is beyond today's limits
    stays as it is.
    """
    # Pillow takes long to load, and exports of tables do without.
    from shared.imaging.containers import drop_refused_parts, open_container
    from shared.imaging.limits import FORMATS, ImageRejected, Limits

    found = next((name for name in FORMATS if name == entry.format), None)
    if found is None or found in _NEVER_REFUSED:
        return entry, content
    try:
        refused = open_container(content, found, Limits()).refused
        readable = drop_refused_parts(content, found, Limits()) if refused else content
    except ImageRejected:
        return entry, content
    if not refused:
        return entry, content
    return _describe(entry, readable, refused), readable


def leave_out_metadata(entry: ExportEntry, content: bytes) -> tuple[ExportEntry, bytes]:
    """Return the file without what it says beside its pixels, and the entry that says so.

    Its orientation, colour profile and notice of copyright stay. Raises `ImageRejected` for a file
    that is beyond today's limits.
    """
    from shared.imaging.containers.stripping import strip_metadata
    from shared.imaging.limits import FORMATS, Limits

    found = next((name for name in FORMATS if name == entry.format), None)
    if found is None:
        return entry, content
    stripped, gone = strip_metadata(content, found, Limits())
    return (_describe(entry, stripped, gone), stripped) if gone else (entry, content)


def _describe(entry: ExportEntry, content: bytes, gone: Iterable[str]) -> ExportEntry:
    names = [*([entry.left_out] if entry.left_out else []), *gone]
    return replace(entry, file_size=len(content), left_out=", ".join(names))

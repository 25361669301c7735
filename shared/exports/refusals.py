"""Leaves out of a file what most readers of training data refuse it for."""

from dataclasses import replace

from shared.exports.entries import ExportEntry

_NEVER_REFUSED = ("bmp", "gif")


def leave_out_refused(entry: ExportEntry, content: bytes) -> tuple[ExportEntry, bytes]:
    """Return the file without the parts for which Pillow refuses it, and the entry that says so.

    No pixel changes, and neither do files that Pillow reads. One that is beyond today's limits
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
    return replace(entry, file_size=len(readable), left_out=", ".join(refused)), readable

"""The limits of a manifest, and the error of one that cannot be read at all."""

from shared.errors import Invalid

MAX_ROWS = 1_000_000
MAX_BYTES = 1024**3  # as it is stored
MAX_TEXT = 2 * 1024**3  # bytes of its text, unpacked and as UTF-8
MAX_RECORD = 64 * 1024  # bytes of one line, or of the lines that one row of a table takes
MAX_LINES = 5_000_000  # of a text, with those that make no row
MAX_COLUMNS = 256


class ManifestError(Invalid):
    """The manifest cannot be read; `reason` is one of a closed list, the detail says why."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail=f"{reason}: {detail}")


def refuse_text() -> ManifestError:
    """Return the error of a manifest that unpacks to more than it may."""
    return ManifestError("too_large", f"unpacked it has more than {MAX_TEXT // 2**30} GiB")

"""Files of one's own: their size, the room on a disk, and what errors of the system mean."""

import errno
import shutil
from pathlib import Path

from pixmill.errors import TransferFailed

_RESERVE = 50 * 1024 * 1024  # bytes that are left free


def measure_file(path: Path) -> int:
    """Return a file's size in bytes; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def check_room(folder: Path, size: int) -> None:
    """Raise `TransferFailed` where so many bytes do not fit on a folder's disk."""
    free = shutil.disk_usage(folder).free
    if size > free - _RESERVE:
        raise TransferFailed(
            f"{folder} has room for {format_bytes(max(0, free - _RESERVE))} of "
            f"{format_bytes(size)}. Make room there, or choose another folder."
        )


def format_bytes(size: float) -> str:
    """Return a size as people read it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def describe_os_error(error: OSError, path: Path) -> str:
    """Return what an error of the system means for a file, and what to do."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"The disk of {path} is full. Make room, and run the same again: it goes on."
        case errno.EACCES | errno.EPERM:
            return f"{path} must not be written or read by this account."
        case errno.EROFS:
            return f"{path} is on a disk that cannot be written."
        case errno.ENOENT:
            return f"There is no {path}."
        case errno.EISDIR:
            return f"{path} is a folder."
        case errno.ENOTDIR:
            return f"{path} lies below a file, which is no folder."
        case _:
            return f"{path}: {error.strerror or error}."

"""Archives of exports become folders, and nothing is written beside them."""

import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from pixmill.errors import TransferFailed
from pixmill.files import check_room


def unpack(archive: Path, folder: Path, progress: Callable[[int, int], None]) -> int:
    """Unpack a zip or tar; return the number of members. Raises `TransferFailed` for a bad one."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if zipfile.is_zipfile(archive):
            return _unpack_zip(archive, folder, progress)
        return _unpack_tar(archive, folder, progress)
    except (zipfile.BadZipFile, tarfile.TarError) as error:
        raise TransferFailed(f"{archive.name} cannot be unpacked: {error}.") from error


def _unpack_zip(archive: Path, folder: Path, progress: Callable[[int, int], None]) -> int:
    with zipfile.ZipFile(archive) as packed:
        members = packed.infolist()
        check_room(folder, sum(member.file_size for member in members))
        for count, member in enumerate(members, 1):
            _check_name(member.filename)
            packed.extract(member, folder)
            progress(count, len(members))
    return len(members)


def _unpack_tar(archive: Path, folder: Path, progress: Callable[[int, int], None]) -> int:
    with tarfile.open(archive) as packed:
        if sys.version_info >= (3, 11, 4):  # the filter's first release
            packed.extraction_filter = tarfile.data_filter
        members = packed.getmembers()
        check_room(folder, sum(member.size for member in members))
        for count, member in enumerate(members, 1):
            _check_name(member.name)
            if not (member.isfile() or member.isdir()):
                raise TransferFailed(f"The archive holds {member.name}, which is no file.")
            packed.extract(member, folder)
            progress(count, len(members))
    return len(members)


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise TransferFailed(f"The archive holds {name!r}, which would lie outside its folder.")

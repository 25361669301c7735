"""(Written by `make contracts` from `pixmill/aio/`.) Files to and from the signed addresses of a bucket."""

import hashlib
from time import sleep
from collections.abc import Iterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from pixmill.errors import TransferFailed
from pixmill.files import check_room, describe_os_error, measure_file

if TYPE_CHECKING:
    from pixmill.sync.client import Client

_BLOCK = 1024 * 1024  # bytes
_ATTEMPTS = 5
_Told = Callable[[int], None]  # gets the number of bytes that are there


def upload(client: "Client", path: Path, url: str, headers: Mapping[str, str]) -> None:
    """Send a file to a signed address. Raises `TransferFailed` after the last attempt."""
    size = path.stat().st_size
    reason = ""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            response = client.http.put(
                url, content=_read_blocks(path), headers={**headers, "Content-Length": str(size)}
            )
        except httpx2.TransportError as error:
            reason = str(error) or type(error).__name__
        else:
            # 412: it is there already, by an attempt whose answer was lost. Nobody else has the
            # address, and the object appears only when it is whole.
            if response.status_code < 400 or response.status_code == 412:
                return
            reason = f"the bucket answered {response.status_code}"
            if response.status_code < 500 and response.status_code != 429:
                break
        sleep(min(10.0, 0.5 * 2**attempt))
    raise TransferFailed(f"{path.name} could not be uploaded: {reason}.")


def _read_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def download(
    client: "Client",
    find_url: Callable[[], str],
    target: Path,
    *,
    size: int | None = None,
    sha256: str | None = None,
    progress: _Told | None = None,
) -> Path:
    """Fetch a file; what came before in `target` + `.part` is not fetched again.

    `find_url` is asked for a fresh address each time that the transfer breaks off. Raises
    `TransferFailed` where that goes on, the disk is full, or the checksum is another.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        check_room(target.parent, (size or 0) - measure_file(part))
        reason = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                sleep(min(10.0, 0.5 * 2**attempt))
            try:
                _continue_file(client, find_url(), part, size, progress)
            except httpx2.TransportError as error:
                reason = str(error) or type(error).__name__
                continue
            if size is None or measure_file(part) == size:
                break
            reason = f"{measure_file(part)} of {size} bytes came"
        else:
            raise TransferFailed(
                f"{target.name} could not be fetched: {reason}. What came is kept; try again."
            )
        if sha256 is not None and _hash(part) != sha256:
            part.unlink()
            raise TransferFailed(
                f"{target.name} came with another checksum than it has; try again."
            )
        part.replace(target)
    except OSError as error:
        raise TransferFailed(describe_os_error(error, target)) from error
    return target


def _continue_file(
    client: "Client", url: str, part: Path, size: int | None, progress: _Told | None
) -> None:
    have = measure_file(part)
    if size is not None and have > size:
        part.unlink()
        have = 0
    if size is not None and have == size:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.http.stream("GET", url, headers=headers) as response:
        if response.status_code == 416:  # it is another file by now
            part.unlink(missing_ok=True)
            return
        if response.status_code >= 400:
            raise httpx2.RemoteProtocolError(f"the bucket answered {response.status_code}")
        with part.open("ab" if response.status_code == 206 else "wb") as file:
            for block in response.iter_bytes(_BLOCK):
                file.write(block)
                if progress is not None:
                    progress(file.tell())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Files come whole or not at all, and what came once is not fetched again."""

import hashlib
from pathlib import Path
from typing import Any

import httpx2
import pixmill
import pytest
from pixmill.files import check_room, format_bytes

DATA = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(DATA).hexdigest()


class Bucket:
    """A bucket that ends each transfer after some bytes, and an API that leads to it."""

    def __init__(self, breaks: int = 0, *, data: bytes = DATA) -> None:
        self.breaks = breaks
        self.data = data
        self.ranges: list[str | None] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "pixmill.test":
            row = {"id": "e", "status": "completed", "download_url": "http://bucket.test/e.zip"}
            return httpx2.Response(200, json=row)
        assert "Authorization" not in request.headers
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        body = self.data[start:]
        if len(self.ranges) <= self.breaks:
            body = body[:300_000]
        return httpx2.Response(206 if asked else 200, content=body)


def fetch(bucket: Bucket, target: Path, **about: Any) -> Path:
    """Download an export of that bucket."""
    row: Any = {"id": "e", "file_size": len(DATA), "sha256": SHA256, **about}
    transport = httpx2.MockTransport(bucket.answer)
    with pixmill.Client("http://pixmill.test", "pxk_1", transport=transport) as client:
        return pixmill.Export(client, row).download(target)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixmill.sync.transfers.sleep", lambda _: None)


def test_a_transfer_that_breaks_off_goes_on(tmp_path: Path) -> None:
    bucket = Bucket(breaks=2)
    assert fetch(bucket, tmp_path / "e.zip").read_bytes() == DATA
    assert bucket.ranges == [None, "bytes=300000-", "bytes=600000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["e.zip"]


def test_what_came_before_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "e.zip.part").write_bytes(DATA[:1000])
    bucket = Bucket()
    assert fetch(bucket, tmp_path / "e.zip").read_bytes() == DATA
    assert bucket.ranges == ["bytes=1000-"]


def test_a_transfer_that_keeps_breaking_off_keeps_what_came(tmp_path: Path) -> None:
    with pytest.raises(pixmill.TransferFailed, match="of 1048576 bytes came"):
        fetch(Bucket(breaks=9, data=DATA[:1000]), tmp_path / "e.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["e.zip.part"]


def test_another_checksum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pixmill.TransferFailed, match="another checksum"):
        fetch(Bucket(data=DATA[::-1]), tmp_path / "e.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    bucket = Bucket()
    with pytest.raises(pixmill.TransferFailed, match="has room for"):
        fetch(bucket, tmp_path / "e.zip", file_size=10**18)
    assert bucket.ranges == []
    check_room(tmp_path, 1)


def test_a_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(pixmill.TransferFailed, match=r"File exists|no folder"):
        fetch(Bucket(), tmp_path / "file" / "e.zip")


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2 * 10**12, "2.0 TB")]
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert format_bytes(size) == text

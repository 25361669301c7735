"""Resumable uploads: by the client library, and by hand where it hides the protocol."""

import io
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
import requests
from google.cloud.storage.exceptions import InvalidResponse

KIB = 1024
QUANTUM = 256 * KIB


class Session:
    """A resumable upload by hand."""

    def __init__(self, url: str, bucket: str, **metadata: str) -> None:
        answer = requests.post(
            f"{url}/upload/storage/v1/b/{bucket}/o",
            params={"uploadType": "resumable"},
            json={"name": "x", **metadata},
            headers={"X-Upload-Content-Type": "image/webp"},
            timeout=30,
        )
        answer.raise_for_status()
        self.url = answer.headers["Location"]

    def put(self, content_range: str | None, data: bytes = b"", **headers: str) -> tuple[int, str]:
        """Send bytes; return the status and what the answer says is kept."""
        if content_range:
            headers["Content-Range"] = content_range
        answer = requests.put(self.url, data=data, headers=headers, timeout=30)
        return answer.status_code, answer.headers.get("Range", "")


@pytest.fixture
def start(emulator: Any, bucket: Any) -> Callable[..., Session]:
    """Begin uploads of the object `x`."""
    return lambda **metadata: Session(emulator.url, bucket.name, **metadata)


@pytest.mark.parametrize("size", [0, 1, QUANTUM - 1, QUANTUM, 2 * QUANTUM, 2 * QUANTUM + 1])
def test_streams_of_unknown_size(bucket: Any, size: int) -> None:
    data = os.urandom(size)
    with bucket.blob("x").open("wb", chunk_size=QUANTUM, content_type="a/b") as stream:
        for at in range(0, size, 100_000):
            stream.write(data[at : at + 100_000])
    found = bucket.get_blob("x")
    assert (found.size, found.content_type, found.metageneration) == (size, "a/b", 1)
    assert found.download_as_bytes() == data


def test_files_of_known_size_in_chunks(bucket: Any) -> None:
    data = os.urandom(3 * QUANTUM + 7)
    blob = bucket.blob("x", chunk_size=QUANTUM)
    blob.upload_from_file(io.BytesIO(data), size=len(data), content_type="a/b")
    assert blob.md5_hash
    assert blob.download_as_bytes() == data


def test_chunks_can_be_repeated(start: Callable[..., Session], bucket: Any) -> None:
    data = os.urandom(2 * QUANTUM + 10)
    upload = start()
    assert upload.put("bytes */*") == (308, "")
    for _ in range(2):
        first = upload.put(f"bytes 0-{QUANTUM - 1}/*", data[:QUANTUM])
        assert first == (308, f"bytes=0-{QUANTUM - 1}")
    overlapping = upload.put(f"bytes 0-{2 * QUANTUM - 1}/{len(data)}", data[: 2 * QUANTUM])
    assert overlapping == (308, f"bytes=0-{2 * QUANTUM - 1}")
    assert upload.put("bytes */*") == overlapping
    assert not bucket.blob("x").exists()
    last = f"bytes {2 * QUANTUM}-{len(data) - 1}/{len(data)}"
    assert upload.put(last, data[2 * QUANTUM :]) == (200, "")
    generation = bucket.get_blob("x").generation
    assert upload.put(last, data[2 * QUANTUM :]) == (200, "")
    assert upload.put("bytes */*") == (200, "")
    found = bucket.get_blob("x")
    assert (found.generation, found.content_type) == (generation, "image/webp")
    assert found.download_as_bytes() == data


def test_only_whole_quanta_are_kept(start: Callable[..., Session], bucket: Any) -> None:
    data = os.urandom(QUANTUM + 1000)
    upload = start()
    answer = upload.put(f"bytes 0-{len(data) - 1}/*", data)
    assert answer == (308, f"bytes=0-{QUANTUM - 1}")
    rest = upload.put(f"bytes {QUANTUM}-{len(data) - 1}/{len(data)}", data[QUANTUM:])
    assert rest == (200, "")
    assert bucket.blob("x").download_as_bytes() == data


def test_an_empty_last_chunk_completes(start: Callable[..., Session], bucket: Any) -> None:
    data = os.urandom(QUANTUM)
    upload = start()
    upload.put(f"bytes 0-{QUANTUM - 1}/*", data)
    assert upload.put(f"bytes */{QUANTUM}") == (200, "")
    assert bucket.blob("x").download_as_bytes() == data


def test_one_request_without_a_range(start: Callable[..., Session], bucket: Any) -> None:
    assert start().put(None, b"whole") == (200, "")
    assert bucket.blob("x").download_as_bytes() == b"whole"


def test_a_range_without_an_end_is_the_rest(start: Callable[..., Session], bucket: Any) -> None:
    """Node's client streams a whole upload so, and the rest of one that broke off."""
    data = os.urandom(QUANTUM + 10)
    assert start().put("bytes 0-*/*", data) == (200, "")
    assert bucket.blob("x").download_as_bytes() == data
    upload = start()
    assert upload.put(f"bytes 0-{QUANTUM - 1}/*", data[:QUANTUM])[0] == 308
    assert upload.put(f"bytes {QUANTUM}-*/{len(data)}", data[QUANTUM:]) == (200, "")
    assert bucket.blob("x").download_as_bytes() == data
    assert start().put("bytes 0-*/*", b"") == (200, "")
    assert bucket.blob("x").download_as_bytes() == b""
    assert start().put("bytes 0-*/20", b"too short")[0] == 400


def test_the_path_that_gcloud_uses(emulator: Any, bucket: Any) -> None:
    answer = requests.post(
        f"{emulator.url}/resumable/upload/storage/v1/b/{bucket.name}/o",
        params={"uploadType": "resumable", "alt": "json"},
        json={"name": "x", "bucket": bucket.name},
        headers={"X-Upload-Content-Length": "3"},
        timeout=30,
    )
    requests.put(answer.headers["Location"], data=b"abc", timeout=30).raise_for_status()
    assert bucket.blob("x").download_as_bytes() == b"abc"


def test_a_broken_connection_is_resumed(
    start: Callable[..., Session], bucket: Any, emulator: Any
) -> None:
    data = os.urandom(3 * QUANTUM)
    upload = start()
    target = upload.url.removeprefix(emulator.url)
    with socket.create_connection(("127.0.0.1", emulator.port)) as connection:
        connection.sendall(
            f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n"
            f"Content-Range: bytes 0-{len(data) - 1}/{len(data)}\r\n\r\n".encode()
            + data[: QUANTUM + 5000]
        )
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert upload.put("bytes */*") == (308, f"bytes=0-{QUANTUM - 1}")
    rest = upload.put(f"bytes {QUANTUM}-{len(data) - 1}/{len(data)}", data[QUANTUM:])
    assert rest == (200, "")
    assert bucket.blob("x").download_as_bytes() == data


def test_wrong_requests(start: Callable[..., Session], bucket: Any) -> None:
    upload = start()
    chunk = bytes(QUANTUM)
    assert upload.put(f"bytes {QUANTUM}-{2 * QUANTUM - 1}/*", chunk)[0] == 503  # a gap
    assert upload.put("bytes 0-9/*", bytes(10))[0] == 400  # too small for a chunk
    assert upload.put("bytes 0-9/5", bytes(10))[0] == 400
    assert upload.put("bytes 9-0/20", bytes(10))[0] == 400
    assert upload.put("bytes 0-99/100", bytes(10))[0] == 400
    assert upload.put("lines 1-2", chunk)[0] == 400
    assert upload.put("bytes */*") == (308, "")
    assert upload.put(f"bytes 0-{QUANTUM - 1}/*", chunk)[0] == 308
    assert upload.put(f"bytes */{QUANTUM - 5}")[0] == 400  # fewer than there are
    assert not bucket.blob("x").exists()


def test_cancelled_and_unknown_uploads_are_gone(start: Callable[..., Session]) -> None:
    upload = start()
    assert requests.delete(upload.url, timeout=30).status_code == 499
    assert upload.put("bytes 0-0/1", b"x")[0] == 404


def test_hashes_are_checked_at_the_end(start: Callable[..., Session], bucket: Any) -> None:
    assert start(md5Hash="AAAAAAAAAAAAAAAAAAAAAA==").put(None, b"data")[0] == 400
    wrong = {"X-Goog-Hash": "crc32c=AAAAAA=="}
    assert start().put("bytes 0-3/4", b"data", **wrong)[0] == 400
    assert not bucket.blob("x").exists()


def test_the_condition_holds_at_the_end_too(bucket: Any) -> None:
    blob = bucket.blob("x")
    late = blob.open("wb", chunk_size=QUANTUM, if_generation_match=0)
    late.write(b"late" * QUANTUM)
    bucket.blob("x").upload_from_string(b"first", if_generation_match=0)
    with pytest.raises(InvalidResponse) as caught:
        late.close()
    assert caught.value.response.status_code == 412
    assert bucket.blob("x").download_as_bytes() == b"first"

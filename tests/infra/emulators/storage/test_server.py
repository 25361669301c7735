"""The process: kept state, kills at any moment, an orderly end, one server for a directory."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.emulators.storage import StorageServer

Connect = Callable[[StorageServer], Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StorageServer]:
    """Yield an emulator of this test's own."""
    server = StorageServer(tmp_path / "data", buckets=["pixmill"])
    server.start()
    yield server
    server.kill()


def content_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "data" / "content").glob("*/*") if path.is_file()]


def test_everything_is_there_after_a_restart(server: StorageServer, connect: Connect) -> None:
    bucket = connect(server).bucket("pixmill")
    blob = bucket.blob("a/b")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(b"content", content_type="image/png")
    url = server.url
    for end in (server.stop, server.kill):
        end()
        server.start()
        assert server.url == url
        found = bucket.get_blob("a/b")
        assert (found.generation, found.metadata) == (blob.generation, {"k": "v"})
        assert (found.content_type, found.download_as_bytes()) == ("image/png", b"content")
    again = bucket.blob("a/b")
    again.upload_from_string(b"new")
    assert again.generation > blob.generation


def test_it_ends_quickly_when_told_to(server: StorageServer) -> None:
    with requests.Session() as session:
        session.get(f"{server.url}/storage/v1/b/pixmill", timeout=30)
        assert server.child
        process = server.child.process
        process.send_signal(signal.SIGTERM)
        start = time.monotonic()
        assert process.wait(30) == 0
        assert time.monotonic() - start < 10


def test_a_kill_during_uploads_leaves_only_whole_objects(
    server: StorageServer, connect: Connect, tmp_path: Path
) -> None:
    bucket = connect(server).bucket("pixmill")
    contents = [bytes([number]) * 300_000 for number in range(4)]
    acknowledged: dict[str, int] = {}

    def upload(number: int) -> None:
        for version in range(10_000):
            name = f"{number}/{version % 10}"
            try:
                bucket.blob(name).upload_from_string(contents[number], retry=None)
            except requests.RequestException:
                return
            acknowledged[name] = number

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 15
    while len(acknowledged) < 20 and time.monotonic() < end:
        time.sleep(0.005)
    server.kill()
    for thread in threads:
        thread.join()
    assert len(acknowledged) >= 20
    server.start()
    blobs = list(bucket.list_blobs())
    assert set(acknowledged) <= {blob.name for blob in blobs}
    for blob in blobs:
        assert blob.download_as_bytes() == contents[int(blob.name[0])]
    assert len(content_files(tmp_path)) == len(blobs)


def test_a_resumable_upload_goes_on_after_a_kill(
    server: StorageServer, connect: Connect, tmp_path: Path
) -> None:
    quantum = 256 * 1024
    data = os.urandom(3 * quantum)
    bucket = connect(server).bucket("pixmill")
    url = bucket.blob("x").create_resumable_upload_session(content_type="a/b")

    def put(content_range: str, body: bytes = b"") -> requests.Response:
        return requests.put(url, data=body, headers={"Content-Range": content_range}, timeout=30)

    put(f"bytes 0-{quantum - 1}/*", data[:quantum])
    (file,) = content_files(tmp_path)
    server.kill()
    with file.open("ab") as torn:
        torn.write(data[quantum : quantum + 1000])
    server.start()
    assert put("bytes */*").headers["Range"] == f"bytes=0-{quantum - 1}"
    assert put(f"bytes {quantum}-{len(data) - 1}/{len(data)}", data[quantum:]).status_code == 200
    server.kill()
    server.start()
    assert put(f"bytes {quantum}-{len(data) - 1}/{len(data)}", data[quantum:]).status_code == 200
    assert bucket.blob("x").download_as_bytes() == data


def test_a_directory_has_one_server(server: StorageServer, tmp_path: Path) -> None:
    second = subprocess.Popen(
        [sys.executable, "-m", "infra.emulators.storage", "--directory", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            second.communicate(timeout=0.7)
        server.stop()
        assert second.stdout
        assert re.fullmatch(rb"ready http://127\.0\.0\.1:\d+\n", second.stdout.readline())
    finally:
        second.terminate()
        second.communicate(timeout=30)


def test_it_listens_on_loopback_only(server: StorageServer) -> None:
    socket.create_connection(("127.0.0.1", server.port), timeout=30).close()
    # A server at all addresses would answer here too; that of one address does not.
    with socket.socket() as elsewhere:
        elsewhere.settimeout(5)
        assert elsewhere.connect_ex(("127.0.0.2", server.port)) != 0

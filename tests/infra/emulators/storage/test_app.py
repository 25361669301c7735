"""Hostile and malformed requests get the API's own errors, and stay inside the store."""

import re
import socket
from typing import Any

import pytest
import requests
from google.api_core.exceptions import BadRequest
from google.cloud.storage import Client

NAMES = [
    "../../../../etc/passwd",
    "..%2f..%2fetc",
    "a/../b",
    "./x",
    "a%2Fb",
    "a%252Fb",
    "日本/😀",
    "q?x=1&y#z",
    "b;c='d\"<>|\\",
    "tab\tnul\0bell\a",
    " leading and trailing ",
    "x" * 1024,
]


def send(emulator: Any, request: bytes) -> bytes:
    """Return what the server answers to bytes that no client library would send."""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_only_a_name(bucket: Any, name: str) -> None:
    blob = bucket.blob(name)
    blob.upload_from_string(name.encode())
    bucket.blob("other").upload_from_string(b"other")
    assert bucket.blob(name).download_as_bytes() == name.encode()
    assert {found.name for found in bucket.list_blobs()} == {name, "other"}
    blob.reload()
    blob.delete()
    assert [found.name for found in bucket.list_blobs()] == ["other"]


@pytest.mark.parametrize(
    "name", ["a\nb", "a\rb", ".", "..", "x" * 1025, "é" * 513, ".well-known/acme-challenge/x"]
)
def test_names_that_the_service_refuses(bucket: Any, name: str) -> None:
    with pytest.raises(BadRequest):
        bucket.blob(name).upload_from_string(b"x")


@pytest.mark.parametrize("name", ["ab", "Upper", "a b", "a/b", "..", "-a-", "x" * 64, "a..b"])
def test_bucket_names_that_the_service_refuses(emulator: Any, name: str) -> None:
    answer = requests.post(f"{emulator.url}/storage/v1/b", json={"name": name}, timeout=30)
    assert answer.status_code == 400


def test_errors_have_the_shape_of_the_api(emulator: Any, bucket: Any) -> None:
    answer = requests.get(f"{emulator.url}/storage/v1/b/{bucket.name}/o/absent", timeout=30)
    message = f"No such object: {bucket.name}/absent"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == {
        "error": {
            "code": 404,
            "message": message,
            "errors": [{"message": message, "domain": "global", "reason": "notFound"}],
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "b/{b}/o/%ff", 400),
        ("GET", "b/{b}/o/a/b", 501),
        ("GET", "b/{b}/o/", 400),
        ("GET", "b/{b}/nothing", 501),
        ("GET", "", 501),
        ("GET", "b/absent-bucket/o", 404),
        ("POST", "b/{b}/o/x", 501),
        ("GET", "b/{b}/o?maxResults=-1", 400),
        ("GET", "b/{b}/o?maxResults=many", 400),
        ("GET", "b/{b}/o?matchGlob=**", 501),
        ("GET", "b/{b}/o/x?ifGenerationMatch=-1", 400),
        ("GET", "b/{b}/o/x?generation=99999999999999999999", 400),
        ("GET", "b/{b}/o/x?generation=1e3", 400),
        ("DELETE", "b/{b}/o/x?ifGenerationMatch=0", 412),
    ],
)
def test_malformed_requests(
    emulator: Any, bucket: Any, method: str, path: str, status: int
) -> None:
    bucket.blob("x").upload_from_string(b"x")
    url = f"{emulator.url}/storage/v1/{path.format(b=bucket.name)}"
    answer = requests.request(method, url, timeout=30)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "storage/v1/b"),
        ("DELETE", "storage/v1/b/{b}"),
        ("PUT", "storage/v1/b/{b}"),
        ("GET", "storage/v1/b/{b}/iam"),
        ("POST", "storage/v1/b/{b}/notificationConfigs"),
        ("PATCH", "storage/v1/b/{b}/o/x"),
        ("PUT", "storage/v1/b/{b}/o/x"),
        ("POST", "storage/v1/b/{b}/o/x/rewriteTo/b/{b}/o/y"),
        ("POST", "storage/v1/b/{b}/o/x/copyTo/b/{b}/o/y"),
        ("POST", "batch/storage/v1"),
        ("GET", "storage/v1/b/{b}/o?startOffset=a"),
        ("GET", "storage/v1/b/{b}/o?matchGlob=**"),
    ],
)
def test_what_is_not_there_says_so(emulator: Any, bucket: Any, method: str, path: str) -> None:
    bucket.blob("x").upload_from_string(b"x")
    url = f"{emulator.url}/{path.format(b=bucket.name)}"
    answer = requests.request(method, url, json={}, timeout=30)
    assert answer.status_code == 501
    assert answer.json()["error"]["message"].startswith("This emulator does not implement ")


@pytest.mark.parametrize(
    "setting",
    [
        {"lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 1}}]}},
        {"versioning": {"enabled": True}},
        {"retentionPolicy": {"retentionPeriod": 60}},
    ],
)
def test_settings_without_an_effect_are_refused(
    emulator: Any, bucket: Any, setting: dict[str, Any]
) -> None:
    for method, url, body in (
        ("PATCH", f"{emulator.url}/storage/v1/b/{bucket.name}", setting),
        ("POST", f"{emulator.url}/storage/v1/b", {"name": f"{bucket.name}-2", **setting}),
    ):
        answer = requests.request(method, url, json=body, timeout=30)
        assert answer.status_code == 501
        assert next(iter(setting)) in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b"[" * 100_000,
        b'{"name": "a\\ud800b"}',
        b'{"metadata": {"k": 1}}',
        b'{"metadata": []}',
        b'{"contentType": "a\\r\\nX-Evil: 1"}',
        b'{"contentType": 5}',
        b'{"customTime": "yesterday"}',
        b'{"metadata": {"k": "%s"}}' % (b"x" * 9000),
        b'{"pad": "%s"}' % (b"x" * 1_100_000),
    ],
)
def test_bodies_that_make_no_sense(emulator: Any, bucket: Any, body: bytes) -> None:
    path = f"upload/storage/v1/b/{bucket.name}/o?uploadType=resumable&name=y"
    answer = requests.post(f"{emulator.url}/{path}", data=body, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "invalid"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cors", "x"),
        ("cors", [1]),
        ("cors", [{"origin": "x"}]),
    ],
)
def test_settings_that_make_no_sense(emulator: Any, bucket: Any, field: str, value: Any) -> None:
    url = f"{emulator.url}/storage/v1/b/{bucket.name}"
    assert requests.patch(url, json={field: value}, timeout=30).status_code == 400


@pytest.mark.parametrize(
    ("header", "status", "content"),
    [
        ("bytes=0-0", 206, b"0"),
        ("bytes=5-2", 200, b"0123456789"),
        ("bytes=--5", 200, b"0123456789"),
        ("bytes=-5--2", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=0-1,4-5", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
        ("bytes=-99", 206, b"0123456789"),
        ("bytes=9-99", 206, b"9"),
        ("bytes=-0", 416, None),
        ("bytes=10-", 416, None),
        ("bytes=999999999999999999-", 416, None),
    ],
)
def test_ranges(emulator: Any, bucket: Any, header: str, status: int, content: bytes) -> None:
    bucket.blob("x").upload_from_string(b"0123456789")
    url = f"{emulator.url}/storage/v1/b/{bucket.name}/o/x?alt=media"
    answer = requests.get(url, headers={"Range": header}, timeout=30)
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["Content-Range"] == "bytes */10"
    else:
        assert answer.content == content


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Huge: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /storage/v1/b/" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.0\r\n\r\n",
        b"GET http://127.0.0.1/../etc/passwd HTTP/1.0\r\n\r\n",
        b"GET /storage/v1/b/\xff\xfe HTTP/1.0\r\n\r\n",
        b"GET //?%s HTTP/1.0\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"POST /upload/storage/v1/b/x/o HTTP/1.0\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_broken_requests_are_refused_without_a_trace(emulator: Any, request_head: bytes) -> None:
    answer = send(emulator, request_head)
    assert re.match(rb"HTTP/1\.[01] 4\d\d ", answer)
    assert b"Traceback" not in answer
    assert b"root:" not in answer


def test_an_upload_that_breaks_off_is_not_stored(emulator: Any, bucket: Any) -> None:
    path = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=x".encode()
    head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    for rest in (
        b"Content-Length: 1000\r\n\r\nonly this",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ):
        with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
            connection.sendall(head + rest)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert not bucket.blob("x").exists()


def test_a_chunked_upload_of_unknown_length(emulator: Any, bucket: Any) -> None:
    url = f"{emulator.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=x"
    pieces = [bytes([number]) * 70_000 for number in range(10)]
    requests.post(url, data=iter(pieces), timeout=30).raise_for_status()
    assert bucket.blob("x").download_as_bytes() == b"".join(pieces)


def test_a_refused_upload_does_not_spoil_the_connection(emulator: Any, bucket: Any) -> None:
    url = f"{emulator.url}/upload/storage/v1/b/{bucket.name}/o"
    with requests.Session() as session:
        for size in (10, 3_000_000):
            answer = session.post(
                url,
                params={"uploadType": "media", "name": "x", "ifGenerationMatch": "5"},
                data=b"x" * size,
                timeout=30,
            )
            assert answer.status_code == 412
        assert session.get(url.replace("/upload", ""), timeout=30).json() == {
            "kind": "storage#objects"
        }


def test_the_client_needs_nothing_but_the_variable(client: Client, bucket: Any) -> None:
    assert client.lookup_bucket("absent-bucket") is None
    assert client.get_bucket(bucket.name).name == bucket.name

"""Signed URLs: made by the client library, obeyed to the letter, refused when touched."""

import json
import re
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from google.oauth2 import service_account

from infra.emulators.storage.errors import ApiError
from infra.emulators.storage.signing import Verifier, create_service_account

Sign = Callable[..., str]
UPLOAD = {
    "Content-Type": "image/png",
    "x-goog-content-length-range": "3,10",
    "x-goog-if-generation-match": "0",
}


@pytest.fixture
def sign(emulator: Any, bucket: Any, credentials: Any) -> Sign:
    """Sign URLs of the bucket for a minute."""

    def make(name: str, method: str = "GET", **options: Any) -> str:
        options.setdefault("expiration", timedelta(minutes=1))
        options.setdefault("credentials", credentials)
        url: str = bucket.blob(name).generate_signed_url(
            version="v4", method=method, api_access_endpoint=emulator.url, **options
        )
        return url

    return make


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """Yield a client that is not Google's."""
    with requests.Session() as session:
        yield session


def code(answer: requests.Response) -> tuple[int, str | None]:
    return answer.status_code, ElementTree.fromstring(answer.content).findtext("Code")  # noqa: S314


def signature(**fields: str) -> str:
    """Parameters that look like a signature of this minute."""
    fields = {
        "Algorithm": "GOOG4-RSA-SHA256",
        "Credential": f"a/{datetime.now(UTC):%Y%m%d}/auto/storage/goog4_request",
        "Date": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        "Expires": "86400",  # made when tests are collected, which may be long before
        "SignedHeaders": "host",
        "Signature": "00",
        **fields,
    }
    return "&".join(f"X-Goog-{name}={value}" for name, value in fields.items())


def upload_url(sign: Sign, name: str = "x", **options: Any) -> str:
    headers = {key: value for key, value in UPLOAD.items() if key != "Content-Type"}
    return sign(name, "PUT", content_type=UPLOAD["Content-Type"], headers=headers, **options)


@pytest.mark.parametrize("name", ["plain", "a/b c/é+&?=#%2F~.png", "日/本", "a//b", "/"])
def test_signed_reads_of_any_name(
    sign: Sign, bucket: Any, http: requests.Session, name: str
) -> None:
    bucket.blob(name).upload_from_string(b"content", content_type="image/png")
    answer = http.get(sign(name))
    assert (answer.status_code, answer.content) == (200, b"content")
    assert answer.headers["Content-Type"] == "image/png"
    assert "x-goog-hash" in answer.headers
    head = http.head(sign(name, "HEAD"))
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "7", b"")
    assert http.head(sign(name)).status_code == 200


def test_ranges_and_conditions(sign: Sign, bucket: Any, http: requests.Session) -> None:
    bucket.blob("x").upload_from_string(b"0123456789")
    url = sign("x")
    part = http.get(url, headers={"Range": "bytes=-3"})
    assert (part.status_code, part.content) == (206, b"789")
    assert part.headers["Content-Range"] == "bytes 7-9/10"
    assert code(http.get(url, headers={"Range": "bytes=10-"})) == (416, "InvalidRange")
    etag = part.headers["ETag"]
    assert http.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_the_url_decides_how_the_answer_is_labelled(
    sign: Sign, bucket: Any, http: requests.Session
) -> None:
    blob = bucket.blob("x")
    blob.metadata = {"label": "cät", "not a header": "x"}
    blob.upload_from_string(b"content", content_type="image/png")
    attachment = 'attachment; filename="a b.png"'
    url = sign("x", response_disposition=attachment, response_type="application/octet-stream")
    answer = http.get(url)
    assert answer.headers["Content-Disposition"] == attachment
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["x-goog-meta-label"].encode("latin-1").decode() == "cät"


def test_a_generation_in_the_url(sign: Sign, bucket: Any, http: requests.Session) -> None:
    blob = bucket.blob("x")
    blob.upload_from_string(b"1")
    first = sign("x", generation=blob.generation)
    assert http.get(first).content == b"1"
    bucket.blob("x").upload_from_string(b"2")
    assert code(http.get(first)) == (404, "NoSuchKey")


def test_signed_upload(sign: Sign, bucket: Any, http: requests.Session) -> None:
    url = upload_url(sign)
    answer = http.put(url, data=b"12345", headers=UPLOAD)
    found = bucket.get_blob("x")
    assert answer.status_code == 200
    assert answer.headers["x-goog-generation"] == str(found.generation)
    assert (found.content_type, found.download_as_bytes()) == ("image/png", b"12345")
    again = http.put(url, data=b"67890", headers=UPLOAD)
    assert code(again) == (412, "PreconditionFailed")
    assert bucket.blob("x").download_as_bytes() == b"12345"


def start_upload(sign: Sign, http: requests.Session, **headers: str) -> requests.Response:
    headers = {"x-goog-resumable": "start", **headers}
    return http.post(sign("a b/x", "POST", headers=headers), headers=headers)


def test_signed_resumable_upload(sign: Sign, bucket: Any, http: requests.Session) -> None:
    started = start_upload(sign, http, **{"x-goog-if-generation-match": "0"})
    assert (started.status_code, started.content) == (201, b"")
    url = started.headers["Location"]
    data = bytes(300_000)
    first = http.put(url, data=data[: 2**18], headers={"Content-Range": f"bytes 0-{2**18 - 1}/*"})
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{2**18 - 1}")
    state = http.put(url, headers={"Content-Range": "bytes */*"})
    assert (state.status_code, state.headers["Range"]) == (308, f"bytes=0-{2**18 - 1}")
    rest = {"Content-Range": f"bytes {2**18}-{len(data) - 1}/{len(data)}"}
    done = http.put(url, data=data[2**18 :], headers=rest)
    found = bucket.get_blob("a b/x")
    assert (done.status_code, found.download_as_bytes()) == (200, data)
    assert done.headers["x-goog-generation"] == str(found.generation)
    again = start_upload(sign, http, **{"x-goog-if-generation-match": "0"})
    assert code(again) == (412, "PreconditionFailed")


def test_a_signed_resumable_upload_keeps_to_its_length(
    sign: Sign, bucket: Any, http: requests.Session
) -> None:
    url = start_upload(sign, http, **{"x-goog-content-length-range": "3,5"}).headers["Location"]
    assert code(http.put(url, data=b"123456")) == (400, "EntityTooLarge")
    assert code(http.put(url, data=b"1234")) == (404, "NoSuchUpload")
    url = start_upload(sign, http, **{"x-goog-content-length-range": "3,5"}).headers["Location"]
    assert http.put(url, data=b"1234").status_code == 200
    assert bucket.blob("a b/x").download_as_bytes() == b"1234"


def test_a_signature_covers_the_start_of_an_upload(sign: Sign, http: requests.Session) -> None:
    headers = {"x-goog-resumable": "start"}
    url = sign("x", "POST", headers=headers)
    assert code(http.post(url)) == (400, "MalformedSecurityHeader")
    assert code(http.post(sign("x", "PUT"), headers=headers)) == (400, "MalformedSecurityHeader")
    assert code(http.post(sign("x", "POST"))) == (501, "NotImplemented")
    assert code(http.put(url.partition("?")[0] + "?upload_id=x")) == (404, "NoSuchUpload")


def test_the_host_may_be_signed_without_its_port(
    bucket: Any, emulator: Any, credentials: Any, http: requests.Session
) -> None:
    """Node's client signs the host so."""
    bucket.blob("x").upload_from_string(b"content")
    url = bucket.blob("x").generate_signed_url(
        version="v4",
        expiration=timedelta(minutes=1),
        api_access_endpoint="http://127.0.0.1",
        credentials=credentials,
    )
    answer = http.get(url.replace("http://127.0.0.1", emulator.url))
    assert (answer.status_code, answer.content) == (200, b"content")


@pytest.mark.parametrize(
    ("size", "expected"),
    [(2, "EntityTooSmall"), (11, "EntityTooLarge"), (5_000_000, "EntityTooLarge")],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_the_length_range_is_enforced(
    sign: Sign, bucket: Any, http: requests.Session, size: int, expected: str, chunked: bool
) -> None:
    body = iter([b"x" * size]) if chunked else b"x" * size
    answer = http.put(upload_url(sign), data=body, headers=UPLOAD)
    assert code(answer) == (400, expected)
    assert not bucket.blob("x").exists()
    assert http.put(upload_url(sign), data=b"12345", headers=UPLOAD).status_code == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Content-Type": "text/html"}, (403, "SignatureDoesNotMatch")),
        ({"x-goog-content-length-range": "0,999"}, (403, "SignatureDoesNotMatch")),
        ({"x-goog-if-generation-match": None}, (400, "MalformedSecurityHeader")),
        ({"Content-Type": None}, (400, "MalformedSecurityHeader")),
        ({"x-goog-meta-extra": "1"}, (400, "MalformedSecurityHeader")),
        ({"Host": "elsewhere.example"}, (403, "SignatureDoesNotMatch")),
        ({"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, (400, "BadDigest")),
    ],
)
def test_signed_headers_cannot_change(
    sign: Sign,
    bucket: Any,
    http: requests.Session,
    change: dict[str, str | None],
    expected: tuple[int, str],
) -> None:
    answer = http.put(upload_url(sign), data=b"12345", headers={**UPLOAD, **change})
    assert code(answer) == expected
    assert not bucket.blob("x").exists()


def test_nothing_in_the_url_can_change(sign: Sign, bucket: Any, http: requests.Session) -> None:
    for name in ("x", "y"):
        bucket.blob(name).upload_from_string(b"content")
    url = sign("x", response_disposition="inline")
    last = url[-1]
    for wrong in (
        url[:-1] + ("0" if last != "0" else "1"),
        url[:-2],
        url.replace("/x?", "/y?"),
        url.replace("X-Goog-Expires=60", "X-Goog-Expires=61"),
        url.replace("=inline", "=attachment"),
        url + "&generation=1",
        url.replace("signer%40", "another%40"),
    ):
        assert code(http.get(wrong)) == (403, "SignatureDoesNotMatch"), wrong
    assert code(http.delete(url)) == (403, "SignatureDoesNotMatch")
    assert code(http.put(url, data=b"")) == (403, "SignatureDoesNotMatch")
    assert http.get(url).content == b"content"


def test_urls_expire(sign: Sign, http: requests.Session) -> None:
    long_ago = re.sub("X-Goog-Date=[0-9]{4}", "X-Goog-Date=2020", sign("x"))
    assert code(http.get(long_ago)) == (400, "ExpiredToken")


def test_a_url_is_good_to_the_last_second(account: Path, sign: Sign) -> None:
    url = sign("x", expiration=timedelta(seconds=100))
    path, _, query = url.partition("://")[2].partition("?")
    host, _, name = path.partition("/")
    verifier = Verifier([account])
    (date,) = re.findall("X-Goog-Date=([0-9TZ]+)", query)
    signed = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    def verify(after: float) -> None:
        now = signed + timedelta(seconds=after)
        verifier.verify(("GET",), f"/{name}", query, {"host": host}, now)

    verify(0)
    verify(99.5)
    for seconds, expected in ((101, "ExpiredToken"), (-1000, "RequestTimeTooSkewed")):
        with pytest.raises(ApiError) as caught:
            verify(seconds)
        assert caught.value.code == expected


@pytest.mark.parametrize(
    "query",
    [
        "X-Goog-Signature=00",
        "X-Goog-Signature=00&X-Goog-Signature=00",
        signature(Algorithm="none"),
        signature(Date="today"),
        signature(Date=""),
        signature(Expires="-60"),
        signature(Expires="604801"),
        signature(SignedHeaders=""),
        signature(Credential="%00%ff"),
        signature() + "&x-goog-date=20260101T000000Z",
    ],
)
def test_malformed_signatures(
    bucket: Any, emulator: Any, http: requests.Session, query: str
) -> None:
    answer = http.get(f"{emulator.url}/{bucket.name}/x?{query}")
    assert code(answer) == (400, "MalformedSecurityHeader")


def test_another_key_of_the_same_name_does_not_count(
    sign: Sign, tmp_path: Path, account: Path, http: requests.Session
) -> None:
    forged = tmp_path / "forged.json"
    create_service_account(forged, json.loads(account.read_text())["client_email"])
    load: Any = service_account.Credentials.from_service_account_file
    credentials = load(forged)
    answer = http.get(sign("x", credentials=credentials))
    assert code(answer) == (403, "SignatureDoesNotMatch")


def test_without_a_signature_nothing_is_served(
    bucket: Any, emulator: Any, http: requests.Session
) -> None:
    bucket.blob("x").upload_from_string(b"content")
    url = f"{emulator.url}/{bucket.name}/x"
    assert code(http.get(url)) == (403, "AccessDenied")
    assert code(http.put(url, data=b"new")) == (403, "AccessDenied")
    assert code(http.get(f"{emulator.url}/absent/x")) == (403, "AccessDenied")
    assert bucket.blob("x").download_as_bytes() == b"content"


def test_what_is_not_there(sign: Sign, http: requests.Session) -> None:
    assert code(http.get(sign("absent"))) == (404, "NoSuchKey")


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key.json"
    create_service_account(path, "a@project.iam.gserviceaccount.com")
    first = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    create_service_account(path, "a@project.iam.gserviceaccount.com")
    assert path.read_bytes() == first
    create_service_account(path, "b@project.iam.gserviceaccount.com")
    assert json.loads(path.read_text())["client_email"].startswith("b@")

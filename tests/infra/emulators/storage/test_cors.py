"""A browser's preflight before a signed upload, and the headers it may read after."""

from datetime import timedelta
from typing import Any

import pytest
import requests

PAGE = "http://127.0.0.1:8080"
RULE = {
    "origin": [PAGE],
    "method": ["PUT", "GET"],
    "responseHeader": ["Content-Type", "x-goog-*"],
    "maxAgeSeconds": 600,
}


@pytest.fixture
def address(bucket: Any, emulator: Any) -> str:
    """Return an object's address in a bucket that lets a page upload."""
    bucket.cors = [RULE]
    bucket.patch()
    return f"{emulator.url}/{bucket.name}/x"


def preflight(address: str, origin: str, method: str, headers: str = "") -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    answer = requests.options(address, headers=asked, timeout=30)
    assert answer.status_code == 200
    return answer.headers


def test_preflight_allows_what_a_rule_allows(address: str) -> None:
    headers = preflight(address, PAGE, "PUT", "content-type, x-goog-if-generation-match")
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert "PUT" in headers["Access-Control-Allow-Methods"]
    assert "x-goog-if-generation-match" in headers["Access-Control-Allow-Headers"]
    assert headers["Access-Control-Max-Age"] == "600"
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        ("http://evil.example", "PUT", ""),
        (PAGE, "DELETE", ""),
        (PAGE, "PUT", "authorization"),
    ],
)
def test_preflight_says_nothing_otherwise(
    address: str, origin: str, method: str, headers: str
) -> None:
    answer = preflight(address, origin, method, headers)
    assert "Access-Control-Allow-Origin" not in answer


def test_the_answer_can_be_read_also_when_it_is_an_error(
    address: str, bucket: Any, emulator: Any, credentials: Any
) -> None:
    url = bucket.blob("x").generate_signed_url(
        version="v4",
        method="PUT",
        expiration=timedelta(minutes=1),
        headers={"x-goog-if-generation-match": "0"},
        api_access_endpoint=emulator.url,
        credentials=credentials,
    )
    headers = {"Origin": PAGE, "x-goog-if-generation-match": "0"}
    for status in (200, 412):
        answer = requests.put(url, data=b"x", headers=headers, timeout=30)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "x-goog-*" in answer.headers["Access-Control-Expose-Headers"]
    headers["Origin"] = "http://evil.example"
    answer = requests.put(url, data=b"x", headers=headers, timeout=30)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_can_resume_an_upload(
    address: str, bucket: Any, emulator: Any, credentials: Any
) -> None:
    bucket.cors = [{**RULE, "method": ["POST", "PUT"], "responseHeader": ["Location", "x-goog-*"]}]
    bucket.patch()
    assert preflight(address, PAGE, "POST", "x-goog-resumable")["Access-Control-Max-Age"] == "600"
    headers = {"x-goog-resumable": "start"}
    url = bucket.blob("x").generate_signed_url(
        version="v4",
        method="POST",
        expiration=timedelta(minutes=1),
        headers=headers,
        api_access_endpoint=emulator.url,
        credentials=credentials,
    )
    started = requests.post(url, headers={**headers, "Origin": PAGE}, timeout=30)
    assert "Location" in started.headers["Access-Control-Expose-Headers"]
    session = started.headers["Location"]
    assert preflight(session, PAGE, "PUT")["Access-Control-Allow-Origin"] == PAGE
    done = requests.put(session, data=b"x", headers={"Origin": PAGE}, timeout=30)
    assert (done.status_code, done.headers["Access-Control-Allow-Origin"]) == (200, PAGE)


def test_pages_cannot_reach_the_open_api(emulator: Any, bucket: Any) -> None:
    url = f"{emulator.url}/storage/v1/b/{bucket.name}"
    for headers in (
        {"Origin": "http://evil.example"},
        {"Host": "evil.example"},
        {"Origin": "null"},
    ):
        assert requests.get(url, headers=headers, timeout=30).status_code == 403
    upload = f"{emulator.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=x"
    answer = requests.post(upload, data=b"x", headers={"Origin": "http://evil.example"}, timeout=30)
    assert answer.status_code == 403
    assert not bucket.blob("x").exists()
    assert requests.get(url, headers={"Origin": PAGE}, timeout=30).status_code == 200

"""Failures on request: Google's retry scenarios, run with its client against this emulator.

Scenarios, operations and expectations are those of `storage/v1/retry_tests.json` in
https://github.com/googleapis/conformance-tests, for the operations that are here.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

import pytest
import requests
from google.api_core.exceptions import GoogleAPICallError
from google.api_core.retry import retry_unary
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage.exceptions import InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY

# The client leaves connections that break to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

RETRIED = [
    ("return-503", "return-503"),
    ("return-reset-connection", "return-reset-connection"),
    ("return-reset-connection", "return-503"),
]
FINAL = [("return-400",), ("return-401",)]
KIB = 1024
FAILURES = (GoogleAPICallError, GoogleAuthError, InvalidResponse, requests.ConnectionError)
Act = Callable[[Any], Any]


def read(bucket: Any) -> Any:
    return bucket.blob("x").download_as_bytes()


def compose(bucket: Any, **conditions: Any) -> Any:
    return bucket.blob("y").compose([bucket.blob("x")], **conditions)


def upload(bucket: Any, **conditions: Any) -> Any:
    return bucket.blob("y").upload_from_string(b"new", **conditions)


def upload_in_chunks(bucket: Any) -> Any:
    blob = bucket.blob("y", chunk_size=256 * KIB)
    with blob.open("wb", if_generation_match=0) as stream:
        stream.write(b"x" * 600 * KIB)


def delete(bucket: Any, **conditions: Any) -> Any:
    return bucket.blob("x").delete(**conditions)


def patch(bucket: Any, **conditions: Any) -> Any:
    bucket.cors = [{"origin": ["*"], "method": ["GET"]}]
    return bucket.patch(**conditions)


IDEMPOTENT: list[tuple[str, Act]] = [
    ("storage.buckets.get", lambda bucket: bucket.reload()),
    ("storage.buckets.insert", lambda bucket: bucket.client.create_bucket(f"{bucket.name}-2")),
    ("storage.objects.get", lambda bucket: bucket.blob("x").reload()),
    ("storage.objects.get", read),
    ("storage.objects.list", lambda bucket: list(bucket.list_blobs())),
]
WITH_CONDITION: list[tuple[str, Act]] = [
    ("storage.buckets.patch", lambda bucket: patch(bucket, if_metageneration_match=1)),
    ("storage.objects.compose", lambda bucket: compose(bucket, if_generation_match=0)),
    (
        "storage.objects.delete",
        lambda bucket: delete(bucket, if_generation_match=bucket.get_blob("x").generation),
    ),
    ("storage.objects.insert", lambda bucket: upload(bucket, if_generation_match=0)),
    ("storage.objects.insert", upload_in_chunks),
]
# Since 3.0 the client also retries uploads and deletions without a condition.
WITHOUT_CONDITION: list[tuple[str, Act]] = [
    ("storage.buckets.patch", patch),
    ("storage.objects.compose", compose),
]


class Failures:
    """Registers instructions, and lets a client's requests carry their id."""

    def __init__(self, url: str, headers: Any) -> None:
        self._url = f"{url}/retry_test"
        self._headers = headers

    @contextmanager
    def instructing(self, operation: str, *instructions: str) -> Iterator[str]:
        """Make the operation fail inside the block; yield the test's address."""
        body = {"instructions": {operation: list(instructions)}}
        test = requests.post(self._url, json=body, timeout=30).json()
        self._headers["x-retry-test-id"] = test["id"]
        try:
            yield f"{self._url}/{test['id']}"
        finally:
            del self._headers["x-retry-test-id"]


@pytest.fixture
def failing(emulator: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> Failures:
    """Return the failures of this client, which does not wait a second before it tries again."""
    monkeypatch.setattr(retry_unary, "exponential_sleep_generator", lambda *_, **__: repeat(0.01))
    return Failures(emulator.url, client._http.headers)  # noqa: SLF001


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """Close what the client left, so that no other module is warned of it."""
    yield
    gc.collect()


@pytest.fixture
def filled(bucket: Any) -> Any:
    """Return a bucket with one object."""
    bucket.blob("x").upload_from_string(b"content")
    return bucket


def is_complete(test: str) -> bool:
    return bool(requests.get(test, timeout=30).json()["completed"])


@pytest.mark.parametrize("instructions", RETRIED)
@pytest.mark.parametrize(("operation", "act"), IDEMPOTENT + WITH_CONDITION)
def test_what_may_be_repeated_succeeds(
    failing: Failures, filled: Any, operation: str, act: Act, instructions: tuple[str, ...]
) -> None:
    with failing.instructing(operation, *instructions) as test:
        act(filled)
        assert is_complete(test)


@pytest.mark.parametrize("instruction", ["return-503", "return-reset-connection"])
@pytest.mark.parametrize(("operation", "act"), WITHOUT_CONDITION)
def test_what_may_not_be_repeated_fails(
    failing: Failures, filled: Any, operation: str, act: Act, instruction: str
) -> None:
    with failing.instructing(operation, instruction) as test:
        with pytest.raises(FAILURES):
            act(filled)
        assert is_complete(test)


@pytest.mark.parametrize("instructions", FINAL)
@pytest.mark.parametrize(("operation", "act"), IDEMPOTENT + WITH_CONDITION)
def test_final_errors_are_not_retried(
    failing: Failures, filled: Any, operation: str, act: Act, instructions: tuple[str, ...]
) -> None:
    with failing.instructing(operation, *instructions) as test:
        with pytest.raises(FAILURES):
            act(filled)
        assert is_complete(test)


@pytest.mark.parametrize(
    "instructions",
    [
        ("return-503-after-256K",),
        ("return-503-after-512K", "return-503-after-300K"),
    ],
)
def test_an_upload_that_breaks_off_is_resumed(
    failing: Failures, filled: Any, instructions: tuple[str, ...]
) -> None:
    data = os.urandom(9 * KIB * KIB)
    with failing.instructing("storage.objects.insert", *instructions) as test:
        filled.blob("y").upload_from_string(data, if_generation_match=0)
        assert is_complete(test)
    assert filled.blob("y").download_as_bytes() == data


def test_a_broken_download_is_resumed(failing: Failures, filled: Any) -> None:
    data = os.urandom(3 * KIB * KIB)
    filled.blob("big").upload_from_string(data)
    with failing.instructing("storage.objects.get", "return-broken-stream") as test:
        assert filled.blob("big").download_as_bytes() == data
        assert is_complete(test)


def test_a_lost_answer_comes_after_the_effect(failing: Failures, filled: Any) -> None:
    with failing.instructing("storage.objects.insert", "lose-answer") as test:
        with pytest.raises(requests.ConnectionError):
            filled.blob("y").upload_from_string(b"first", retry=None)
        assert filled.blob("y").download_as_bytes() == b"first"
        assert is_complete(test)
    with (
        failing.instructing("storage.objects.delete", "lose-answer"),
        pytest.raises(GoogleAPICallError, match="No such object"),
    ):
        filled.blob("y").delete(retry=DEFAULT_RETRY)


def test_failures_for_every_request(emulator: Any, filled: Any) -> None:
    """For processes whose requests carry no id, as those of a stack."""
    url = f"{emulator.url}/retry_test"
    instructions = {"storage.buckets.patch": ["return-429"]}
    body = {"id": "every-request", "instructions": instructions}
    assert requests.post(url, json=body, timeout=30).json()["instructions"] == instructions
    patch(filled, if_metageneration_match=1)
    assert is_complete(f"{url}/every-request")
    assert requests.delete(f"{url}/every-request", timeout=30).status_code == 204
    assert requests.get(f"{url}/every-request", timeout=30).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"instructions": []}, 400),
        ({"instructions": {"storage.objects.get": 5}}, 400),
        ({"instructions": {"storage.objects.get": ["return-200"]}}, 501),
        ({"instructions": {"storage.objects.get": ["stall-for-1s-after-0K"]}}, 501),
    ],
)
def test_instructions_that_are_not_there(emulator: Any, body: dict[str, Any], status: int) -> None:
    answer = requests.post(f"{emulator.url}/retry_test", json=body, timeout=30)
    assert answer.status_code == status

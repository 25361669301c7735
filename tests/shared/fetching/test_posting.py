"""One POST: guarded, bounded, and never followed elsewhere."""

import socket
from collections.abc import Iterator

import pytest

from shared.fetching.addresses import AddressPolicy
from shared.fetching.posting import PostAnswer, post
from tests.receivers import Receiver, receive


@pytest.fixture(scope="module")
def shared_receiver() -> Iterator[Receiver]:
    """Yield one receiver for all of these tests."""
    with receive() as receiver:
        yield receiver


@pytest.fixture
def receiver(shared_receiver: Receiver) -> Receiver:
    shared_receiver.posts.clear()
    shared_receiver.statuses, shared_receiver.headers = [], []
    shared_receiver.body = b"thanks"
    return shared_receiver


def send(receiver: Receiver, url: str | None = None, *, seconds: float = 5) -> PostAnswer:
    policy = AddressPolicy.parse(receiver.base_url.removeprefix("http://"))
    return post(
        policy,
        url or f"{receiver.base_url}/hook?key=%2f",
        b'{"a":1}',
        {"X-Own": "1"},
        connect_timeout=2,
        total_timeout=seconds,
        max_excerpt=100,
    )


def test_body_headers_and_path_go_out_as_they_are(receiver: Receiver) -> None:
    answer = send(receiver)
    assert answer == PostAnswer(200, None, b"thanks", None)
    (posted,) = receiver.posts
    assert (posted.path, posted.body) == ("/hook?key=%2f", b'{"a":1}')
    assert posted.headers["x-own"] == "1"


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_is_an_answer(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    receiver.headers = [("Location", f"{receiver.base_url}/elsewhere")]
    answer = send(receiver)
    assert answer.status == status
    assert answer.failure is not None
    assert len(receiver.posts) == 1


def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.body = b"x" * 10_000_000
    answer = send(receiver)
    assert (answer.status, answer.failure, answer.excerpt) == (200, None, b"x" * 100)


def test_a_slow_one_is_cut_off(receiver: Receiver) -> None:
    answer = send(receiver, f"{receiver.base_url}/held", seconds=0.3)
    assert answer.status is None
    assert answer.failure is not None
    assert answer.failure.reason == "timeout"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/", "blocked_address"),
        ("http://[::1]:8080/", "blocked_address"),
        ("http://169.254.169.254/latest/meta-data", "blocked_address"),
        ("https://example.org:22/", "blocked_port"),
    ],
)
def test_addresses_that_are_not_public_are_not_connected_to(
    receiver: Receiver, url: str, reason: str
) -> None:
    answer = send(receiver, url)
    assert answer.status is None
    assert answer.failure is not None
    assert answer.failure.reason == reason


def test_the_address_that_a_name_leads_to_is_what_counts(receiver: Receiver) -> None:
    """`localhost` passes no look-up of its own: another name for an open address is refused."""
    port = receiver.base_url.rpartition(":")[2]
    name = socket.gethostname()
    answer = send(receiver, f"http://{name}:{port}/")
    assert answer.failure is not None
    assert answer.failure.reason in ("blocked_address", "blocked_port", "dns_error")
    assert receiver.posts == []


def test_what_does_not_answer_or_is_not_http_says_so(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = post(
        AddressPolicy.parse(f"127.0.0.1:{port}"),
        f"http://127.0.0.1:{port}/",
        b"{}",
        {},
        connect_timeout=2,
        total_timeout=2,
        max_excerpt=10,
    )
    assert answer.failure is not None
    assert answer.failure.reason == "connect_error"

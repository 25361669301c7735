"""libcurl's codes as reasons, and where a redirect leads."""

from __future__ import annotations

import pycurl
import pytest
from hypothesis import given, settings

from shared.fetching.exchange import FetchRequest, FetchTask, explain_curl_error
from shared.fetching.urls import parse_target
from tests.growth import Maker, assert_linear, repetitions


def test_unknown_codes_are_bad_responses() -> None:
    assert explain_curl_error(pycurl.E_COULDNT_RESOLVE_HOST, "x").reason == "dns_error"
    assert explain_curl_error(pycurl.E_RECV_ERROR, "x").retryable
    failure = explain_curl_error(999, "what?")
    assert (failure.reason, failure.detail, failure.retryable) == ("bad_response", "what?", False)
    assert "999" in explain_curl_error(999, "").detail


def make_task(url: str = "https://a.example/x/y?z") -> FetchTask:
    return FetchTask(FetchRequest(url), url, parse_target(url), 0.0, attempts=2, mode="raw")


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/b", "https://a.example/b"),
        ("b", "https://a.example/x/b"),
        ("../b", "https://a.example/b"),
        ("?q", "https://a.example/x/y?q"),
        ("//b.example/c", "https://b.example/c"),
        ("//b.example", "https://b.example/"),
        ("HTTP://B.example:80/c#part", "http://b.example/c"),
        ("/b#part", "https://a.example/b"),
        ("#part", "https://a.example/x/y?z"),
        ("/caf%E9.jpg", "https://a.example/caf%E9.jpg"),
    ],
)
def test_a_redirect_is_a_new_hop(reference: str, url: str) -> None:
    task = make_task()
    assert task.redirect(reference, 302, 5) is None
    assert (task.url, task.target, task.hops) == (url, parse_target(url), 1)
    assert (task.attempts, task.mode) == (0, "plain")
    assert task.left_origin is (task.target != parse_target("https://a.example/"))


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("javascript:alert(1)", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("http://a:b@b.example/", "bad_url"),
        ("http://", "bad_url"),
        ("/" + "a" * 100_000, "bad_url"),
    ],
)
def test_a_redirect_to_no_web_address_says_why(reference: str, reason: str) -> None:
    failure = make_task().redirect(reference, 302, 5)
    assert failure
    assert (failure.reason, failure.http_status) == (reason, 302)
    assert failure.detail.startswith("redirected: ")


def test_redirects_are_counted() -> None:
    task = make_task()
    reasons = [failure.reason if (failure := task.redirect("/a", 302, 3)) else None for _ in "1234"]
    assert reasons == [None, None, None, "too_many_redirects"]


_TOKENS = [b"/", b"..", b"../", b"./", b"%", b"%2e", b"\\", b"?", b"#", b"@", b":", b"//", b"\xe9"]


@given(repetitions(_TOKENS))
@settings(max_examples=30)
def test_redirects_take_time_in_proportion(make: Maker) -> None:
    assert_linear(lambda data: make_task().redirect(data.decode("latin-1"), 302, 5), make, 20_000)

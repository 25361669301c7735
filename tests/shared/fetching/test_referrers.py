"""Referers of requests, by the policies of pages and sites."""

import pytest

from shared.fetching.referrers import find_referrer_policy, make_referrer, parse_referrer_policy

PAGE = "https://a.example/cats?page=2"
HERE, THERE, OPEN = "https://a.example/1.jpg", "https://cdn.example/1.jpg", "http://a.example/1.jpg"
ORIGIN = "https://a.example/"


@pytest.mark.parametrize(
    ("policy", "here", "there", "without_tls"),
    [
        ("no-referrer", None, None, None),
        ("no-referrer-when-downgrade", PAGE, PAGE, None),
        ("origin", ORIGIN, ORIGIN, ORIGIN),
        ("origin-when-cross-origin", PAGE, ORIGIN, ORIGIN),
        ("same-origin", PAGE, None, None),
        ("strict-origin", ORIGIN, ORIGIN, None),
        ("strict-origin-when-cross-origin", PAGE, ORIGIN, None),
        ("unsafe-url", PAGE, PAGE, PAGE),
    ],
)
def test_policies(
    policy: str, here: str | None, there: str | None, without_tls: str | None
) -> None:
    found = [make_referrer(PAGE, url, policy) for url in (HERE, THERE, OPEN)]
    assert found == [here, there, without_tls]


def test_the_default_is_that_of_browsers() -> None:
    assert make_referrer(PAGE, THERE) == ORIGIN
    assert make_referrer("http://a.example/x", HERE) == "http://a.example/"
    assert make_referrer("http://a.example:81/x", "http://a.example/1.jpg") == (
        "http://a.example:81/"
    )


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        (" No-Referrer ", "no-referrer"),
        ("never", "no-referrer"),
        ("always", "unsafe-url"),
        ("default", "strict-origin-when-cross-origin"),
        ("origin-when-crossorigin", "origin-when-cross-origin"),
        ("nothing", None),
        ("", None),
    ],
)
def test_names_in_pages(value: str, policy: str | None) -> None:
    assert parse_referrer_policy(value) == policy


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        ("no-referrer", "no-referrer"),
        ("no-referrer, Origin, unknown", "origin"),
        ("origin\nsame-origin", "same-origin"),
        ("never", None),
        ("", None),
    ],
)
def test_names_in_headers(value: str, policy: str | None) -> None:
    assert find_referrer_policy({"referrer-policy": value}) == policy

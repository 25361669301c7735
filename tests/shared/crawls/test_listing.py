"""The choice of listed addresses that are taken, and the record of the others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crawls.listing import list_entries
from shared.fetching.urls import MAX_LENGTH, normalise
from shared.schemas.sources import UrlEntry
from tests.growth import assert_linear


def list_one(url: str) -> Any:
    """Return what becomes of one address."""
    (entry,) = list_entries([url])
    return entry


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "HTTPS://EXAMPLE.com:8443/a?b=c#d",
        "https://münchen.example/ä",
        "http://[2001:db8::1]/x",
        "http://127.0.0.1:8000/a.jpg",
        "https://example.com/" + "x" * 2028,
        "http:///example.com/a",
        "https:example.com/@me",
    ],
)
def test_addresses_stay_as_they_were_typed(url: str) -> None:
    assert list_one(url) == url
    (entry,) = list_entries([UrlEntry(url=url, label="cat")])
    assert entry == {"url": url, "label": "cat"}


def test_spaces_are_escaped_as_browsers_do() -> None:
    typed = "http://example.com/a b\u00a0c.jpg?d=e f#g h"
    assert list_one(typed) == "http://example.com/a%20b%C2%A0c.jpg?d=e%20f#g%20h"


def test_what_is_long_only_as_it_was_typed_is_kept_normalised() -> None:
    assert list_one("http://example.com/" + "a/../" * 1000 + "b.jpg") == "http://example.com/b.jpg"
    assert list_one("http://example.com/b.jpg#" + "x" * 3000) == "http://example.com/b.jpg"


@pytest.mark.parametrize(
    ("url", "shown", "detail"),
    [
        ("", "", "names no scheme"),
        ("example.com", "example.com", "names no scheme"),
        ("//example.com/a", "//example.com/a", "names no scheme"),
        ("ftp://example.com/a", "ftp://example.com/a", "only http and https"),
        ("file:///etc/passwd", "file:///etc/passwd", "only http and https"),
        ("javascript:alert(1)", "javascript:alert(1)", "only http and https"),
        ("http://", "http://", "names no valid host or port"),
        ("http://:80/", "http://:80/", "names no valid host or port"),
        ("http://example.com:99999/", "http://example.com:99999/", "names no valid host or port"),
        ("http://example.com:0/", "http://example.com:0/", "names port 0"),
        ("http://[::1/", "http://[::1/", "names no valid host or port"),
        ("http://exa mple.com/", "http://exa mple.com/", "names no valid host or port"),
        ("http://a..b/", "http://a..b/", "names no host that can be looked up"),
        ("http://example.com/a\nb", "http://example.com/ab", "holds control characters"),
        ("http://example.com/\0", "http://example.com/", "holds control characters"),
        ("http://example.com/\x9fa", "http://example.com/ a", "holds control characters"),
        ("https://ann:pw@example.com/a", "https://***@example.com/a", "holds user information"),
        ("https://ann@example.com/a", "https://***@example.com/a", "holds user information"),
        ("https://ann:p/w@example.com/a", "https://***@example.com/a", "names no valid host"),
        ("https://ann:pw@example.com/\x01", "https://***@example.com/", "holds control characters"),
    ],
)
def test_what_is_no_address_is_refused_by_itself(url: str, shown: str, detail: str) -> None:
    entry = list_one(url)
    assert (entry["url"], entry["reason"]) == (shown, "bad_url")
    assert entry["detail"].startswith(detail)
    (labelled,) = list_entries([UrlEntry(url=url, label="cat")])
    assert labelled == {**entry, "label": "cat"}


def test_what_is_too_long_is_cut() -> None:
    entry = list_one("https://ann:secret@example.com/" + "x" * 900_000)
    assert len(entry["url"]) == MAX_LENGTH
    assert entry["url"].startswith("https://***@example.com/xxx")
    assert list_one("https://example.com/" + "x" * 3000)["detail"].startswith("longer than 2048")


@given(st.text() | st.text(alphabet="htps:/\\@.#?a1 \t").map(lambda text: f"http:{text}"))
def test_what_is_kept_can_be_stored_and_leads_to_the_same(url: str) -> None:
    url = url.strip()  # as every text of a request
    entry = list_one(url)
    kept = entry if isinstance(entry, str) else entry["url"]
    assert len(kept) <= MAX_LENGTH
    assert "\0" not in kept
    if isinstance(entry, str):
        assert normalise(kept) == normalise(url)


@pytest.mark.parametrize("part", [b"@", b"/", b"\x01", b"a:", b" ", b"http://a@"])
def test_work_grows_with_the_address(part: bytes) -> None:
    assert_linear(
        lambda data: list_one(f"http://example.com/{data.decode()}"),
        lambda size: part * (size // len(part)),
        100_000,
    )

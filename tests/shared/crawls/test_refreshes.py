"""Pages that send their readers on."""

import pytest

from shared.crawls.entries import CrawlEntry
from shared.crawls.refreshes import explain_refresh, find_next_page, follow_redirecting_page
from shared.fetching.client import Failure
from shared.pages.building import WebPage
from shared.pages.reading import read_page

START = CrawlEntry("http://a.example/", label="cat", depth=1)


def read(html: str, url: str = START.url) -> WebPage:
    """Read a page of HTML."""
    return read_page(html.encode(), url, "text/html")


def meta(content: str) -> str:
    """HTML that sends its readers on."""
    return f'<meta http-equiv=refresh content="{content}">'


@pytest.mark.parametrize("more", ["", '<a href="/b">here</a>', "<img src=data:image/gif,x>"])
def test_a_page_that_shows_nothing_is_a_redirect(more: str) -> None:
    page = read(meta("0;url=/b") + more)
    onward = follow_redirecting_page(START, page, START.url)
    assert onward == CrawlEntry(START.url, label="cat", depth=1, refreshes=("http://a.example/b",))
    assert onward.current_url == "http://a.example/b"
    assert CrawlEntry.parse(onward.to_json()) == onward
    assert find_next_page(page) is None


@pytest.mark.parametrize(
    ("html", "following"),
    [
        ("<img src=/a.jpg>", None),
        (meta("30;url=/b") + "<img src=/a.jpg>", None),
        (meta("0;url=/b") + "<img src=/a.jpg>", "http://a.example/b"),
        (meta("0;url=/b") + "<img src=//a:99999/>", "http://a.example/b"),
        (meta("30;url=/b"), "http://a.example/b"),
        (f"<noscript>{meta('0;url=/b')}</noscript>", "http://a.example/b"),
        (f"<noscript>{meta('0;url=/b')}</noscript><img src=/a.jpg>", None),
        (meta("5") + '<a href="/b">more</a>', None),
        (meta("30;url=//a:99999/"), None),
    ],
)
def test_other_pages_are_read_for_themselves(html: str, following: str | None) -> None:
    page = read(html)
    assert follow_redirecting_page(START, page, START.url) is None
    assert find_next_page(page) == following


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("5", "too_many_redirects"),
        ("0;url=/", "too_many_redirects"),
        ("0;url=//a:99999/", "bad_url"),
        ("0;url=//u:secret@a.example/", "bad_url"),
        (f"0;url=/{'a' * 3000}", "bad_url"),
        ("0;url=ftp://a.example/", "unsupported_scheme"),
        ("0;url=javascript:x()", "unsupported_scheme"),
    ],
)
def test_what_leads_nowhere_fails(content: str, reason: str) -> None:
    failure = follow_redirecting_page(START, read(meta(content)), START.url)
    assert isinstance(failure, Failure)
    assert failure.reason == reason
    assert "secret" not in failure.detail


@pytest.mark.parametrize("target", ["/", "/1", "/9"])
def test_circles_and_long_chains_end(target: str) -> None:
    visited = tuple(f"http://a.example/{number}" for number in range(1, 6))
    entry = CrawlEntry(START.url, refreshes=visited)
    failure = follow_redirecting_page(
        entry, read(meta(f"0;url={target}"), visited[-1]), visited[-1]
    )
    assert isinstance(failure, Failure)
    assert failure.reason == "too_many_redirects"
    assert visited[-1] in explain_refresh(entry, failure).detail
    assert explain_refresh(START, failure) == failure

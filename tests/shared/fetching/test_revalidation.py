"""Conditional requests: what is kept of an answer, what is asked, and what "not modified" means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.fetching.revalidation import StoredResponse, keep_response
from shared.fetching.urls import hash_address

Make = Callable[..., Fetcher]
URL = "http://a.example/1.jpg"
MODIFIED, LATER = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"
DATES = {"last-modified": MODIFIED, "date": LATER}


def keep(**headers: str) -> dict[str, str] | None:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    found = keep_response(URL, given)
    assert found is None or found.address == hash_address(URL)
    return None if found is None else dict(found.headers)


@pytest.mark.parametrize("etag", ['"x"', 'W/"x,y"', '""', "5f1e-2a", '"' + "x" * 998 + '"'])
def test_entity_tags_are_kept_as_they_are(etag: str) -> None:
    assert keep(etag=etag, content_type="image/jpeg") == {"etag": etag}


@pytest.mark.parametrize(
    "etag", ["", "*", '"a\nb"', '"a"\n"b"', '"é"', "a,b", '"a" b', '"' + "x" * 999 + '"', "a\0"]
)
def test_what_is_no_single_entity_tag_is_not_sent_back(etag: str) -> None:
    assert keep(etag=etag) is None


def test_dates_are_kept_once_no_later_change_can_have_the_same() -> None:
    assert keep(last_modified=MODIFIED, date=LATER) == {"last-modified": MODIFIED}
    assert keep(last_modified=MODIFIED, date=MODIFIED) is None
    assert keep(last_modified=MODIFIED) is None
    assert keep(last_modified="yesterday", date=LATER) is None
    assert keep(last_modified=MODIFIED + "\nX: y", date=LATER) is None
    assert keep(last_modified=MODIFIED.removesuffix(" GMT"), date=LATER) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"cache_control": "max-age=1, No-Store"},
        {"vary": "Accept, *"},
        {"x_robots_tag": "noai, " * 300},
        {"tdm_reservation": "1" * 1001},
    ],
)
def test_some_answers_are_not_kept_at_all(headers: dict[str, str]) -> None:
    assert keep(etag='"x"', **headers) is None


def test_answers_that_vary_by_what_is_always_asked_alike_are_kept() -> None:
    headers = {"vary": "Accept, User-Agent", "cache_control": "no-cache, max-age=0, private"}
    assert keep(etag='"x"', **headers) == {"etag": '"x"'}


def test_what_an_answer_says_about_its_use_is_kept_with_it() -> None:
    said = {"x-robots-tag": "noai", "content-usage": "train-ai=n", "tdm-reservation": "1"}
    found = keep_response(URL, {"etag": '"x"', "server": "s", **said})
    assert found is not None
    assert found.headers == {"etag": '"x"', **said}
    assert keep_response(URL, said) is None


def ask(
    make: Make, site: Any, stored: StoredResponse, path: str = "/", **options: Any
) -> FetchResult:
    request = FetchRequest(site.url(path), stored=stored)
    given = {"respect_robots": False, "rights": "ignore", **options}
    (result,) = make(site).fetch_all([request], **given)
    return result


def store(site: Any, path: str = "/", **headers: str) -> StoredResponse:
    kept = {name.replace("_", "-"): value for name, value in headers.items()}
    return StoredResponse(hash_address(site.url(path)), kept)


def test_an_unchanged_answer_brings_no_body(site: Any, fetcher: Make) -> None:
    site.on("/", status=304, ETag='"x"', Date=LATER)
    result = ask(fetcher, site, store(site, etag='W/"x"', last_modified=MODIFIED))
    assert result.is_unchanged
    assert (result.status, result.body, result.error) == (304, None, None)
    assert result.headers["last-modified"] == MODIFIED
    assert site.seen[0]["If-None-Match"] == 'W/"x"'
    assert site.seen[0]["If-Modified-Since"] == MODIFIED


def test_a_changed_answer_brings_its_body(site: Any, fetcher: Make) -> None:
    site.on("/", b"new", ETag='"y"')
    result = ask(fetcher, site, store(site, etag='"x"'))
    assert (result.body, result.is_unchanged, result.headers["etag"]) == (b"new", False, '"y"')
    assert "If-Modified-Since" not in site.seen[0]


def test_only_the_address_that_gave_the_answer_is_asked_about_it(site: Any, fetcher: Make) -> None:
    site.on("/", status=302, Location="/b")
    site.on("/b", status=304)
    result = ask(fetcher, site, store(site, "/b", etag='"x"'))
    assert (result.is_unchanged, result.url_final) == (True, site.url("/b"))
    assert [seen.get("If-None-Match") for seen in site.seen] == [None, '"x"']


def test_a_redirect_to_another_address_is_downloaded(site: Any, fetcher: Make) -> None:
    site.on("/", status=302, Location="/c")
    site.on("/c", b"other")
    assert ask(fetcher, site, store(site, "/b", etag='"x"')).body == b"other"
    assert not any("If-None-Match" in seen for seen in site.seen)


def test_not_modified_counts_only_where_it_was_asked(site: Any, fetcher: Make) -> None:
    site.on("/", status=304)
    (result,) = fetcher(site).fetch_all([FetchRequest(site.url())], respect_robots=False)
    assert result.error is not None
    assert (result.error.reason, result.is_unchanged) == ("http_304", False)


def test_an_answer_about_another_content_is_asked_for_in_full(site: Any, fetcher: Make) -> None:
    def answer(handler: Any) -> None:
        if "If-None-Match" in handler.headers:
            handler.reply(b"", 304, ETag='"z"')
        else:
            handler.reply(b"whole", ETag='"z"')

    site.routes["/"] = answer
    assert ask(fetcher, site, store(site, etag='"x"')).body == b"whole"
    assert site.hits["/"] == 2


def test_an_answer_that_libcurl_cannot_read_may_be_unchanged_too(site: Any, fetcher: Make) -> None:
    site.on_raw("/", b'HTTP/1.1 304 Not Modified\r\nno colon here\r\nETag: "x"\r\n\r\n')
    result = ask(fetcher, site, store(site, etag='"x"'))
    assert (result.is_unchanged, result.headers["etag"]) == (True, '"x"')


@pytest.mark.parametrize(
    ("kept", "came", "reason"),
    [
        ({}, {}, None),
        ({"x_robots_tag": "noai"}, {}, "opted_out"),
        ({}, {"X_Robots_Tag": "noai"}, "opted_out"),
        ({"tdm_reservation": "1"}, {"TDM_Reservation": "0"}, None),
    ],
)
def test_wishes_hold_until_an_answer_states_others(
    kept: dict[str, str], came: dict[str, str], reason: str | None, site: Any, fetcher: Make
) -> None:
    site.on("/", status=304, **came)
    result = ask(fetcher, site, store(site, etag='"x"', **kept), rights="respect")
    assert (result.error.reason if result.error else None) == reason
    assert result.is_unchanged is (reason is None)
    of_headers = [one for one in result.signals if one.source != "robots.txt"]
    assert bool(of_headers) is bool(kept or came)


def test_a_permission_that_was_given_once_still_counts(site: Any, fetcher: Make) -> None:
    site.on("/", status=304)
    stored = store(site, etag='"x"', content_usage="train-ai=y")
    assert ask(fetcher, site, stored, rights="opt_in_only").is_unchanged

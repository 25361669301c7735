"""RSL documents that answers and pages name as their licence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.fetching.licence_links import MAX_LINKED, find_linked_terms, resolve_terms
from shared.pages.licence_links import find_terms
from shared.rights.signals import RightsPolicy
from tests.growth import Maker, assert_linear, repetitions

Make = Callable[..., Fetcher]
RSL = 'rel="license"; type="application/rsl+xml"'
PROHIBITS = (
    b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>'
    b'<prohibits type="usage">ai-train</prohibits></license></content></rsl>'
)
PERMITS = PROHIBITS.replace(b"prohibits", b"permits")


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (f"</rsl.xml>; {RSL}", ["/rsl.xml"]),
        ("</rsl.xml>;rel=license;type=application/rsl+xml", ["/rsl.xml"]),
        ('</a>; TYPE = APPLICATION/RSL+XML ; Rel = "next License"', ["/a"]),
        (f'<a>; title="x, <b>; {RSL[:3]}"; {RSL}', ["a"]),
        (f"</a>; rel=next, </b>; {RSL}\n</c>; {RSL}", ["/b", "/c"]),
        ('</a>; rel="license"', []),
        ('</a>; rel="next"; type="application/rsl+xml"', []),
        (f"</a>; type; {RSL}", ["/a"]),
        (f"</a>; rel=next; {RSL}", []),  # the first rel counts
        (f"/a; {RSL}", []),
        (f"<a; {RSL}", []),
        ("", []),
    ],
)
def test_link_fields(field: str, found: list[str]) -> None:
    assert list(find_linked_terms({"link": field})) == found


@given(st.text(alphabet='<>;,="\\ \nrelicns-typ/x+'))
def test_any_field_is_read(field: str) -> None:
    assert len(list(find_linked_terms({"link": field}))) <= field.count("<")


@settings(max_examples=20)
@given(make=repetitions([b"<", b"<a>", b";", b"b=", b'"', b"\\\\", b" ", b",", b"c"]))
def test_reading_takes_linear_time(make: Maker) -> None:
    def read(data: bytes) -> None:
        list(find_linked_terms({"link": data.decode("latin-1")}))

    assert_linear(read, make, 10_000)


def test_a_name_without_a_value_is_read_once() -> None:
    def read(data: bytes) -> None:
        list(find_linked_terms({"link": data.decode("latin-1")}))

    assert_linear(read, lambda size: b"<a>;" + b"b" * size, 10_000)


def test_addresses_are_few_and_each_is_there_once() -> None:
    references = ["/a", "http://[", "a", *(f"/{number}" for number in range(20))]
    addresses = resolve_terms("https://a.example/x", references)
    assert addresses[:2] == ("https://a.example/a", "https://a.example/0")
    assert len(addresses) == MAX_LINKED


def link(href: str, kind: str = "application/rsl+xml", name: str = "link") -> str:
    return f'<{name} rel="license" type="{kind}" href="{href}">'


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (link("/rsl.xml"), ["https://a.example/rsl.xml"]),
        ('<base href="/b/">' + link("rsl.xml"), ["https://a.example/b/rsl.xml"]),
        ("<!--" + link("/rsl.xml") + "-->", []),
        (link("/terms", "text/html") + "application/rsl+xml", []),
        (link("/rsl.xml", name="a"), []),
        ("<p>", []),
        (
            "<rss><channel>" + link("/f", name="atom:link") + "<item>" + link("/i"),
            ["https://a.example/f"],
        ),
        ("<feed>" + link("/f") + "<entry>" + link("/i"), ["https://a.example/f"]),
    ],
)
def test_links_of_pages_and_feeds(page: str, found: list[str]) -> None:
    assert list(find_terms("https://a.example/x", {}, page.encode())) == found


def fetch(client: Fetcher, url: str, rights: RightsPolicy = "respect", **about: Any) -> FetchResult:
    (result,) = client.fetch_all([FetchRequest(url, **about)], rights=rights)
    return result


def told(result: FetchResult) -> list[tuple[bool | None, str]]:
    return [(one.allows, one.address) for one in result.signals if one.source == "rsl"]


def test_terms_that_an_answer_names_are_heeded(serve: Any, fetcher: Make) -> None:
    site, other = serve(), serve()
    other.on("/no.xml", PROHIBITS)
    other.on("/yes.xml", PERMITS)
    client = fetcher(site, other)
    for path, named in (("/refused", "no"), ("/allowed", "yes")):
        site.on(path, b"x", Link=f"<{other.url(f'/{named}.xml')}>; {RSL}")
    refused = fetch(client, site.url("/refused"))
    assert refused.error is not None
    assert (refused.error.reason, refused.body) == ("opted_out", None)
    assert other.url("/no.xml") in refused.error.detail
    assert told(refused) == [(False, other.url("/no.xml"))]
    allowed = fetch(client, site.url("/allowed"))
    assert (allowed.body, told(allowed)) == (b"x", [(True, other.url("/yes.xml"))])
    assert allowed.signals[-1].evidence in client.site_files
    assert fetch(client, site.url("/refused"), "ignore").body == b"x"
    fetch(client, site.url("/refused"))
    assert (other.hits["/no.xml"], client.budget.used) == (1, 0)


def test_terms_that_cannot_be_had_say_nothing_and_are_noted(serve: Any, fetcher: Make) -> None:
    site = serve()
    named = [site.url("/missing.xml"), "http://10.0.0.1/rsl.xml", site.url("/other.xml")]
    site.on("/other.xml", PROHIBITS.replace(b'url="/"', b'url="https://b.example/"'))
    site.on("/a", b"x", Link=", ".join(f"<{one}>; {RSL}" for one in named))
    result = fetch(fetcher(site), site.url("/a"))
    assert result.body == b"x"
    assert told(result) == [(None, one) for one in named]


def test_terms_that_lead_in_circles_end(serve: Any, fetcher: Make) -> None:
    site = serve()
    site.on("/loop.xml", b"", 302, Location="/loop.xml")
    site.on("/a", b"x", Link=f"</loop.xml>; {RSL}")
    result = fetch(fetcher(site), site.url("/a"))
    assert (result.body, told(result)) == (b"x", [(None, site.url("/loop.xml"))])
    assert site.hits["/loop.xml"] < 10


def test_pages_name_terms_too(serve: Any, fetcher: Make) -> None:
    site = serve()
    site.on("/no.xml", PROHIBITS)
    site.on("/a", link("/no.xml").encode(), Content_Type="text/html")
    client = fetcher(site)
    refused = fetch(client, site.url("/a"), kind="page", find_terms=find_terms)
    assert refused.error is not None
    assert refused.error.reason == "opted_out"
    assert fetch(client, site.url("/a"), kind="page").error is None

"""Statements about the use of content, from requests to results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.rights.signals import RightsPolicy
from tests.shared.fetching.conftest import RESERVATIONS

Make = Callable[..., Fetcher]
TDM = RESERVATIONS


def fetch(client: Fetcher, *urls: str, rights: RightsPolicy = "respect", **options: Any) -> Any:
    requests = [FetchRequest(url) for url in urls]
    return {
        result.request.url.rpartition("/")[2]: result
        for result in client.fetch_all(requests, rights=rights, **options)
    }


def said(result: FetchResult) -> set[tuple[str, str, bool | None]]:
    return {(signal.source, signal.value, signal.allows) for signal in result.signals}


def test_an_address_that_a_site_reserves_is_not_asked_for(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", b"User-agent: *\nAllow: /\nContent-Usage: /art train-ai=n")
    site.fallback = lambda handler: handler.reply(b"x")
    found = fetch(fetcher(site), site.url("/art"), site.url("/free"))
    assert found["art"].error.reason == "opted_out"
    assert "train-ai=n" in found["art"].error.detail
    assert site.url("/robots.txt") in found["art"].error.detail
    assert not found["art"].error.retryable
    assert site.hits["/art"] == 0
    assert found["free"].body == b"x"
    assert said(found["free"]) == {("robots.txt", "allows the address", None)}


def test_files_of_a_site_are_asked_for_once(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", f"License: {site.url('/rsl.xml')}".encode())
    site.on(TDM, b"[]")
    site.on("/rsl.xml", b"<rsl/>")
    site.fallback = lambda handler: handler.reply(b"x")
    client = fetcher(site)
    assert len(fetch(client, *(site.url(f"/{number}") for number in range(20)))) == 20
    assert len(fetch(client, site.url("/20"))) == 1
    assert (site.hits["/robots.txt"], site.hits[TDM], site.hits["/rsl.xml"]) == (1, 1, 1)


def test_an_answer_s_reservation_counts_instead_of_the_site_s(site: Any, fetcher: Make) -> None:
    site.on(TDM, b'[{"location": "/", "tdm-reservation": 1}]')
    site.on("/open", b"x", Tdm_Reservation="0")
    site.on("/silent", b"x")
    found = fetch(fetcher(site), site.url("/open"), site.url("/silent"))
    assert found["open"].body == b"x"
    assert found["silent"].error.reason == "opted_out"
    assert "tdmrep.json says tdm-reservation=1" in found["silent"].error.detail
    assert ("tdmrep.json", "tdm-reservation=1", False) in said(found["open"])
    assert ("tdm-reservation", "tdm-reservation=0", True) in said(found["open"])


def test_licences_that_a_robots_file_names_are_read(serve: Any, fetcher: Make) -> None:
    site, other = serve(), serve()
    site.on("/robots.txt", f"License: {other.url('/rsl.xml')}\nLicense: http://[".encode())
    other.on(
        "/rsl.xml",
        b'<rsl><content url="/art/"><license><prohibits type="usage">ai-all</prohibits>'
        b'</license></content><content url="/free/"><license><permits type="usage">all</permits>'
        b"</license></content></rsl>",
    )
    site.fallback = lambda handler: handler.reply(b"x")
    client = fetcher(site, other)
    found = fetch(client, site.url("/art/a"), site.url("/free/b"), site.url("/c"))
    assert found["a"].error.reason == "opted_out"
    assert ("rsl", "ai-train is permitted", True) in said(found["b"])
    assert said(found["c"]) == {("robots.txt", "allows the address", None)}


@pytest.mark.parametrize("status", [404, 500, 301])
def test_files_that_cannot_be_had_say_nothing(site: Any, fetcher: Make, status: int) -> None:
    site.on("/robots.txt", f"License: {site.url('/rsl.xml')}".encode())
    site.on(TDM, b'[{"location": "/", "tdm-reservation": 1}]', status, Location=TDM)
    site.on("/rsl.xml", b"<rsl/>", status, Location="/rsl.xml")
    site.on("/x", b"x")
    assert fetch(fetcher(site, retries=0), site.url("/x"))["x"].body == b"x"


def test_a_licence_at_an_inner_address_is_never_asked_for(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", b"License: http://169.254.169.254/rsl.xml\nLicense: file:///etc/passwd")
    site.on("/x", b"x")
    assert fetch(fetcher(site), site.url("/x"))["x"].body == b"x"


@pytest.mark.parametrize(
    ("headers", "allows"),
    [
        ({"Content_Usage": "train-ai=n"}, False),
        ({"Content_Usage": "search=y, train-ai=y"}, True),
        ({"Content_Usage": "search=n"}, None),
        ({"Tdm_Reservation": "1"}, False),
        ({"Tdm_Reservation": "0"}, True),
        ({"X_Robots_Tag": "noml"}, False),
        ({"X_Robots_Tag": "nofollow"}, None),
        ({"Content_Usage": "train-ai=y", "Tdm_Reservation": "1"}, False),
        ({}, None),
    ],
)
def test_policies(site: Any, fetcher: Make, headers: dict[str, str], allows: bool | None) -> None:
    site.on("/x", b"x", **headers)
    outcomes = {
        policy: fetch(fetcher(site), site.url("/x"), rights=policy)["x"].error is None
        for policy in ("respect", "opt_in_only", "ignore")
    }
    assert outcomes == {
        "respect": allows is not False,
        "opt_in_only": allows is not False,  # the permission may stand in the file
        "ignore": True,
    }


def test_a_refusal_is_heeded_where_a_permission_is_wanted(site: Any, fetcher: Make) -> None:
    site.on("/page", b"<p>")
    site.on("/reserved", b"<p>", Tdm_Reservation="1")
    requests = [FetchRequest(site.url(path), kind="page") for path in ("/page", "/reserved")]
    results = fetcher(site).fetch_all(requests, rights="opt_in_only")
    reasons = {result.request.url: result.error and result.error.reason for result in results}
    assert reasons == {site.url("/page"): None, site.url("/reserved"): "opted_out"}


def test_repeated_fields_are_one(site: Any, fetcher: Make) -> None:
    def answer(handler: Any) -> None:
        handler.send_response(200)
        for name, value in (("Content-Usage", "train-ai=y"), ("Content-Usage", "train-ai=n")):
            handler.send_header(name, value)
        handler.send_header("Content-Length", "1")
        handler.end_headers()
        handler.wfile.write(b"x")

    site.routes["/x"] = answer
    assert fetch(fetcher(site), site.url("/x"))["x"].error.reason == "opted_out"


def test_rights_that_are_ignored_cost_no_request(site: Any, fetcher: Make) -> None:
    site.on(TDM, b'[{"location": "/", "tdm-reservation": 1}]')
    site.on("/x", b"x", Content_Usage="train-ai=n")
    found = fetch(fetcher(site), site.url("/x"), rights="ignore", respect_robots=False)
    assert (site.hits["/robots.txt"], site.hits[TDM]) == (0, 0)
    assert said(found["x"]) == {("content-usage", "train-ai=n", False)}

"""Keywords as sources: engines searched in turn under leases, each result with an outcome."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from tests.engines import KEY, Engines, Refusal
from tests.functions.searcher.conftest import images, places, search
from tests.harness import Person, System
from tests.sites import Site, allow_sites

Crawl = Callable[..., Any]


def by_engine(report: Any) -> dict[str, Any]:
    return {one["engine"]: one for one in report["searches"]}


def test_two_engines_in_turn_with_all_that_they_say(
    engines: Engines, site: Site, crawl: Crawl, person: Person, system: System, project: str
) -> None:
    first, second, third = site.photos(3)
    engines.know("openverse", "cat", first)
    engines.know("wikimedia", "cat", second, third)
    job = crawl(search("cat"))
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 3, None)
    assert (job["keywords"], job["source"]["engines"]) == (["cat"], ["openverse", "wikimedia"])
    found = {
        one["original_url"]: one for one in person.get(f"/v1/projects/{project}/images")["items"]
    }
    of_openverse, of_commons = found[first], found[second]
    assert of_openverse["metadata"] == {
        "engine": "openverse",
        "rank": 1,
        "query": "cat",
        "creator": "Ada",
        "creator_page": "https://example.org/ada",
    }
    assert of_openverse["license"] == "https://creativecommons.org/licenses/by/2.0/"
    assert of_openverse["attribution"] == '"Photo 1" by Ada is licensed under CC BY 2.0.'
    assert of_openverse["source_page"] == "https://example.org/photo/1"
    assert (of_openverse["caption"], of_openverse["label"]) == ("Photo 1", None)
    assert of_commons["license"] == "https://creativecommons.org/licenses/by-sa/4.0"
    assert of_commons["attribution"] == "Grace & Co, via Wikimedia Commons"
    assert of_commons["source_page"] == "https://commons.wikimedia.org/wiki/File:1"
    export = person.post(
        f"/v1/crawl-jobs/{job['id']}/export-jobs", {"name": "Cats", "format": "json"}, 202
    )
    system.drain()
    address = person.get(f"/v1/export-jobs/{export['id']}")["download_url"]
    rows = requests.get(address, timeout=10).json()["images"]
    exported = {json.loads(one["metadata"])["engine"]: one for one in rows}
    assert exported["openverse"]["license"] == of_openverse["license"]


def test_engines_take_turns_and_no_address_comes_twice(
    engines: Engines, site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    urls = site.photos(9)
    engines.know("openverse", "cat", *urls[:4])
    engines.know("wikimedia", "cat", urls[4], urls[0], *urls[5:])
    engines.sizes = {"wikimedia": 2}
    job = crawl(search("cat"), chunk_size=100)
    assert (job["total_images"], job["downloaded_images"]) == (9, 9)
    assert places(session)[:3] == [("openverse", 1), ("wikimedia", 1), ("openverse", 2)]
    assert Counter(name for name, _ in places(session)) == {"openverse": 4, "wikimedia": 5}
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    of = by_engine(report)
    assert (of["openverse"]["found"], of["openverse"]["end"]) == (4, "complete")
    assert (of["wikimedia"]["found"], of["wikimedia"]["results"]) == (5, 6)
    assert of["wikimedia"]["pages"] == 3


def test_an_engine_with_small_pages_is_asked_oftener(
    engines: Engines, site: Site, crawl: Crawl, session: Session
) -> None:
    urls = [f"{site.base_url}/{number}" for number in range(60)]
    engines.know("openverse", "cat", *urls[:30])
    engines.know("wikimedia", "cat", *urls[30:])
    engines.sizes = {"openverse": 5, "wikimedia": 15}
    crawl(search("cat"), max_images=40)
    assert Counter(name for name, _ in places(session)) == {"openverse": 20, "wikimedia": 20}
    assert engines.count() == {"openverse": 4, "wikimedia": 2}


def test_max_images_is_shared_among_keywords(
    engines: Engines, site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    for word in ("cat", "dog", "owl"):
        urls = [f"{site.base_url}/{word}/{number}" for number in range(20)]
        engines.know("openverse", word, *urls)
    job = crawl(search("cat", "dog", "owl", engines=["openverse"]), max_images=6)
    assert job["total_images"] == 6
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert [(one["keyword"], one["found"]) for one in report["searches"]] == [
        ("cat", 2),
        ("dog", 2),
        ("owl", 2),
    ]
    assert report["max_images_reached"]
    assert job["error"] is None


def test_what_one_keyword_lacks_another_brings(
    engines: Engines, site: Site, crawl: Crawl, person: Person
) -> None:
    engines.know("openverse", "cat", f"{site.base_url}/cat")
    engines.know("openverse", "dog", *(f"{site.base_url}/dog/{number}" for number in range(50)))
    job = crawl(search("cat", "dog", engines=["openverse"]), max_images=30)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert [one["found"] for one in report["searches"]] == [1, 29]
    assert [one["results"] for one in report["searches"]] == [1, 29]


def test_categories_label_what_they_find(
    engines: Engines, site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    cat, dog, both = site.photos(3)
    engines.know("openverse", "cat", cat)
    engines.know("openverse", "dog", dog, both)
    engines.know("openverse", "parrot", both)
    source = {
        "type": "keywords",
        "categories": {"mammals": ["dog", "cat"], "birds": ["parrot"]},
        "engines": ["openverse"],
    }
    job = crawl(source)
    assert sorted(job["keywords"]) == ["cat", "dog", "parrot"]
    assert (job["total_images"], job["downloaded_images"], job["duplicate_images"]) == (4, 3, 1)
    labels = {one.original_url: one.label for one in images(session) if not one.is_duplicate}
    assert labels[cat] == labels[dog] == "mammals"
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    (conflict,) = report["conflicting_entries"]
    assert {conflict["label"], conflict["kept_label"]} == {"mammals", "birds"}
    assert conflict["url"] == both
    assert "another label" in job["error"]


def test_the_licence_goes_to_the_engine(
    engines: Engines, site: Site, crawl: Crawl, person: Person
) -> None:
    (url,) = site.photos(1)
    engines.know("openverse", "cat", url)
    engines.know("wikimedia", "cat", *site.photos(1, first=1))
    job = crawl(search("cat", license="public-domain"))
    asked = dict(engines.asked)
    assert asked["openverse"]["license"] == "cc0,pdm"
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    of = by_engine(report)
    assert of["openverse"]["found"] == 1
    # Its search knows no licences: the one result, under CC BY-SA, is left out here.
    assert (of["wikimedia"]["found"], of["wikimedia"]["end"]) == (0, "complete")


def test_a_quota_that_is_used_up_ends_one_engine_by_name(
    engines: Engines, site: Site, crawl: Crawl, system: System, person: Person
) -> None:
    urls = site.photos(6)
    engines.know("openverse", "cat", *urls[:3])
    engines.know("wikimedia", "cat", *urls[3:])
    engines.know("wikimedia", "dog", *site.photos(1, first=6))
    engines.sizes = {"openverse": 1, "wikimedia": 1}
    engines.refusals["openverse"] = Refusal(429, {"Retry-After": "3600"}, after=1)
    job = crawl(search("cat", "dog"))
    assert (job["status"], job["downloaded_images"]) == ("completed", 5)
    assert "ended early at openverse for 2 of 2 keywords (rate_limited: 2)" in job["error"]
    assert engines.count()["openverse"] == 2  # and not for the other keyword too
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    of = [one for one in report["searches"] if one["engine"] == "openverse"]
    assert of[0]["detail"] == "openverse: its quota is used up; it asks to wait 3600 s"
    assert [one["retryable"] for one in of] == [True, True]
    engines.refusals.clear()
    person.post(f"/v1/crawl-jobs/{job['id']}/retry", None, 202)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job['id']}")
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 7, None)
    pages = [given["page"] for name, given in engines.asked if name == "openverse"]
    assert pages[:4].count("1") <= 3  # of "cat" it goes on with the second page


def test_a_wrong_key_ends_the_job_before_anything_runs(
    engines: Engines, site: Site, crawl: Crawl, session: Session
) -> None:
    engines.know("openverse", "cat", *site.photos(2))
    with allow_sites(
        site, *engines.servers.values(), **{**engines.settings, "pexels_key": "wrong"}
    ):
        job = crawl(search("cat", "dog", engines=["openverse", "pexels"]))
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("failed", 0, 0)
    assert job["error"] == "pexels refuses the key in PIXMILL_PEXELS_KEY (it answers 401)."
    assert images(session) == []
    assert engines.count() == {"openverse": 1, "pexels": 1}
    assert not site.hits


@pytest.mark.parametrize(
    ("named", "keys", "variables"),
    [
        ("flickr", {"flickr_key": "wrong"}, "PIXMILL_FLICKR_KEY"),
        ("unsplash", {"unsplash_key": "wrong"}, "PIXMILL_UNSPLASH_KEY"),
        (
            "google",
            {"google_key": "wrong", "google_engine": "e"},
            "PIXMILL_GOOGLE_KEY or PIXMILL_GOOGLE_ENGINE",
        ),
    ],
)
def test_wrong_keys_of_other_engines(
    engines: Engines, site: Site, crawl: Crawl, named: str, keys: Any, variables: str
) -> None:
    with allow_sites(site, *engines.servers.values(), **{**engines.settings, **keys}):
        job = crawl(search("cat", engines=[named]))
    assert job["status"] == "failed"
    assert variables in job["error"]
    assert "wrong" not in job["error"]


def test_every_engine_with_its_key(
    engines: Engines, site: Site, crawl: Crawl, session: Session
) -> None:
    names = ["openverse", "wikimedia", "flickr", "pexels", "unsplash", "google"]
    for place, name in enumerate(names):
        engines.know(name, "cat", *site.photos(3, first=3 * place))
    keys = {f"{name}_key": f" {KEY}\n" for name in ("flickr", "pexels", "unsplash", "google")}
    settings = {**engines.settings, **keys, "google_engine": "e"}
    with allow_sites(site, *engines.servers.values(), **settings):
        job = crawl(search("cat"))
    assert job["source"]["engines"] == names
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 18, None)
    assert [name for name, _ in places(session)[:6]] == names
    assert engines.notices == [f"/photos/u{rank}/download" for rank in (1, 2, 3)]
    kept = {one.metadata_["engine"]: one for one in images(session)}
    assert kept["flickr"].attribution == '"Photo 3" by Lin, on Flickr'
    assert kept["flickr"].source_page == "https://www.flickr.com/photos/7@N00/3"
    assert kept["pexels"].license == "https://www.pexels.com/license/"
    assert kept["unsplash"].attribution == "Photo by Mary on Unsplash"
    assert kept["google"].license is None


def test_what_unsplash_was_not_told_of_is_not_taken(
    engines: Engines, site: Site, crawl: Crawl, person: Person
) -> None:
    engines.know("unsplash", "cat", *site.photos(3))
    used_up = {"X-Ratelimit-Remaining": "0"}
    engines.refusals["unsplash"] = Refusal(403, used_up, b"Rate Limit Exceeded", after=2)
    with allow_sites(site, *engines.servers.values(), **{**engines.settings, "unsplash_key": KEY}):
        job = crawl(search("cat", engines=["unsplash"]))
    assert (job["status"], job["downloaded_images"]) == ("completed", 2)
    assert "ended early at unsplash for 1 of 1 keywords (rate_limited: 1)" in job["error"]
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert by_engine(report)["unsplash"]["results"] == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"results": 7}', b"[" * 100_000, b'{"results": ' + b"9" * 10_000],
)
def test_an_answer_that_is_none_ends_one_engine(
    engines: Engines, site: Site, crawl: Crawl, body: bytes
) -> None:
    engines.refusals["openverse"] = Refusal(200, body=body)
    engines.know("wikimedia", "cat", *site.photos(1))
    job = crawl(search("cat"))
    assert (job["status"], job["downloaded_images"]) == ("completed", 1)
    assert "ended early at openverse" in job["error"]


def test_a_result_that_is_none_is_a_failure_of_its_own(
    engines: Engines, site: Site, crawl: Crawl, person: Person
) -> None:
    (url,) = site.photos(1)
    engines.know("openverse", "cat", None, url, "ftp://example.org/x", 7)
    job = crawl(search("cat", engines=["openverse"]))
    assert (job["status"], job["total_images"], job["failed_images"]) == ("completed", 4, 3)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == {"bad_url": 2, "unsupported_scheme": 1}
    details = {one["detail"] for one in report["failed_urls"]}
    assert "openverse, result 1: there is no address" in details


def test_no_engine_answers(engines: Engines, site: Site, crawl: Crawl) -> None:
    engines.refusals |= {name: Refusal(404) for name in ("openverse", "wikimedia")}
    job = crawl(search("cat"))
    assert (job["status"], job["total_images"]) == ("failed", 0)
    assert "Nothing could be searched: openverse: the server answered 404" in job["error"]


def test_nothing_is_found(engines: Engines, site: Site, crawl: Crawl) -> None:
    job = crawl(search("cat"))
    assert (job["status"], job["error"]) == ("completed", "No engine found an image.")


@pytest.mark.parametrize(("times", "found"), [(2, 1), (3, 0)])
def test_databases_that_are_behind_are_asked_again(
    engines: Engines, site: Site, crawl: Crawl, person: Person, times: int, found: int
) -> None:
    body = b'{"error": {"code": "maxlag", "info": "Waiting for 10.0.0.1: 7 seconds lagged."}}'
    engines.refusals["wikimedia"] = Refusal(200, {"Retry-After": "0"}, body, times=times)
    engines.know("openverse", "cat", *site.photos(1))
    engines.know("wikimedia", "cat", *site.photos(1, first=1))
    job = crawl(search("cat"))
    assert engines.count()["wikimedia"] == 3
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert by_engine(report)["wikimedia"]["found"] == found
    assert bool(job["error"]) is not bool(found)


def test_a_key_that_was_taken_away(
    engines: Engines, site: Site, start: Callable[..., str], system: System, person: Person
) -> None:
    with allow_sites(site, *engines.servers.values(), **{**engines.settings, "pexels_key": KEY}):
        job_id = start(search("cat", engines=["pexels"]))
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert job["status"] == "failed"
    assert job["error"] == "pexels is not set up here: PIXMILL_PEXELS_KEY is missing."
    assert not engines.asked

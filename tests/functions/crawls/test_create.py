"""Starting a crawl job."""

from typing import Any

import pytest

from shared.quotas import QUOTAS
from tests.harness import Person, System, expect, in_parallel

URL = "https://example.com/cat.jpg"
PAGES = {"type": "pages", "pages": ["https://a.example/"]}


def body(**more: Any) -> dict[str, Any]:
    """A crawl job's request."""
    return {"name": "Cats", "source": {"type": "urls", "urls": [URL]}, **more}


def test_job_waits_with_its_options_filled_in(person: Person, project: str, system: System) -> None:
    job = person.post(f"/v1/projects/{project}/crawl-jobs", body(options={"chunk_size": 7}), 202)
    assert (job["name"], job["project_id"], job["status"]) == ("Cats", project, "pending")
    assert job["source"] == {"type": "urls", "urls": [URL], "url_count": 1}
    assert job["keywords"] == []
    assert job["options"] == {
        "max_images": 1000,
        "chunk_size": 7,
        "min_width": 0,
        "min_height": 0,
        "dedup": "exact",
        "max_distance": 4,
        "variants": ["thumbnail"],
        "validate": None,
        "analyze": [],
        "phash_distance": None,
        "refresh": "skip",
        "every": None,
        "respect_robots": True,
        "rights": "respect",
    }
    assert (job["total_images"], job["progress"], job["error"]) == (0, 0, None)
    assert (job["started_at"], job["completed_at"]) == (None, None)
    assert [one.body["crawl_job_id"] for one in system.mailbox.waiting] == [job["id"]]
    assert person.get(f"/v1/crawl-jobs/{job['id']}") == job


def test_as_many_addresses_as_fit_a_request(person: Person, project: str) -> None:
    path = f"/v1/projects/{project}/crawl-jobs"
    urls = [f"{URL}?{number:04}".ljust(96, "x") for number in range(10_000)]
    job = person.post(path, body(source={"type": "urls", "urls": urls}), 202)
    assert (job["source"]["url_count"], job["options"]["max_images"]) == (10_000, 10_000)
    entries = [{"url": url.ljust(500, "x"), "label": "cat", "caption": "A" * 900} for url in urls]
    job = person.post(path, body(source={"type": "urls", "urls": entries}), 202)
    assert job["source"]["url_count"] == 10_000
    urls = [url.ljust(2048, "x") for url in urls]
    response = person.request("POST", path, body(source={"type": "urls", "urls": urls}))
    assert (
        "The request body is larger than 16 MiB. Send a manifest"
        in (expect(response, 413)["detail"])
    )


@pytest.mark.parametrize("item", ["{},", "[],", '"":0,', "0,", '"\\"",'])
def test_a_body_of_a_million_values_is_not_parsed(person: Person, project: str, item: str) -> None:
    path = f"/v1/projects/{project}/crawl-jobs"
    data = '{"name":"x","list":[' + item * 1_000_000
    headers = {"Content-Type": "application/json"}
    response = person.request("POST", path, data=data, headers=headers)
    assert "more than 100000 values" in expect(response, 413)["detail"]


def test_source_of_a_later_version_is_refused(person: Person, project: str) -> None:
    source = {"type": "videos", "keywords": ["cat"]}
    response = person.request(
        "POST", f"/v1/projects/{project}/crawl-jobs", {"name": "Cats", "source": source}
    )
    (error,) = expect(response, 422)["errors"]
    assert error["pointer"] == "/source/type"
    assert error["detail"].startswith("must be urls, pages, manifest or keywords")


@pytest.mark.parametrize(
    ("more", "pointer", "words"),
    [
        (
            {"engines": ["openverse", "pexels"]},
            "/source/engines/1",
            "PIXMILL_PEXELS_KEY is missing",
        ),
        (
            {"engines": ["google"]},
            "/source/engines/0",
            "PIXMILL_GOOGLE_KEY and PIXMILL_GOOGLE_ENGINE are missing",
        ),
        (
            {"engines": ["wikimedia"], "license": "by-nc"},
            "/source/engines/0",
            "cannot search by the license by-nc: it has no images under it",
        ),
        ({"engines": ["altavista"]}, "/source/engines/0", "must be"),
        ({"engines": []}, "/source/engines", "1"),
        ({"engines": ["openverse", "openverse"]}, "/source/engines", "twice"),
        ({"license": "gfdl"}, "/source/license", "must be"),
        ({"categories": {"mammals": ["cat"]}}, "/source/keywords", "not both"),
        ({"keywords": ["cat", "cat"]}, "/source/keywords", "twice"),
        ({"keywords": ["c" * 201]}, "/source/keywords/0", "200"),
        ({"max_images": 7}, "/source/max_images", ""),
    ],
)
def test_searches_that_cannot_be_made_are_refused(
    person: Person, project: str, more: dict[str, Any], pointer: str, words: str
) -> None:
    source = {"type": "keywords", "keywords": ["cat"], **more}
    response = person.request(
        "POST", f"/v1/projects/{project}/crawl-jobs", {"name": "Cats", "source": source}
    )
    (error,) = expect(response, 422)["errors"]
    assert error["pointer"] == pointer
    assert words in error["detail"]


@pytest.mark.parametrize(
    ("more", "engines"),
    [({}, ["openverse", "wikimedia"]), ({"license": "by-nc"}, ["openverse"])],
)
def test_engines_that_are_left_out_are_all_that_can_be_searched(
    person: Person, project: str, more: dict[str, Any], engines: list[str]
) -> None:
    source = {"type": "keywords", "categories": {"mammals": ["dog", "cat"]}, **more}
    body = {"name": "Cats", "source": source}
    job = person.post(f"/v1/projects/{project}/crawl-jobs", body, 202)
    assert job["source"] == {**source, "engines": engines}
    assert job["keywords"] == ["dog", "cat"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"source": {"type": "urls", "urls": []}}, "/source/urls"),
        ({"source": {"type": "urls", "urls": [URL, 5]}}, "/source/urls/1"),
        ({"options": {"chunk_size": 0}}, "/options/chunk_size"),
        ({"options": {"variants": ["large"]}}, "/options/variants/0"),
        ({"options": {"colour": "red"}}, "/options/colour"),
        ({"source": {**PAGES, "max_depth": 11}}, "/source/max_depth"),
        ({"source": {**PAGES, "same_host": False}}, "/source/same_host"),
        ({"source": {**PAGES, "include": ["/a"]}}, "/source/include"),
        ({"source": {**PAGES, "max_depth": 1, "include": ["gallery"]}}, "/source/include/0"),
        ({"source": {**PAGES, "exclude": [".*[.]gif"]}}, "/source/exclude/0"),
        ({"source": {**PAGES, "exclude": ["/" * 201]}}, "/source/exclude/0"),
        ({"source": {**PAGES, "exclude": ["/a", "/a"]}}, "/source/exclude"),
        ({"source": {**PAGES, "exclude": [f"/{n}" for n in range(51)]}}, "/source/exclude"),
        ({"source": {**PAGES, "referer": "origin"}}, "/source/referer"),
        ({"source": {**PAGES, "label": ""}}, "/source/label"),
    ],
)
def test_bad_requests_are_explained(
    person: Person, project: str, change: dict[str, Any], pointer: str
) -> None:
    response = person.request("POST", f"/v1/projects/{project}/crawl-jobs", body(**change))
    assert [one["pointer"] for one in expect(response, 422)["errors"]] == [pointer]


@pytest.mark.parametrize(
    "more",
    [
        {"same_host": True},  # as jobs show it that were started without
        {"same_host": False, "max_depth": 1},
        {"same_host": False, "sitemap": True},
        {"include": ["/é*", "*.html$", "https://a.example/"], "max_depth": 10},
        {"exclude": ["*/thumbs/*"], "label": "cat", "referer": "none"},
    ],
)
def test_options_of_pages(person: Person, project: str, more: dict[str, Any]) -> None:
    path = f"/v1/projects/{project}/crawl-jobs"
    job = person.post(path, body(source=PAGES | more), 202)
    defaults: dict[str, Any] = {
        "max_depth": 0,
        "same_host": True,
        "sitemap": False,
        "include": [],
        "exclude": [],
        "label": None,
        "referer": "page",
    }
    assert job["source"] == PAGES | defaults | more
    assert person.post(path, body(source=job["source"]), 202)["source"] == job["source"]


def test_what_is_no_address_is_said_at_once(person: Person, project: str) -> None:
    urls = [URL, "https://ann:secret@example.com/a.jpg", {"url": "x" * 9000, "label": "cat"}]
    path = f"/v1/projects/{project}/crawl-jobs"
    job = person.post(path, body(source={"type": "urls", "urls": urls}), 202)
    first, second, third = job["source"]["urls"]
    assert first == URL
    assert second == {
        "url": "https://***@example.com/a.jpg",
        "reason": "bad_url",
        "detail": "holds user information",
    }
    assert (len(third["url"]), third["label"]) == (2048, "cat")
    assert third["detail"].startswith("names no scheme")


def test_archived_project_takes_no_jobs(person: Person, project: str) -> None:
    expect(person.request("PATCH", f"/v1/projects/{project}", {"status": "archived"}), 200)
    problem = person.post(f"/v1/projects/{project}/crawl-jobs", body(), 409)
    assert "archived" in problem["detail"]


def test_jobs_at_work_are_limited(person: Person, project: str) -> None:
    jobs = [
        person.post(f"/v1/projects/{project}/crawl-jobs", body(), 202)
        for _ in range(QUOTAS.active_crawl_jobs)
    ]
    response = person.request("POST", f"/v1/projects/{project}/crawl-jobs", body())
    assert expect(response, 429)["status"] == 429
    assert int(response.headers["Retry-After"]) > 0
    person.post(f"/v1/crawl-jobs/{jobs[0]['id']}/cancel", status=202)
    person.post(f"/v1/projects/{project}/crawl-jobs", body(), 202)


def test_jobs_at_work_are_limited_when_they_are_asked_for_at_the_same_time(
    person: Person, project: str
) -> None:
    path, limit = f"/v1/projects/{project}/crawl-jobs", QUOTAS.active_crawl_jobs
    asked = in_parallel([lambda: person.request("POST", path, body())] * (limit + 4))
    assert sorted(one.status_code for one in asked) == [202] * limit + [429] * 4


def test_somebody_elses_project_is_absent(system: System, project: str) -> None:
    system.person().post(f"/v1/projects/{project}/crawl-jobs", body(), 404)

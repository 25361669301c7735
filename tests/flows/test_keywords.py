"""Searches by keywords on a whole stack: two engines, a quota, a wrong key, a worker that dies."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from shared.messaging.messages import SweepDue
from shared.settings import to_variable
from tests.engines import Engines, Refusal, serve_engines
from tests.sites import Site
from tests.stacks import RunningStack, StackClient, await_job, temporary_state, wait_for_value


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with serve_engines() as engines:
        yield engines


@pytest.fixture(scope="module")
def searching(engines: Engines, photo_site: Site) -> Iterator[RunningStack]:
    """Yield a stack that may search the engines, with a wrong key for one of them."""
    hosts = [photo_site.base_url, *(one.base_url for one in engines.servers.values())]
    settings = {to_variable(name): str(value) for name, value in engines.settings.items()}
    with temporary_state() as state:
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=",".join(host.removeprefix("http://") for host in hosts),
            PIXMILL_LEASE="6",
            PIXMILL_PEXELS_KEY="wrong",
            **settings,
        )
        try:
            yield stack.start()
        finally:
            stack.close()


def search(client: StackClient, words: str, engines: list[str], **options: Any) -> str:
    project = client.post("/v1/projects", {"name": words})["id"]
    source = {"type": "keywords", "categories": {"mammals": [words]}, "engines": engines}
    body = {"name": words, "source": source, "options": options}
    return str(client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"])


def test_two_engines_and_a_worker_that_dies(
    searching: RunningStack, engines: Engines, photo_site: Site
) -> None:
    urls = photo_site.photos(12)
    engines.know("openverse", "cat", *urls[:6])
    engines.know("wikimedia", "cat", *urls[4:])
    engines.sizes = {"openverse": 2, "wikimedia": 2}
    second = engines.count()["openverse"] + 2
    gate = engines.gates["openverse", second] = threading.Event()
    client = searching.client()
    job_id = search(client, "cat", ["openverse", "wikimedia"], max_images=9)
    wait_for_value(lambda: engines.count()["openverse"] == second)
    for worker in searching.workers():
        worker.kill()
    gate.set()
    before = len(engines.asked)
    for _ in range(20):
        searching.publish(SweepDue)  # hands out what has lost its worker
        if engines.wait_for_more(before, 3):
            break
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["error"]) == ("completed", None)
    assert (job["total_images"], job["downloaded_images"]) == (9, 9)
    images = list(client.list_all(f"/v1/projects/{job['project_id']}/images"))
    assert {one["label"] for one in images} == {"mammals"}
    found = Counter(one["metadata"]["engine"] for one in images)
    assert abs(found["openverse"] - found["wikimedia"]) <= 2
    asked = Counter((given.get("q"), given.get("page")) for _, given in engines.asked)
    assert asked["cat", "1"] == 1  # what was settled before is not asked for again
    report = client.get(f"/v1/crawl-jobs/{job_id}/report")
    assert sum(one["found"] for one in report["searches"]) == 9
    assert report["max_images_reached"]


def test_a_quota_and_a_wrong_key(
    searching: RunningStack, engines: Engines, photo_site: Site
) -> None:
    urls = photo_site.photos(4, first=20)
    engines.know("openverse", "dog", *urls[:2])
    engines.know("wikimedia", "dog", *urls[2:])
    engines.refusals["openverse"] = Refusal(429, {"Retry-After": "3600"})
    client = searching.client()
    job_id = search(client, "dog", ["openverse", "wikimedia"])
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"]) == ("completed", 2)
    assert "ended early at openverse for 1 of 1 keywords (rate_limited: 1)" in job["error"]
    engines.refusals.clear()
    client.post(f"/v1/crawl-jobs/{job_id}/retry")
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 4, None)

    job_id = search(client, "owl", ["openverse", "pexels"])
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"]) == ("failed", 0)
    assert job["error"] == "pexels refuses the key in PIXMILL_PEXELS_KEY (it answers 401)."

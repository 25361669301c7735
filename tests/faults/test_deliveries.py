"""A crawl and an export with every message delivered twice at once, and with workers killed."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import text

from shared.messaging.messages import RelayDue, SweepDue
from tests.databases import connect_to
from tests.sites import Site, photo, serve
from tests.stacks import RunningStack, StackClient, await_job, temporary_state, wait_for_value

PHOTOS, COPIES, MISSING = 60, 12, 8
Job = tuple[str, str]  # the ids of a project and of a job in it


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture(scope="module")
def stack(site: Site) -> Iterator[RunningStack]:
    with temporary_state() as state:
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=site.base_url.removeprefix("http://"),
            PIXMILL_LEASE="3",
            PIXMILL_EXPORT_PART_IMAGES="3",
            PUBSUB_FAULT_DUPLICATE="2",
        )
        try:
            yield stack.start()
        finally:
            stack.close()


@pytest.fixture(scope="module")
def client(stack: RunningStack) -> StackClient:
    return stack.client()


@pytest.fixture(scope="module")
def crawl(stack: RunningStack, client: StackClient, site: Site) -> Job:
    """Return a crawl that nobody disturbed but by delivering all twice."""
    project, job_id = start(client, site)
    await_job(client, f"/v1/crawl-jobs/{job_id}")
    return project, job_id


def rows(stack: RunningStack, query: str) -> list[Any]:
    engine = connect_to(stack.addresses.database_url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query)))
    finally:
        engine.dispose()


def start(client: StackClient, site: Site) -> Job:
    urls = site.photos(PHOTOS)
    urls += [site.put(f"/copies/{number}.jpg", photo(number)) for number in range(COPIES)]
    urls += [f"{site.base_url}/missing/{number}.jpg" for number in range(MISSING)]
    project = client.post("/v1/projects", {"name": "Faults"})["id"]
    body = {
        "name": "faults",
        "source": {"type": "urls", "urls": urls},
        "options": {"chunk_size": 10},
    }
    return project, client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]


def check(stack: RunningStack, client: StackClient, crawl: Job) -> None:
    project, job_id = crawl
    job = client.get(f"/v1/crawl-jobs/{job_id}")
    assert job["status"] == "completed"
    assert job["downloaded_images"] == PHOTOS
    assert job["duplicate_images"] == COPIES
    assert job["failed_images"] == MISSING
    assert job["total_images"] == PHOTOS + COPIES + MISSING
    images = list(client.list_all(f"/v1/projects/{project}/images"))
    assert len(images) == PHOTOS + COPIES
    firsts = Counter(image["sha256"] for image in images if not image["is_duplicate"])
    assert len(firsts) == PHOTOS
    assert set(firsts.values()) == {1}
    check_announced_once(stack, "crawl", job_id)


def check_announced_once(stack: RunningStack, kind: str, job_id: str) -> None:
    of_job = f"topic = '{kind}-completed' AND message->>'{kind}_job_id' = '{job_id}'"
    assert len(rows(stack, f"SELECT message FROM outbox WHERE {of_job}")) == 1
    wait_for_value(lambda: is_everything_sent(stack), 60)


def is_everything_sent(stack: RunningStack) -> bool:
    if not rows(stack, "SELECT 1 FROM outbox WHERE sent_at IS NULL"):
        return True
    stack.publish(RelayDue)  # as the schedule does every minute
    return False


def is_completed(client: StackClient, path: str) -> bool:
    return bool(client.get(path)["status"] == "completed")


def sweep_until(stack: RunningStack, condition: Callable[[], Any]) -> None:
    """Wait for a condition, while every second happens what schedules let happen every minute."""
    swept = 0.0

    def is_met() -> Any:
        nonlocal swept
        if time.monotonic() - swept > 1:
            swept = time.monotonic()
            for due in (RelayDue, SweepDue):
                stack.publish(due)
        return condition()

    wait_for_value(is_met, 120)


def kill_workers(stack: RunningStack, client: StackClient, path: str, when: str) -> bool:
    """Kill all workers as soon as a query finds something; return whether the job was live."""
    sweep_until(stack, lambda: rows(stack, when) or is_completed(client, path))
    is_live = not is_completed(client, path)
    for worker in stack.workers():
        worker.kill()
    return is_live


def test_every_message_twice(stack: RunningStack, client: StackClient, crawl: Job) -> None:
    check(stack, client, crawl)


def test_a_worker_killed_in_the_middle(
    stack: RunningStack, client: StackClient, site: Site
) -> None:
    crawl = start(client, site)
    path = f"/v1/crawl-jobs/{crawl[1]}"
    for _ in range(2):
        running = "SELECT 1 FROM crawl_chunks WHERE status = 'running'"
        kill_workers(stack, client, path, running)
    sweep_until(stack, lambda: is_completed(client, path))
    check(stack, client, crawl)


def test_workers_killed_while_they_build_parts(
    stack: RunningStack, client: StackClient, crawl: Job
) -> None:
    """The file is that of an export that nobody disturbs."""

    def export() -> str:
        body = {"name": "e", "format": "zip", "options": {"layout": "coco"}}
        path = f"/v1/crawl-jobs/{crawl[1]}/export-jobs"
        return f"/v1/export-jobs/{client.post(path, body)['id']}"

    calm, path = await_job(client, export()), export()
    running = "SELECT 1 FROM export_parts WHERE status = 'running' AND attempts = {}"
    assert kill_workers(stack, client, path, running.format(1))
    kill_workers(stack, client, path, running.format(2))
    sweep_until(stack, lambda: is_completed(client, path))
    job = client.get(path)
    assert (calm["exported_images"], calm["failed_images"]) == (PHOTOS, 0)
    for name in ("exported_images", "failed_images", "file_size", "sha256"):
        assert job[name] == calm[name]
    file = requests.get(job["download_url"], timeout=60).content
    assert hashlib.sha256(file).hexdigest() == calm["sha256"]
    check_announced_once(stack, "export", job["id"])

"""A crawl with every message delivered twice at once, and with workers killed in the middle."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from shared.messaging.messages import RelayDue, SweepDue
from tests.sites import Site, photo, serve
from tests.stacks import RunningStack, await_job, temporary_state, wait_for_value

PHOTOS, COPIES, MISSING = 60, 12, 8


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def stack(site: Site) -> Iterator[RunningStack]:
    with temporary_state() as state:
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=site.base_url.removeprefix("http://"),
            PIXMILL_LEASE="3",
            PUBSUB_FAULT_DUPLICATE="2",
        )
        try:
            yield stack.start()
        finally:
            stack.close()


def rows(stack: RunningStack, query: str) -> list[Any]:
    engine = create_engine(stack.addresses.database_url.replace("sql://", "sql+pg8000://"))
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query)))
    finally:
        engine.dispose()


def start(client: Any, site: Site) -> tuple[str, str]:
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


def check(stack: RunningStack, client: Any, project: str, job: Any) -> None:
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
    completions = rows(stack, "SELECT message FROM outbox WHERE topic = 'crawl-completed'")
    assert len(completions) == 1
    wait_for_value(lambda: is_everything_sent(stack), 60)


def is_everything_sent(stack: RunningStack) -> bool:
    if not rows(stack, "SELECT 1 FROM outbox WHERE sent_at IS NULL"):
        return True
    stack.publish(RelayDue)  # as the schedule does every minute
    return False


def test_every_message_twice(stack: RunningStack, site: Site) -> None:
    client = stack.client()
    project, job_id = start(client, site)
    check(stack, client, project, await_job(client, f"/v1/crawl-jobs/{job_id}"))


def test_a_worker_killed_in_the_middle(stack: RunningStack, site: Site) -> None:
    client = stack.client()
    project, job_id = start(client, site)
    path = f"/v1/crawl-jobs/{job_id}"
    for _ in range(2):
        wait_for_value(
            lambda: (
                rows(stack, "SELECT 1 FROM crawl_chunks WHERE status = 'running'")
                or client.get(path)["status"] == "completed"
            )
        )
        for worker in stack.workers():
            worker.kill()

    def settled() -> bool:
        if client.get(path)["status"] == "completed":
            return True
        for due in (RelayDue, SweepDue):  # as the schedules do every minute
            stack.publish(due)
        return False

    wait_for_value(settled, 120)
    check(stack, client, project, client.get(path))

"""Running again what failed."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import CrawlChunk, FetchFailure, Image
from tests.harness import Person, System, in_parallel
from tests.sites import Site, photo

Start = Callable[..., str]


def get_counts(job: dict[str, Any]) -> tuple[int, int, int, int]:
    """Total, downloaded, duplicate, failed."""
    names = ("total_images", "downloaded_images", "duplicate_images", "failed_images")
    total, downloaded, duplicate, failed = (job[name] for name in names)
    return total, downloaded, duplicate, failed


def test_only_what_may_pass_runs_again(
    site: Site,
    crawl: Callable[..., Any],
    system: System,
    session: Session,
    person: Person,
) -> None:
    down = [site.put(f"/down/{n}.jpg", b"later", status=408) for n in range(3)]
    entry = {"url": down[0], "label": "cat", "caption": "A cat"}
    urls = [site.photos(2)[0], entry, f"{site.base_url}/missing.jpg", *down[1:], site.photos(2)[1]]
    job = crawl(urls, chunk_size=2)
    assert (job["status"], get_counts(job)) == ("completed", (6, 2, 0, 4))
    asked = site.hits["/photos/0.jpg"]
    for n in range(3):
        site.put(f"/down/{n}.jpg", photo(n + 3))
    job = person.post(f"/v1/crawl-jobs/{job['id']}/retry", status=202)
    assert (job["status"], job["progress"], job["completed_at"]) == ("running", 50, None)
    assert get_counts(job) == (6, 2, 0, 1)
    system.drain(copies=2)
    job = person.get(f"/v1/crawl-jobs/{job['id']}")
    assert (job["status"], get_counts(job)) == ("completed", (6, 5, 0, 1))
    assert site.hits["/photos/0.jpg"] == asked
    assert site.hits["/missing.jpg"] == 1
    assert session.scalars(select(FetchFailure.reason)).all() == ["http_404"]
    image = session.scalars(select(Image).where(Image.original_url == down[0])).one()
    assert (image.label, image.caption) == ("cat", "A cat")
    for chunk in session.scalars(select(CrawlChunk)):
        assert chunk.downloaded + chunk.duplicate + chunk.failed == chunk.url_count
        assert len(chunk.urls or []) == chunk.url_count
    assert system.mailbox.topics().count("crawl-completed") == 2


def test_cancelled_job_goes_on(site: Site, start: Start, system: System, person: Person) -> None:
    job_id = start(site.photos(6), chunk_size=2)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    ready = [one for one in system.mailbox.take() if one.topic == "chunk-ready"]
    system.deliver(ready[1])
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    job = person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    assert (job["status"], job["total_chunks"], get_counts(job)) == ("running", 3, (6, 2, 0, 0))
    # The messages of the first run are still on their way.
    for envelope in ready:
        system.deliver(envelope)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], get_counts(job)) == ("completed", (6, 6, 0, 0))
    assert site.hits["/photos/2.jpg"] == 1


def test_worker_of_the_cancelled_run_cannot_write(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    gate = threading.Event()
    job_id = start([site.put("/slow.jpg", photo(0), gate=gate)])
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    ready = next(one for one in system.mailbox.take() if one.topic == "chunk-ready")
    zombie = threading.Thread(target=lambda: system.deliver(ready))
    zombie.start()
    site.wait_for("/slow.jpg")
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    gate.set()
    zombie.join(60)
    assert session.scalar(select(func.count()).select_from(Image)) == 0
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], get_counts(job)) == ("completed", (1, 1, 0, 0))


def test_job_cancelled_before_it_was_planned_starts_anew(
    site: Site, start: Start, system: System, person: Person
) -> None:
    job_id = start(site.photos(2))
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    job = person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    assert job["status"] == "pending"
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], get_counts(job)) == ("completed", (2, 2, 0, 0))


def test_the_same_address_twice_is_retried_as_often_as_it_failed(
    site: Site, crawl: Callable[..., Any], system: System, person: Person
) -> None:
    down = site.put("/down.jpg", b"later", status=408)
    job = crawl([down, down, *site.photos(1)])
    assert get_counts(job) == (3, 1, 0, 2)
    site.put("/down.jpg", photo(5))
    person.post(f"/v1/crawl-jobs/{job['id']}/retry", status=202)
    system.drain()
    assert get_counts(person.get(f"/v1/crawl-jobs/{job['id']}")) == (3, 2, 1, 0)


def test_nothing_to_retry(site: Site, crawl: Callable[..., Any], person: Person) -> None:
    job = crawl([*site.photos(1), f"{site.base_url}/missing.jpg"])
    problem = person.post(f"/v1/crawl-jobs/{job['id']}/retry", status=409)
    assert "nothing to retry" in problem["detail"]
    assert person.get(f"/v1/crawl-jobs/{job['id']}") == job


def test_job_at_work_cannot_be_retried(start: Start, person: Person) -> None:
    job_id = start(["https://example.com/cat.jpg"])
    assert "at work" in person.post(f"/v1/crawl-jobs/{job_id}/retry", status=409)["detail"]


def test_retried_at_the_same_time_runs_once(
    site: Site, crawl: Callable[..., Any], system: System, person: Person
) -> None:
    down = site.put("/down.jpg", b"later", status=408)
    job = crawl([down, *site.photos(1)])
    site.put("/down.jpg", photo(5))
    path = f"/v1/crawl-jobs/{job['id']}/retry"
    responses = in_parallel([lambda: person.request("POST", path) for _ in range(5)])
    assert sorted(one.status_code for one in responses) == [202, *[409] * 4]
    system.drain()
    assert get_counts(person.get(f"/v1/crawl-jobs/{job['id']}")) == (2, 2, 0, 0)

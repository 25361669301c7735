"""Fetching when workers die, stall or lose their chunk, and when jobs end under them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.messaging.messages import ChunkReady, SweepDue
from shared.messaging.outbox import Envelope
from shared.models import CrawlChunk, FetchFailure, Image
from shared.services import services
from shared.storage.bucket import Storage
from tests.harness import Person, System
from tests.sites import Site, allow_sites, photo

Start = Callable[..., str]


class HeldDelivery:
    """A delivery that is under way in a thread, held up at the photo site."""

    def __init__(self, system: System, site: Site, path: str) -> None:
        self._site, self._path = site, path
        self._statuses: list[int] = []
        (self.ready,) = plan(system)
        self._thread = threading.Thread(
            target=lambda: self._statuses.extend(system.deliver(self.ready))
        )
        self._thread.start()
        site.wait_for(path)

    def finish(self) -> list[int]:
        """Release the delivery, wait for its end, and return its status."""
        gate = self._site.replies[self._path].gate
        assert gate is not None
        gate.set()
        return self.join()

    def join(self) -> list[int]:
        """Wait for its end."""
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self._statuses


def plan(system: System) -> list[Envelope]:
    """Plan the job that was started; return the messages that announce its chunks."""
    for requested in system.mailbox.take():
        system.deliver(requested)
    return [one for one in system.mailbox.take() if one.topic == "chunk-ready"]


@pytest.fixture
def held_up(site: Site) -> str:
    """The address of a photograph that the site does not send until it is let go."""
    return site.put("/slow.jpg", photo(7), gate=threading.Event())


@pytest.fixture
def worker(site: Site, held_up: str, start: Start, system: System) -> tuple[str, HeldDelivery]:
    """A crawl job of four photographs whose worker has three and waits for the fourth."""
    job_id = start([*site.photos(3), held_up])
    return job_id, HeldDelivery(system, site, "/slow.jpg")


def job_of(person: Person, job_id: str) -> Any:
    """The job as the API shows it."""
    return person.get(f"/v1/crawl-jobs/{job_id}")


def images(session: Session) -> int:
    """The number of images."""
    return session.scalar(select(func.count()).select_from(Image)) or 0


def objects(project: str) -> list[str]:
    """The names of the project's objects in the bucket."""
    return [
        name
        for kind in ("images", "variants")
        for name in services().storage.list_names(f"{kind}/{project}/")
    ]


def test_cancelled_worker_writes_nothing(
    worker: tuple[str, HeldDelivery], system: System, session: Session, person: Person, project: str
) -> None:
    job_id, running = worker
    job = person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    assert (job["status"], job["total_images"], job["failed_images"]) == ("cancelled", 4, 4)
    assert job["completed_at"] is not None
    assert running.finish() == [204]
    system.drain()
    assert images(session) == 0
    assert objects(project) == []
    assert job_of(person, job_id)["status"] == "cancelled"
    assert session.scalars(select(FetchFailure.reason)).all() == ["cancelled"] * 4
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_cancelled_worker_stops_early(
    site: Site, held_up: str, start: Start, system: System, person: Person
) -> None:
    with allow_sites(site, lease=1):
        job_id = start([held_up])
        running = HeldDelivery(system, site, "/slow.jpg")
        person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
        # The site still holds the photograph back: only the heartbeat can end this.
        assert running.join() == [204]


def test_deleted_project_leaves_nothing(
    worker: tuple[str, HeldDelivery], system: System, session: Session, person: Person, project: str
) -> None:
    _, running = worker
    assert person.request("DELETE", f"/v1/projects/{project}").status_code == 204
    system.drain()
    assert running.finish() == [204]
    system.drain()
    assert images(session) == 0
    assert objects(project) == []


def test_a_worker_that_is_lost_in_a_second_crawl_counts_nothing_twice(
    site: Site, held_up: str, start: Start, system: System, session: Session, person: Person
) -> None:
    start(site.photos(3))
    system.drain()
    job_id = start([*site.photos(3), held_up])
    zombie = HeldDelivery(system, site, "/slow.jpg")
    expire(session)
    second = threading.Thread(target=lambda: sweep(system))
    second.start()
    site.wait_for("/slow.jpg", times=2)
    assert zombie.finish() == [204]
    second.join(60)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["downloaded_images"], job["duplicate_images"]) == ("completed", 1, 3)
    assert images(session) == 7
    assert [site.hits[f"/photos/{number}.jpg"] for number in range(3)] == [1, 1, 1]


def test_zombie_writes_nothing_after_the_chunk_was_taken_over(
    worker: tuple[str, HeldDelivery], site: Site, system: System, session: Session, person: Person
) -> None:
    job_id, zombie = worker
    expire(session)
    second = threading.Thread(target=lambda: sweep(system))
    second.start()
    site.wait_for("/slow.jpg", times=2)
    assert zombie.finish() == [204]
    second.join(60)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["downloaded_images"], job["duplicate_images"]) == ("completed", 4, 0)
    assert images(session) == 4
    assert session.scalars(select(CrawlChunk.attempts)).all() == [1, 1]  # in halves
    for name in session.scalars(select(Image.file_path)):
        assert services().storage.find(name or "")


def test_live_lease_is_respected(
    worker: tuple[str, HeldDelivery], site: Site, system: System, session: Session
) -> None:
    _, running = worker
    assert system.deliver(running.ready) == [204]
    assert site.hits["/photos/0.jpg"] == 1
    assert session.scalars(select(CrawlChunk.attempts)).all() == [1]
    running.finish()
    system.drain()
    assert images(session) == 4


def test_heartbeat_keeps_the_lease(
    site: Site, held_up: str, start: Start, system: System, session: Session, person: Person
) -> None:
    with allow_sites(site, lease=1):
        job_id = start([held_up])
        running = HeldDelivery(system, site, "/slow.jpg")
        ends = select(CrawlChunk.lease_expires_at)
        first = session.scalars(ends).one()
        wait_until(session, lambda: session.scalars(ends).one() != first)
        running.finish()
    system.drain()
    assert job_of(person, job_id)["status"] == "completed"


def test_trouble_with_the_bucket_hands_the_chunk_back(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(3))
    (ready,) = plan(system)
    with break_storage():
        assert system.deliver(ready) == [500]
    assert images(session) == 0
    assert system.deliver(ready, attempt=2) == [204]
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["downloaded_images"]) == ("completed", 3)


def test_chunk_on_which_every_attempt_fails_is_given_up(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(3))
    (ready,) = plan(system)
    with break_storage():
        for attempt in range(5):
            assert system.deliver(ready, attempt=attempt + 1) == [500]
    system.dead_letter(ready, "crawler-fetch")
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["failed_images"], job["failed_chunks"]) == ("failed", 3, 1)
    assert "5 times" in job["error"]
    reasons = session.scalars(select(FetchFailure.reason)).all()
    assert reasons == ["chunk_failed"] * 3
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_what_the_time_does_not_suffice_for_moves_to_another_chunk(
    site: Site, held_up: str, start: Start, system: System, session: Session, person: Person
) -> None:
    urls = [*site.photos(3), held_up, f"{site.base_url}/missing.jpg"]
    with allow_sites(site, crawl_budget=3):
        job_id = start(urls)
        (ready,) = plan(system)
        assert system.deliver(ready) == [204]
    job = job_of(person, job_id)
    assert (job["status"], job["total_chunks"], job["total_images"]) == ("running", 2, 5)
    assert (job["downloaded_images"], job["failed_images"], job["progress"]) == (3, 1, 80)
    gate = site.replies["/slow.jpg"].gate
    assert gate is not None
    gate.set()
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["downloaded_images"], job["failed_images"]) == ("completed", 4, 1)
    assert site.hits["/photos/0.jpg"] == 1
    assert session.scalars(select(FetchFailure.reason)).all() == ["http_404"]


def test_chunk_in_which_nothing_answers_in_time_ends(
    site: Site, held_up: str, start: Start, system: System, session: Session, person: Person
) -> None:
    with allow_sites(site, crawl_budget=1):
        job_id = start([held_up])
        system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["failed_images"], job["total_chunks"]) == ("completed", 1, 1)
    failures = session.scalars(select(FetchFailure)).all()
    assert [(one.reason, one.retryable) for one in failures] == [("deadline", True)]


def test_object_that_was_removed_meanwhile_gets_no_row(
    site: Site,
    start: Start,
    system: System,
    session: Session,
    person: Person,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker finds the object of an image in the bucket; then the image goes with its job."""
    first = start(site.photos(1))
    system.drain()
    assert job_of(person, first)["status"] == "completed"
    found: list[str] = []
    put_once = Storage.put_once

    def noted(storage: Storage, name: str, *given: Any, **more: Any) -> bool:
        made = put_once(storage, name, *given, **more)
        found.extend([] if made else [name])
        return made

    monkeypatch.setattr(Storage, "put_once", noted)
    slow = site.put("/slow.jpg", photo(7), gate=threading.Event())
    second = start([*site.photos(1), slow], refresh="always")
    running = HeldDelivery(system, site, "/slow.jpg")
    wait_until(session, lambda: len(found) == 2)
    assert person.request("DELETE", f"/v1/crawl-jobs/{first}").status_code == 204
    system.drain()
    assert objects(project) == []
    assert running.finish() == [500]
    assert images(session) == 0
    assert system.deliver(running.ready, attempt=2) == [204]  # the chunk was handed back
    system.drain()
    assert job_of(person, second)["downloaded_images"] == 2
    for name in session.scalars(select(Image.file_path)):
        assert services().storage.find(name or "")


def expire(session: Session) -> None:
    """Make every lease run out, as if its worker had died long ago."""
    session.execute(
        update(CrawlChunk)
        .where(CrawlChunk.status == "running")
        .values(lease_expires_at=func.now() - text("interval '1 second'"))
    )
    session.commit()


def sweep(system: System) -> None:
    """Run the sweep, and what it hands out."""
    system.send(SweepDue())
    system.drain()


def wait_until(session: Session, holds: Callable[[], bool]) -> None:
    """Return once something holds; fail the test after half a minute."""
    clock = threading.Event()
    for _ in range(600):
        session.rollback()
        if holds():
            return
        clock.wait(0.05)
    raise AssertionError("it did not happen in half a minute")


@contextmanager
def break_storage() -> Iterator[None]:
    """A bucket that cannot be reached."""
    process = services()
    whole = process.storage

    class Unreachable(Storage):
        def __init__(self) -> None:
            pass

        def put_once(
            self, name: str, data: bytes, content_type: str, *, cache_control: str | None = None
        ) -> bool:
            raise ConnectionError("the bucket cannot be reached")

    process.built["storage"] = Unreachable()
    try:
        yield
    finally:
        process.built["storage"] = whole


def test_message_for_a_chunk_that_is_gone_is_acknowledged(system: System) -> None:
    ready = ChunkReady(crawl_job_id=UUID(int=1), chunk_id=UUID(int=2))
    system.send(ready)
    system.drain()
    assert system.statuses == [204]

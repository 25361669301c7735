"""Variants that a crawl job asks for: the job waits for them, and counts what cannot be made."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.crawls.chunks import VARIANTS
from shared.crawls.leases import lease_chunk
from shared.database.transactions import transaction
from shared.messaging.messages import SweepDue
from shared.messaging.outbox import Envelope
from shared.models import CrawlChunk, FetchFailure, Image, ImageVariant
from shared.services import services
from shared.storage.bucket import Storage
from tests.harness import Person, System, in_parallel
from tests.sites import Site, allow_sites, photo

Start = Callable[..., str]

SMALL: dict[str, Any] = {"name": "small", "width": 32, "height": 32, "format": "webp"}
READY = "variant-chunk-ready"


@pytest.fixture
def project(person: Person) -> str:
    return str(person.post("/v1/projects", {"name": "Animals"})["id"])


def job_of(person: Person, job_id: str) -> Any:
    return person.get(f"/v1/crawl-jobs/{job_id}")


def hold_back(system: System, topic: str = READY) -> list[Envelope]:
    """Deliver all but the messages of a topic; return those."""
    held: list[Envelope] = []
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == topic:
                held.append(envelope)
            else:
                system.deliver(envelope)
    return held


def variants(session: Session) -> list[tuple[str | None, str]]:
    """The addresses and names of the variants beside thumbnails."""
    session.expire_all()
    rows = session.execute(
        select(Image.original_url, ImageVariant.name)
        .join(ImageVariant)
        .where(ImageVariant.name != "thumbnail")
        .order_by(Image.original_url)
    )
    return [(url, name) for url, name in rows]


def kill(session: Session, ready: Envelope) -> None:
    """Leave a chunk as a worker does that is killed: under a lease that nobody renews."""
    chunk_id = UUID(ready.body["chunk_id"])
    with transaction(services().engine) as worker:
        assert lease_chunk(worker, chunk_id, VARIANTS, 60)
    session.execute(
        update(CrawlChunk)
        .where(CrawlChunk.id == chunk_id)
        .values(lease_expires_at=func.now() - text("interval '1 second'"))
    )
    session.commit()


def test_the_job_waits_for_its_variants(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    urls = site.photos(3)
    job_id = start(urls, variants=["thumbnail", SMALL])
    (ready,) = hold_back(system)
    job = job_of(person, job_id)
    assert (job["status"], job["progress"], job["stage"]) == ("running", 99, "analyzing")
    assert (job["total_images"], job["downloaded_images"]) == (3, 3)
    assert job["work"]["variants"] == {"total": 3, "done": 0, "failed": 0}
    assert "crawl-completed" not in system.mailbox.topics()
    for _ in range(2):
        system.deliver(ready)
    system.drain(copies=2)
    job = job_of(person, job_id)
    assert (job["status"], job["progress"], job["error"]) == ("completed", 100, None)
    assert job["stage"] is None
    assert job["work"]["variants"] == {"total": 3, "done": 3, "failed": 0}
    assert (job["total_images"], job["downloaded_images"], job["failed_images"]) == (3, 3, 0)
    assert variants(session) == [(url, "small") for url in urls]
    assert system.mailbox.topics().count("crawl-completed") == 1
    kinds = [one["kind"] for one in person.get(f"/v1/crawl-jobs/{job_id}/chunks")["items"]]
    assert kinds == ["variants", "urls"]


def test_an_export_at_the_end_holds_all_of_them(
    site: Site, crawl: Callable[..., Any], system: System, person: Person
) -> None:
    job = crawl(site.photos(70), variants=[SMALL], chunk_size=30)
    assert job["work"]["variants"] == {"total": 70, "done": 70, "failed": 0}
    body = {"name": "e", "format": "csv", "options": {"variant": "small"}}
    export = person.post(f"/v1/crawl-jobs/{job['id']}/export-jobs", body, 202)
    system.drain()
    assert person.get(f"/v1/export-jobs/{export['id']}")["exported_images"] == 70


def test_variants_that_cannot_be_made_are_counted_and_named(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    urls = site.photos(3)
    job_id = start(urls, variants=[SMALL])
    (ready,) = hold_back(system)
    gone = session.scalars(select(Image).where(Image.original_url == urls[1])).one()
    services().storage.delete([gone.file_path or ""])
    system.deliver(ready)
    system.drain()
    job = job_of(person, job_id)
    assert job["status"] == "completed"
    assert job["work"]["variants"] == {"total": 3, "done": 2, "failed": 1}
    assert "Variants of 1 images could not be made (missing: 1)" in job["error"]
    assert (job["total_images"], job["downloaded_images"], job["failed_images"]) == (3, 3, 0)
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    (named,) = report["failed_variants"]
    assert (named["image_id"], named["reason"]) == (str(gone.id), "missing")
    assert (named["url"], report["failed_urls"]) == (urls[1], [])
    assert report["failure_reasons"] == {}


def test_an_image_that_is_deleted_meanwhile_owes_nothing(
    site: Site, start: Start, system: System, session: Session, person: Person, project: str
) -> None:
    job_id = start(site.photos(3), variants=[SMALL])
    (ready,) = hold_back(system)
    image = person.get(f"/v1/projects/{project}/images")["items"][0]
    assert person.request("DELETE", f"/v1/images/{image['id']}").status_code == 204
    system.deliver(ready)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["error"]) == ("completed", None)
    assert job["work"]["variants"] == {"total": 2, "done": 2, "failed": 0}


def test_all_images_are_deleted_meanwhile(
    site: Site, start: Start, system: System, person: Person, project: str
) -> None:
    job_id = start(site.photos(2), variants=[SMALL])
    (ready,) = hold_back(system)
    for image in person.get(f"/v1/projects/{project}/images")["items"]:
        person.request("DELETE", f"/v1/images/{image['id']}")
    system.deliver(ready)
    system.drain()
    assert job_of(person, job_id)["status"] == "completed"


def test_what_kills_its_worker_is_found_and_the_job_ends(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    urls = site.photos(5)
    job_id = start(urls, variants=[SMALL])
    poison = urls[3]
    deaths = 0
    while waiting := system.mailbox.take():
        for envelope in waiting:
            session.rollback()
            chunk = (
                session.get(CrawlChunk, UUID(envelope.body["chunk_id"]))
                if envelope.topic == READY
                else None
            )
            if chunk is not None and any(one["url"] == poison for one in chunk.urls or []):
                deaths += 1
                kill(session, envelope)
                system.send(SweepDue())
            else:
                system.deliver(envelope)
    assert deaths <= 3 + 2
    job = job_of(person, job_id)
    assert job["status"] == "completed"
    assert job["work"]["variants"] == {"total": 5, "done": 4, "failed": 1}
    assert "killed_its_worker: 1" in job["error"]
    assert (job["downloaded_images"], job["failed_images"]) == (5, 0)
    assert len(variants(session)) == 4


def test_an_attempt_that_fails_hands_the_chunk_back(
    site: Site,
    start: Start,
    system: System,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_id = start(site.photos(2), variants=[SMALL])
    (ready,) = hold_back(system)

    def unreachable(*_: Any) -> bytes:
        raise ConnectionError("the bucket cannot be reached")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "read", unreachable)
        assert system.deliver(ready) == [500]
    assert system.deliver(ready, attempt=2) == [204]
    system.drain()
    assert job_of(person, job_id)["work"]["variants"]["done"] == 2


def test_a_dead_letter_fails_the_chunk_and_a_retry_makes_it(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(2), variants=[SMALL])
    (ready,) = hold_back(system)
    system.dead_letter(ready, "renditions-derive-chunk")
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["failed_images"]) == ("completed", 0)
    assert job["work"]["variants"] == {"total": 2, "done": 0, "failed": 2}
    assert "chunk_failed: 2" in job["error"]
    job = person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    assert job["work"]["variants"] == {"total": 2, "done": 0, "failed": 0}
    system.drain(copies=2)
    job = job_of(person, job_id)
    assert (job["status"], job["error"]) == ("completed", None)
    assert job["work"]["variants"] == {"total": 2, "done": 2, "failed": 0}
    assert len(variants(session)) == 2
    assert session.scalars(select(FetchFailure)).all() == []


def test_a_cancelled_job_leaves_no_object_without_a_row(
    site: Site,
    start: Start,
    system: System,
    session: Session,
    person: Person,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_id = start(site.photos(2), variants=[SMALL])
    (ready,) = hold_back(system)
    put_once = Storage.put_once

    def meanwhile(storage: Storage, *given: Any, **more: Any) -> bool:
        made = put_once(storage, *given, **more)
        in_parallel([lambda: person.request("POST", f"/v1/crawl-jobs/{job_id}/cancel")])
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_once", meanwhile)
        assert system.deliver(ready) == [204]
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["failed_images"]) == ("cancelled", 0)
    assert job["work"]["variants"] == {"total": 2, "done": 0, "failed": 2}
    assert variants(session) == []
    assert not [n for n in services().storage.list_names(f"variants/{project}/") if "small" in n]
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    system.drain()
    assert job_of(person, job_id)["work"]["variants"] == {"total": 2, "done": 2, "failed": 0}


def test_a_deleted_project_ends_quietly(
    site: Site, start: Start, system: System, person: Person, project: str
) -> None:
    start(site.photos(2), variants=[SMALL])
    (ready,) = hold_back(system)
    person.request("DELETE", f"/v1/projects/{project}")
    assert system.deliver(ready) == [204]
    system.drain()
    assert services().storage.list_names(f"variants/{project}/") == []


def test_what_the_time_does_not_suffice_for_moves_to_another_chunk(
    site: Site, start: Start, system: System, person: Person
) -> None:
    job_id = start(site.photos(3), variants=[SMALL])
    (ready,) = hold_back(system)
    with allow_sites(site, crawl_budget=0):
        system.deliver(ready)
        job = job_of(person, job_id)
        assert job["work"]["variants"] == {"total": 3, "done": 1, "failed": 0}
        system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["total_chunks"]) == ("completed", 4)
    assert job["work"]["variants"] == {"total": 3, "done": 3, "failed": 0}


def test_a_new_variant_is_made_of_images_that_the_project_has_already(
    site: Site, crawl: Callable[..., Any], session: Session, system: System
) -> None:
    urls = site.photos(3)
    first = crawl(urls[:2])
    again = crawl(urls, variants=["thumbnail", SMALL])
    assert (again["downloaded_images"], again["duplicate_images"]) == (1, 2)
    assert again["work"]["variants"] == {"total": 3, "done": 3, "failed": 0}
    jobs = session.execute(
        select(Image.original_url, Image.crawl_job_id)
        .join(ImageVariant)
        .where(ImageVariant.name == "small")
        .order_by(Image.original_url)
    ).all()
    assert [str(job) for _, job in jobs] == [first["id"], first["id"], again["id"]]
    asked = system.mailbox.topics().count(READY)
    third = crawl(urls, variants=[SMALL])  # they are there, as specified
    assert third["work"]["variants"] == {"total": 0, "done": 0, "failed": 0}
    assert system.mailbox.topics().count(READY) == asked


def test_a_new_variant_is_made_of_an_upload_that_the_crawl_repeats(
    site: Site, crawl: Callable[..., Any], person: Person, project: str, system: System
) -> None:
    upload = person.upload(project, photo(0))
    system.uploaded(f"uploads/{project}/{upload['image_id']}")
    system.drain()
    job = crawl(site.photos(1), variants=[SMALL])
    assert (job["duplicate_images"], job["error"]) == (1, None)
    assert job["work"]["variants"] == {"total": 1, "done": 1, "failed": 0}


def test_a_thumbnail_is_made_of_images_that_have_none(
    site: Site, crawl: Callable[..., Any], session: Session
) -> None:
    urls = site.photos(2)
    crawl(urls, variants=[])
    assert session.scalars(select(ImageVariant)).all() == []
    crawl(urls)
    originals = session.scalars(select(Image).where(~Image.is_duplicate)).all()
    assert len(originals) == 2
    for image in originals:
        named = session.scalars(
            select(ImageVariant.object).where(ImageVariant.image_id == image.id)
        ).one()
        assert named == image.processed_path
        assert services().storage.find(named)


def test_without_dedup_every_image_has_its_variant(
    site: Site, crawl: Callable[..., Any], session: Session
) -> None:
    urls = [*site.photos(1), site.put("/copy.jpg", photo(0))]
    job = crawl(urls, variants=[SMALL], dedup="none")
    assert job["work"]["variants"] == {"total": 2, "done": 2, "failed": 0}
    assert hashlib.sha256(photo(0)).hexdigest() in session.scalars(select(Image.sha256)).all()
    assert len(variants(session)) == 2

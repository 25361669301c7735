"""Asking origins again while workers die, come late, or lose what they work for."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import SweepDue
from shared.messaging.outbox import Envelope
from shared.models import Image, Project, VerificationChunk, VerificationResult
from shared.services import services
from shared.verifications.chunks import lease_verification
from tests import factories
from tests.harness import Person, System
from tests.sites import Site, allow_sites, photo
from tests.verifying import count, results, serve_photos

Crawl = Callable[..., Any]
Verify = Callable[..., Any]
NOTHING = {"reason": None, "detail": None, "redirected_to": None}
MIXED = (
    *("/same.jpg", "/again.jpg", "/other.jpg", "/missing.jpg", "/withdrawn.jpg", "/page.jpg"),
    *("/private/x.jpg", "/noai.jpg", "/reserved/x.jpg", "/slow.jpg", "/broken.jpg", "/circle.jpg"),
    *("/forbidden.jpg", "/empty.jpg", "/cut.jpg"),
)


def run_with_poison(system: System, session: Session, poison: UUID) -> int:
    """Run what waits; whoever is handed the poison is killed. Return how many were."""
    deaths = 0
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == "verification-chunk-ready" and holds(session, envelope, poison):
                deaths += kill(session, envelope)
                system.send(SweepDue())
            else:
                system.deliver(envelope)
        assert deaths < 30, "it goes on for ever"
    return deaths


def holds(session: Session, ready: Envelope, image_id: UUID) -> bool:
    """Return whether a worker would meet an image in this chunk."""
    session.rollback()
    ids = select(VerificationResult.image_id).where(
        VerificationResult.chunk_id == UUID(ready.body["chunk_id"])
    )
    return image_id in session.scalars(ids).all()


def kill(session: Session, ready: Envelope) -> int:
    """Leave a chunk as a worker does that is killed: under a lease that nobody renews."""
    chunk_id = UUID(ready.body["chunk_id"])
    with transaction(services().engine) as worker:
        leased = lease_verification(worker, chunk_id, 60)
    session.execute(
        update(VerificationChunk)
        .where(VerificationChunk.id == chunk_id, VerificationChunk.status == "running")
        .values(lease_expires_at=func.now() - text("interval '1 second'"))
    )
    session.commit()
    return leased is not None


@pytest.mark.parametrize("images", [1, 13])
def test_what_kills_its_worker_costs_no_other_outcome(
    site: Site,
    crawl: Crawl,
    system: System,
    session: Session,
    person: Person,
    project: str,
    images: int,
) -> None:
    crawl(site.photos(images))
    poison = session.scalars(select(Image.id).order_by(Image.id).limit(1)).one()
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    deaths = run_with_poison(system, session, poison)
    assert deaths <= 4 + 2  # halves of 13, and twice alone
    job = person.get(f"/v1/verification-jobs/{job['id']}")
    outcomes = {"unreachable": 1} | ({"same_bytes": images - 1} if images > 1 else {})
    assert count(job) == outcomes
    assert job["status"] == ("completed" if images > 1 else "failed")
    reasons = [one["reason"] for one in results(person, job, "&outcome=unreachable").values()]
    assert reasons == ["killed_its_worker"]
    answer = person.request("POST", f"/v1/verification-jobs/{job['id']}/retry", {})
    assert answer.status_code == 409


def test_a_worker_that_only_seemed_dead_writes_nothing(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person, project: str
) -> None:
    crawl(list(serve_photos(site, ("/a.jpg", "/b.jpg")).values()))
    gate = threading.Event()
    site.put("/a.jpg", photo(20), gate=gate)
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.extend(system.deliver(ready)))
    thread.start()
    site.wait_for("/a.jpg", times=2)
    session.execute(
        update(VerificationChunk).values(lease_expires_at=func.now() - text("interval '1 second'"))
    )
    session.commit()
    system.send(SweepDue())
    system.deliver(system.mailbox.take()[0])
    site.replies["/a.jpg"] = serve_again = site.replies["/b.jpg"]
    assert serve_again.gate is None
    system.drain()
    gate.set()
    thread.join(60)
    assert statuses == [204]
    job = person.get(f"/v1/verification-jobs/{job['id']}")
    # What the second worker saw: the photograph of b at both addresses.
    assert count(job) == {"same_bytes": 1, "different_picture": 1}
    assert results(person, job)["/a.jpg"]["sha256"] == results(person, job)["/b.jpg"]["sha256"]


def test_two_thousand_images_over_chunks(
    site: Site, system: System, session: Session, person: Person, project: str, verify: Verify
) -> None:
    served = hashlib.sha256(photo(0)).hexdigest()
    crawl_job = factories.crawl_job(session, session.get_one(Project, UUID(project)))
    session.add_all(
        factories.image_row(
            session,
            crawl_job,
            sha256=served,
            image_hash=None,
            original_url=site.put(f"/{number}.jpg", photo(0))
            if number % 4
            else f"{site.base_url}/x/{number}",
        )
        for number in range(2000)
    )
    session.commit()
    assert count(verify()) == {"same_bytes": 1500, "gone": 500}
    assert session.scalar(select(func.count()).select_from(VerificationChunk)) == 20
    assert set(session.scalars(select(VerificationChunk.status))) == {"completed"}
    assert site.hits["/robots.txt"] == 20


def test_a_worker_whose_chunk_another_has_taken_over_writes_nothing(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person, project: str
) -> None:
    crawl([site.put("/a.jpg", photo(0))])
    first, second = threading.Event(), threading.Event()
    site.put("/a.jpg", photo(20), gate=first)
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    zombie = threading.Thread(target=lambda: system.deliver(ready))
    zombie.start()
    site.wait_for("/a.jpg", times=2)
    session.execute(
        update(VerificationChunk).values(lease_expires_at=func.now() - text("interval '1 second'"))
    )
    session.commit()
    site.put("/a.jpg", photo(0), gate=second)
    system.send(SweepDue())
    heir = threading.Thread(target=system.drain)
    heir.start()
    site.wait_for("/a.jpg", times=3)
    first.set()
    zombie.join(60)
    assert person.get(f"/v1/verification-jobs/{job['id']}")["progress"] == 0
    second.set()
    heir.join(60)
    assert count(person.get(f"/v1/verification-jobs/{job['id']}")) == {"same_bytes": 1}


@pytest.mark.parametrize("copies", [1, 2])
def test_redelivered_messages_change_nothing(
    site: Site, crawl: Crawl, system: System, person: Person, project: str, copies: int
) -> None:
    crawl(site.photos(5))
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    system.drain(copies=copies)
    assert count(person.get(f"/v1/verification-jobs/{job['id']}")) == {"same_bytes": 5}
    assert system.mailbox.topics().count("verification-job-completed") == 1


def test_what_the_time_does_not_suffice_for_moves_to_another_chunk(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person, project: str
) -> None:
    crawl(list(serve_photos(site, ("/a.jpg", "/b.jpg")).values()))
    site.put("/b.jpg", photo(1), gate=threading.Event())
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    with allow_sites(site, crawl_budget=1):
        (requested,) = system.mailbox.take()
        system.deliver(requested)
        (ready,) = system.mailbox.take()
        assert system.deliver(ready) == [204]
    running = person.get(f"/v1/verification-jobs/{job['id']}")
    assert (running["status"], running["progress"], running["same_bytes"]) == ("running", 50, 1)
    statuses = session.scalars(select(VerificationChunk.status)).all()
    assert sorted(statuses) == ["completed", "pending"]
    gate = site.replies["/b.jpg"].gate
    assert gate is not None
    gate.set()
    system.drain()
    assert count(person.get(f"/v1/verification-jobs/{job['id']}")) == {"same_bytes": 2}


def test_a_chunk_in_which_nothing_answers_in_time_ends(
    site: Site, crawl: Crawl, verify: Verify, person: Person
) -> None:
    crawl([site.put("/a.jpg", photo(0))])
    site.put("/a.jpg", photo(0), gate=threading.Event())
    with allow_sites(site, crawl_budget=1):
        job = verify()
    assert count(job) == {"unreachable": 1}
    assert results(person, job)["/a.jpg"]["reason"] == "deadline"


def test_images_that_are_deleted_under_the_worker(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person, project: str
) -> None:
    crawl(list(serve_photos(site, ("/a.jpg", "/b.jpg", "/c.jpg")).values()))
    site.put("/a.jpg", photo(0), gate=threading.Event())
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    thread = threading.Thread(target=lambda: system.deliver(ready))
    thread.start()
    site.wait_for("/a.jpg", times=2)
    for path in ("/a.jpg", "/b.jpg"):
        image_id = session.scalar(select(Image.id).where(Image.original_url.endswith(path)))
        assert person.request("DELETE", f"/v1/images/{image_id}").status_code == 204
    gate = site.replies["/a.jpg"].gate
    assert gate is not None
    gate.set()
    thread.join(60)
    system.drain()
    job = person.get(f"/v1/verification-jobs/{job['id']}")
    assert (job["status"], job["total_images"]) == ("completed", 1)
    assert count(job) == {"same_bytes": 1}


def test_a_project_that_is_deleted_under_the_worker(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person, project: str
) -> None:
    crawl([site.put("/a.jpg", photo(0))])
    site.put("/a.jpg", photo(0), gate=threading.Event())
    person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.extend(system.deliver(ready)))
    thread.start()
    site.wait_for("/a.jpg", times=2)
    assert person.request("DELETE", f"/v1/projects/{project}").status_code == 204
    gate = site.replies["/a.jpg"].gate
    assert gate is not None
    gate.set()
    thread.join(60)
    system.drain()
    assert statuses == [204]
    for table in (VerificationChunk, VerificationResult):
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_chunk_on_which_every_attempt_fails_is_given_up(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person, project: str
) -> None:
    crawl(site.photos(2))
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    system.dead_letter(ready, "verifier-check")
    system.drain()
    job = person.get(f"/v1/verification-jobs/{job['id']}")
    assert (job["status"], count(job)) == ("failed", {"unreachable": 2})
    assert "5 times" in job["error"]
    person.post(f"/v1/verification-jobs/{job['id']}/retry", {}, 202)
    system.drain()
    assert count(person.get(f"/v1/verification-jobs/{job['id']}")) == {"same_bytes": 2}

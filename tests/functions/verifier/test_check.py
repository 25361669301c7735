"""Asking origins again: each outcome, and what happens when workers die."""

import hashlib
import io
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import SweepDue
from shared.messaging.outbox import Envelope
from shared.models import Image, Project, RightsRecord, VerificationChunk, VerificationResult
from shared.services import services
from shared.verifications.chunks import lease_verification
from tests import factories
from tests.embedding import save, xmp
from tests.harness import Person, System
from tests.sites import Site, allow_sites, photo, serve
from tests.verifying import count, encode_again, results, serve_photos

Crawl = Callable[..., Any]
Verify = Callable[..., Any]
NOTHING = {"reason": None, "detail": None, "redirected_to": None}
MIXED = (
    *("/same.jpg", "/again.jpg", "/other.jpg", "/missing.jpg", "/withdrawn.jpg", "/page.jpg"),
    *("/private/x.jpg", "/noai.jpg", "/reserved/x.jpg", "/slow.jpg", "/broken.jpg", "/circle.jpg"),
    *("/forbidden.jpg", "/empty.jpg", "/cut.jpg"),
)


def change(site: Site, paths: tuple[str, ...]) -> None:
    """Let something else happen at each path than when its photograph was taken."""
    site.put("/again.jpg", encode_again(paths.index("/again.jpg")))
    site.put("/other.jpg", photo(30))
    del site.replies["/missing.jpg"]
    site.put("/withdrawn.jpg", b"gone", "text/plain", status=410)
    site.page("/page.jpg", "<h1>No such picture</h1>")
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private/", "text/plain")
    site.put("/noai.jpg", photo(paths.index("/noai.jpg")), headers=[("X-Robots-Tag", "noai")])
    reserved = b'[{"location": "/reserved/", "tdm-reservation": 1}]'
    site.put("/.well-known/tdmrep.json", reserved, "application/json")
    site.put("/slow.jpg", photo(9), gate=threading.Event())
    site.put("/broken.jpg", b"", "text/plain", status=500)
    site.put("/circle.jpg", b"", status=302, headers=[("Location", "/circle.jpg")])
    site.put("/forbidden.jpg", b"no", "text/plain", status=403)
    site.put("/empty.jpg", b"")
    site.put("/cut.jpg", photo(paths.index("/cut.jpg"))[:900])


def test_every_outcome(site: Site, crawl: Crawl, verify: Verify, person: Person) -> None:
    crawl(list(serve_photos(site, MIXED).values()))
    change(site, MIXED)
    with allow_sites(site, crawl_timeout=1):
        job = verify()
    assert (job["status"], job["progress"], job["error"]) == ("completed", 100, None)
    found = results(person, job)
    assert {path: (one["outcome"], one["reason"]) for path, one in found.items()} == {
        "/same.jpg": ("same_bytes", None),
        "/again.jpg": ("same_picture", None),
        "/other.jpg": ("different_picture", "other_picture"),
        "/missing.jpg": ("gone", "http_404"),
        "/withdrawn.jpg": ("gone", "http_410"),
        "/page.jpg": ("gone", "not_an_image"),
        "/private/x.jpg": ("opted_out", "robots"),
        "/noai.jpg": ("opted_out", "opted_out"),
        "/reserved/x.jpg": ("opted_out", "opted_out"),
        "/slow.jpg": ("unreachable", "timeout"),
        "/broken.jpg": ("unreachable", "http_500"),
        "/circle.jpg": ("gone", "too_many_redirects"),
        "/forbidden.jpg": ("unreachable", "http_403"),
        "/empty.jpg": ("gone", "empty"),
        "/cut.jpg": ("different_picture", "truncated"),
    }
    assert count(job) == {
        "same_bytes": 1,
        "same_picture": 1,
        "different_picture": 2,
        "gone": 5,
        "opted_out": 3,
        "unreachable": 3,
    }
    assert "text/html" in found["/page.jpg"]["detail"]
    assert "noai" in found["/noai.jpg"]["detail"]
    assert 0 <= found["/again.jpg"]["distance"] <= 4 < found["/other.jpg"]["distance"]
    assert found["/same.jpg"].items() >= {**NOTHING, "http_status": 200, "distance": None}.items()


def test_nothing_is_stored_of_what_is_served_now(
    site: Site, crawl: Crawl, verify: Verify, session: Session, project: str
) -> None:
    crawl(list(serve_photos(site, ("/a.jpg", "/b.jpg")).values()))
    before = session.execute(select(Image.id, Image.sha256, Image.updated_at)).all()
    kept = sorted(services().storage.list_names(f"images/{project}/"))
    site.put("/a.jpg", photo(20))
    assert count(verify()) == {"same_bytes": 1, "different_picture": 1}
    session.rollback()
    assert session.execute(select(Image.id, Image.sha256, Image.updated_at)).all() == before
    assert sorted(services().storage.list_names(f"images/{project}/")) == kept


@pytest.mark.parametrize(("distance", "outcome"), [(0, "different_picture"), (16, "same_picture")])
def test_how_near_a_picture_must_be(
    site: Site, crawl: Crawl, verify: Verify, person: Person, distance: int, outcome: str
) -> None:
    crawl([site.put("/a.jpg", photo(0, side=300))])
    site.put("/a.jpg", encode_again(0, quality=3))
    job = verify(max_distance=distance)
    (result,) = results(person, job).values()
    assert 0 < result["distance"] <= 16
    assert count(job) == {outcome: 1}


def test_placeholders_are_named(site: Site, crawl: Crawl, verify: Verify, person: Person) -> None:
    """One picture in place of three others; two that are swapped are none."""
    paths = ("/a.jpg", "/b.jpg", "/c.jpg", "/d.jpg", "/e.jpg")
    crawl(list(serve_photos(site, paths).values()), chunk_size=2)
    for path in paths[:3]:
        site.put(path, photo(30))
    for path in paths[3:]:
        site.put(path, photo(31))
    job = verify()
    reasons = {path: one["reason"] for path, one in results(person, job).items()}
    assert reasons == dict.fromkeys(paths[:3], "placeholder") | dict.fromkeys(
        paths[3:], "other_picture"
    )


def test_a_redirect_to_another_host_is_noted(
    site: Site, crawl: Crawl, verify: Verify, person: Person
) -> None:
    crawl(list(serve_photos(site, ("/a.jpg", "/b.jpg")).values()))
    with serve() as other:
        target = other.put("/moved.jpg", photo(0)).replace("127.0.0.1", "localhost")
        site.put("/a.jpg", b"", status=301, headers=[("Location", target)])
        site.put("/b.jpg", b"", status=301, headers=[("Location", "/c.jpg")])
        site.put("/c.jpg", photo(1))
        port = other.base_url.rpartition(":")[2]
        with allow_sites(site, Site(f"http://localhost:{port}")):
            job = verify()
    found = results(person, job)
    assert count(job) == {"same_bytes": 2}
    assert [found[path]["redirected_to"] for path in ("/a.jpg", "/b.jpg")] == [target, None]


def test_a_robots_file_that_cannot_be_read_opts_nobody_out(
    site: Site, crawl: Crawl, verify: Verify, person: Person
) -> None:
    crawl([site.put("/a.jpg", photo(0))])
    site.put("/robots.txt", b"", "text/plain", status=500)
    job = verify()
    assert count(job) == {"unreachable": 1}
    assert "robots.txt could not be read" in results(person, job)["/a.jpg"]["detail"]


@pytest.mark.parametrize(
    ("of_crawl", "of_job", "outcome"),
    [
        ({}, {}, "opted_out"),
        ({"rights": "ignore"}, {}, "same_bytes"),
        ({"rights": "ignore"}, {"rights": "respect"}, "opted_out"),
        ({}, {"rights": "ignore"}, "same_bytes"),
    ],
)
def test_images_are_asked_for_on_the_terms_of_their_crawl_or_of_the_job(
    site: Site,
    crawl: Crawl,
    verify: Verify,
    of_crawl: dict[str, Any],
    of_job: dict[str, Any],
    outcome: str,
) -> None:
    crawl([site.put("/a.jpg", photo(0))], **of_crawl)
    site.put("/a.jpg", photo(0), headers=[("Content-Usage", "train-ai=n")])
    assert count(verify(**of_job)) == {outcome: 1}


@pytest.mark.parametrize(
    ("of_crawl", "served", "outcome"),
    [
        ("respect", "reserved", "opted_out"),  # the same picture, with a reservation in its file
        ("ignore", "same", "opted_out"),  # the same bytes, which reserved it all along
        ("opt_in_only", "same", "same_bytes"),  # the same bytes, which allow it
        ("opt_in_only", "plain", "opted_out"),
    ],
)
def test_what_files_say_themselves_is_heeded(
    site: Site, crawl: Crawl, verify: Verify, of_crawl: str, served: str, outcome: str
) -> None:
    picture = Pillow.open(io.BytesIO(photo(0)))
    files = {
        "plain": photo(0),
        "reserved": save(picture, "jpeg", xmp(tdm_reservation="1")),
        "allowed": save(picture, "jpeg", xmp(tdm_reservation="0")),
    }
    taken = {"respect": "plain", "ignore": "reserved", "opt_in_only": "allowed"}[of_crawl]
    assert crawl([site.put("/a.jpg", files[taken])], rights=of_crawl)["downloaded_images"] == 1
    site.put("/a.jpg", files[taken if served == "same" else served])
    job = verify(rights="respect") if of_crawl == "ignore" else verify()
    assert count(job) == {outcome: 1}


def test_the_ledger_has_what_was_met_beside_what_allowed_the_image(
    site: Site, crawl: Crawl, verify: Verify, session: Session, person: Person
) -> None:
    crawl([site.put("/a.jpg", photo(0))])
    (image,) = session.scalars(select(Image))
    first = person.get(f"/v1/images/{image.id}/rights")["items"]
    site.put("/a.jpg", photo(0), headers=[("X-Robots-Tag", "noai")])
    job = verify()
    shown = person.get(f"/v1/images/{image.id}/rights")["items"]
    assert shown[: len(first)] == first
    assert [one["verification_job_id"] for one in first] == [None]
    assert [
        (one["source"], one["decision"], one["verification_job_id"]) for one in shown[len(first) :]
    ] == [("robots.txt", "allowed", job["id"]), ("x-robots-tag", "refused", job["id"])]
    assert len(set(session.scalars(select(RightsRecord.crawl_job_id)))) == 1


def test_a_host_that_is_no_more_is_gone_where_other_names_are_found(
    site: Site,
    crawl: Crawl,
    verify: Verify,
    session: Session,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import socket

    def look_up(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    port = site.base_url.rpartition(":")[2]
    named = Site(f"http://localhost:{port}", site.replies, site.hits, site.asked)
    with allow_sites(site, named):
        crawl(list(serve_photos(named, ("/a.jpg", "/b.jpg")).values()))
        rename(session, "/b.jpg", "http://host.invalid/b.jpg")
        with monkeypatch.context() as patch:
            patch.setattr("shared.fetching.names.socket.getaddrinfo", look_up)
            job = verify()
            assert count(job) == {"same_bytes": 1, "gone": 1}
            assert results(person, job)["/b.jpg"]["reason"] == "no_such_host"
            rename(session, "/a.jpg", f"{site.base_url}/a.jpg")  # of which DNS is not asked
            job = verify()
    assert count(job) == {"same_bytes": 1, "unreachable": 1}
    assert results(person, job)["/b.jpg"]["reason"] == "dns_error"


def rename(session: Session, path: str, url: str) -> None:
    """Change where an image came from."""
    session.execute(update(Image).where(Image.original_url.endswith(path)).values(original_url=url))
    session.commit()


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

"""Asking origins again: each outcome."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.models import Image, RightsRecord
from shared.services import services
from tests.embedding import save, xmp
from tests.harness import Person
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


def rename(session: Session, path: str, url: str) -> None:
    """Change where an image came from."""
    session.execute(update(Image).where(Image.original_url.endswith(path)).values(original_url=url))
    session.commit()


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

"""Each address is asked once in a verification, however many of its images are from there."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from functions.verifier import plan
from shared.models import Image, VerificationResult
from tests.harness import Person, System
from tests.sites import Site, photo
from tests.verifying import count, results

Crawl = Callable[..., Any]
Verify = Callable[..., Any]


@pytest.mark.parametrize("portion", [2, 5000])
def test_a_project_that_was_crawled_again_is_asked_once(
    site: Site,
    crawl: Crawl,
    verify: Verify,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    portion: int,
) -> None:
    monkeypatch.setattr(plan, "PORTION", portion)
    urls = site.photos(3)
    crawl(urls)
    again = crawl(urls)
    site.put("/photos/1.jpg", photo(1), headers=[("X-Robots-Tag", "noai")])
    del site.replies["/photos/2.jpg"]
    site.hits.clear()
    job = verify()
    assert count(job) == {"same_bytes": 2, "opted_out": 2, "gone": 2}
    assert {site.hits[f"/photos/{number}.jpg"] for number in range(3)} == {1}
    assert len(results(person, job)) == 3
    # An image that was not asked for itself shows what was met, too.
    path = f"/v1/projects/{job['project_id']}/images?crawl_job_id={again['id']}"
    (refused,) = [
        one for one in person.get(path)["items"] if one["original_url"].endswith("/1.jpg")
    ]
    signals = person.get(f"/v1/images/{refused['id']}/rights")["items"]
    assert "refused" in {one["decision"] for one in signals}


def test_other_terms_are_another_question(site: Site, crawl: Crawl, verify: Verify) -> None:
    urls = site.photos(1)
    crawl(urls)
    crawl(urls, rights="ignore")
    site.put("/photos/0.jpg", photo(0), headers=[("X-Robots-Tag", "noai")])
    site.hits.clear()
    assert count(verify()) == {"same_bytes": 1, "opted_out": 1}
    assert site.hits["/photos/0.jpg"] == 2


def test_other_bytes_are_compared_with_their_own(site: Site, crawl: Crawl, verify: Verify) -> None:
    (url,) = site.photos(1)
    crawl([url])
    site.put("/photos/0.jpg", photo(5))
    crawl([url], refresh="always")
    assert count(verify()) == {"same_bytes": 1, "different_picture": 1}


def test_the_others_are_asked_for_when_the_one_is_deleted(
    site: Site,
    crawl: Crawl,
    verify: Verify,
    person: Person,
    project: str,
    system: System,
    session: Session,
) -> None:
    urls = site.photos(2)
    for _ in range(3):
        crawl(urls)
    job = person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    first = session.scalars(select(Image.id).order_by(Image.id).limit(2)).all()
    session.execute(delete(VerificationResult).where(VerificationResult.image_id.in_(first)))
    session.commit()
    site.hits.clear()
    system.drain()
    shown = person.get(f"/v1/verification-jobs/{job['id']}")
    assert (shown["status"], count(shown)) == ("completed", {"same_bytes": 4})
    assert {site.hits[f"/photos/{number}.jpg"] for number in range(2)} == {1}


def test_a_retry_asks_once_as_well(
    site: Site, crawl: Crawl, verify: Verify, person: Person, system: System
) -> None:
    (url,) = site.photos(1)
    crawl([url])
    crawl([url])
    site.put("/photos/0.jpg", b"no", "text/plain", status=403)
    job = verify()
    assert count(job) == {"unreachable": 2}
    site.photos(1)
    site.hits.clear()
    path = f"/v1/verification-jobs/{job['id']}"
    person.post(f"{path}/retry", status=202)
    system.drain()
    assert count(person.get(path)) == {"same_bytes": 2}
    assert site.hits["/photos/0.jpg"] == 1

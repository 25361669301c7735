"""The ledger of rights explains each image that a crawl took, and each that it did not."""

import hashlib
import io
from collections.abc import Callable
from itertools import chain
from typing import Any
from uuid import UUID

import PIL.Image
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import FetchFailure, Image, RightsRecord, SiteFile
from shared.rights.rsl import NAMESPACE
from shared.services import services
from shared.storage.names import list_project_prefixes
from tests.credentials import mining, put_in_jpeg, store
from tests.embedding import PLUS, save, xmp
from tests.harness import Person
from tests.sites import Site, photo

Crawl = Callable[..., Any]
ROBOTS = b"User-agent: *\nDisallow: /private/\nContent-Usage: /art/ train-ai=n\nLicense: /rsl.xml\n"
RESERVATIONS = b'[{"location": "/archive/", "tdm-reservation": 1}]'
TERMS = (
    b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/open/"><license>'
    b'<permits type="usage">ai-train</permits></license></content></rsl>'
)
REFUSING = TERMS.replace(b"permits", b"prohibits").replace(b"/open/", b"/")
EMBEDDED = {
    "reserved.jpg": xmp(tdm_reservation="1"),
    "mining.png": xmp(plus_DataMining=f"{PLUS}DMI-PROHIBITED-AIMLTRAINING"),
    "allowed.webp": xmp(plus_DataMining=f"{PLUS}DMI-ALLOWED"),
    "generated.jpg": xmp(Iptc4xmpExt_DigitalSourceType="trainedAlgorithmicMedia"),
}
SIGNED_STORE = store([("cawg.training-mining", mining({"cawg.ai_training": "notAllowed"}))])


@pytest.fixture
def mixed(site: Site) -> dict[str, str]:
    """Photographs on a site that mixes all signals; whether each may be taken."""
    site.put("/robots.txt", ROBOTS, "text/plain")
    site.put("/.well-known/tdmrep.json", RESERVATIONS, "application/json")
    site.put("/rsl.xml", TERMS, "application/rsl+xml")
    site.put("/no-rsl.xml", REFUSING, "application/rsl+xml")
    headers = {
        "/plain.jpg": [],
        "/private/x.jpg": [],
        "/art/x.jpg": [],
        "/archive/x.jpg": [],
        "/archive/released.jpg": [("tdm-reservation", "0")],
        "/open/x.jpg": [],
        "/header.jpg": [("Content-Usage", "train-ai=n")],
        "/tag.jpg": [("X-Robots-Tag", "noai")],
        "/yes.jpg": [("Content-Usage", "train-ai=y")],
        "/linked.jpg": [("Link", '</no-rsl.xml>; rel="license"; type="application/rsl+xml"')],
    }
    reasons = {"/private/x.jpg": "robots"} | dict.fromkeys(
        ("/art/x.jpg", "/archive/x.jpg", "/header.jpg", "/tag.jpg", "/linked.jpg"), "opted_out"
    )
    refused = ("reserved.jpg", "mining.png", "signed.jpg")
    reasons |= {f"/embedded/{name}": "opted_out" for name in refused}
    files = {path: photo(number) for number, path in enumerate(headers)}
    for number, (name, packet) in enumerate(EMBEDDED.items(), len(files)):
        picture = PIL.Image.open(io.BytesIO(photo(number)))
        kind = name.rpartition(".")[2].replace("jpg", "jpeg")
        files[f"/embedded/{name}"] = save(picture, kind, packet)
    files["/embedded/signed.jpg"] = put_in_jpeg(photo(len(files)), SIGNED_STORE)
    return {
        site.put(path, data, headers=headers.get(path, [])): reasons.get(path, "taken")
        for path, data in files.items()
    }


def signals(person: Person, image: Image) -> dict[str, tuple[str, bool | None, str]]:
    items = person.get(f"/v1/images/{image.id}/rights")["items"]
    return {one["source"]: (one["value"], one["allows"], one["decision"]) for one in items}


def test_the_ledger_explains_what_was_taken_and_what_was_not(
    site: Site, crawl: Crawl, mixed: dict[str, str], session: Session, person: Person
) -> None:
    job = crawl(list(mixed))
    images = {image.original_url: image for image in session.scalars(select(Image))}
    failures = {one.url: one.reason for one in session.scalars(select(FetchFailure))}
    assert dict.fromkeys(images, "taken") | failures == mixed
    assert job["downloaded_images"] == 6
    allowed = ("allows the address", None, "allowed")
    assert signals(person, images[f"{site.base_url}/plain.jpg"]) == {"robots.txt": allowed}
    assert signals(person, images[f"{site.base_url}/archive/released.jpg"]) == {
        "robots.txt": allowed,
        "tdmrep.json": ("tdm-reservation=1", False, "allowed"),
        "tdm-reservation": ("tdm-reservation=0", True, "allowed"),
    }
    assert signals(person, images[f"{site.base_url}/open/x.jpg"]) == {
        "robots.txt": allowed,
        "rsl": ("ai-train is permitted", True, "allowed"),
    }
    assert signals(person, images[f"{site.base_url}/embedded/allowed.webp"]) == {
        "robots.txt": allowed,
        "xmp": ("plus:DataMining=DMI-ALLOWED", True, "allowed"),
    }
    refused = session.execute(
        select(RightsRecord.source, RightsRecord.value).where(RightsRecord.decision == "refused")
    )
    assert set(map(tuple, refused)) == {
        ("robots.txt", "forbids /private/x.jpg"),
        ("content-usage", "train-ai=n"),
        ("tdmrep.json", "tdm-reservation=1"),
        ("x-robots-tag", "noai"),
        ("rsl", "ai-train is not permitted"),
        ("c2pa", "cawg.ai_training=notAllowed"),
        ("xmp", "tdm:reservation=1"),
        ("xmp", "plus:DataMining=DMI-PROHIBITED-AIMLTRAINING"),
    }


def test_every_image_and_every_failure_is_explained(
    site: Site, crawl: Crawl, mixed: dict[str, str], session: Session
) -> None:
    """Rows say of each what was decided, and by what; none says otherwise."""
    crawl(list(mixed))
    ledger = {row.id: row for row in session.scalars(select(RightsRecord))}
    images = session.scalars(select(Image)).all()
    assert images
    for image in images:
        rows = [ledger[one] for one in image.rights_signal_ids or []]
        assert {"robots.txt"} <= {row.source for row in rows}
        assert {row.decision for row in rows} == {"allowed"}
    failures = session.scalars(select(FetchFailure)).all()
    assert failures
    refusing = [row for row in ledger.values() if row.decision == "refused"]
    for failure in failures:
        path = failure.url.removeprefix(site.base_url)
        explaining = [row for row in refusing if row.address == failure.url or path in row.value]
        named = [row for row in refusing if row.value in (failure.detail or "")]
        assert explaining or named, failure.url


def test_what_its_file_refuses_is_not_stored(
    crawl: Crawl, mixed: dict[str, str], project: str, session: Session
) -> None:
    crawl([address for address in mixed if "/embedded/" in address])
    named = session.execute(select(Image.file_path, Image.processed_path)).all()
    assert len(named) == 2
    stored = [
        name
        for prefix in list_project_prefixes(UUID(project))
        for name in services().storage.list_names(prefix)
    ]
    assert sorted(stored) == sorted(filter(None, chain(*named)))


def test_what_robots_forbid_is_refused_by_them_alone(
    site: Site, crawl: Crawl, session: Session
) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /x\nContent-Usage: train-ai=n", "text/plain")
    page = site.page("/x", '<img src="/photos/0.jpg">')
    crawl({"type": "pages", "pages": [page]})
    decisions = session.execute(select(RightsRecord.source, RightsRecord.decision))
    assert [tuple(row) for row in decisions] == [("robots.txt", "refused")]


def test_what_is_superseded_refuses_nothing(site: Site, crawl: Crawl, session: Session) -> None:
    site.put("/.well-known/tdmrep.json", b'{"location": "/", "tdm-reservation": 1}')
    headers = [("tdm-reservation", "0"), ("Content-Usage", "train-ai=n")]
    crawl([site.put("/x.jpg", photo(0), headers=headers)])
    refused = select(RightsRecord.source).where(RightsRecord.decision == "refused")
    assert session.scalars(refused).all() == ["content-usage"]


def test_files_of_a_site_are_kept_once_as_evidence(
    site: Site, crawl: Crawl, mixed: dict[str, str], session: Session, person: Person
) -> None:
    crawl(list(mixed), chunk_size=2)
    crawl([f"{site.base_url}/plain.jpg"], refresh="always")
    kept = {file.sha256: file.content for file in session.scalars(select(SiteFile))}
    assert sorted(kept.values()) == sorted([ROBOTS, RESERVATIONS, TERMS, REFUSING])
    assert all(hashlib.sha256(content).hexdigest() == name for name, content in kept.items())
    plain = Image.original_url == f"{site.base_url}/plain.jpg"
    image = session.scalars(select(Image).where(plain, ~Image.is_duplicate)).one()
    (shown,) = person.get(f"/v1/images/{image.id}/rights")["items"]
    assert kept[shown["evidence_hash"]] == ROBOTS
    assert shown["address"] == f"{site.base_url}/robots.txt"
    # One row for a host's robots.txt, however many images and chunks there are.
    rows = select(RightsRecord.crawl_job_id).where(RightsRecord.value == "allows the address")
    assert len(session.scalars(rows).all()) == 2


@pytest.mark.parametrize(
    ("rights", "taken"),
    [
        (
            "opt_in_only",
            {"/archive/released.jpg", "/embedded/allowed.webp", "/open/x.jpg", "/yes.jpg"},
        ),
        (
            "ignore",
            {"/plain.jpg", "/art/x.jpg", "/archive/x.jpg", "/archive/released.jpg", "/open/x.jpg"}
            | {"/header.jpg", "/tag.jpg", "/yes.jpg", "/linked.jpg"}
            | {f"/embedded/{name}" for name in (*EMBEDDED, "signed.jpg")},
        ),
    ],
)
def test_policies(
    site: Site,
    crawl: Crawl,
    mixed: dict[str, str],
    session: Session,
    person: Person,
    rights: str,
    taken: set[str],
) -> None:
    job = crawl(list(mixed), rights=rights)
    assert job["options"]["rights"] == rights
    images = {image.original_url: image for image in session.scalars(select(Image))}
    assert {str(url).removeprefix(site.base_url) for url in images} == taken
    for image in images.values():
        assert all(one[2] == "allowed" for one in signals(person, image).values())


def test_an_image_knows_what_its_page_said(
    site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    site.photos(2)
    page = site.page(
        "/",
        "<meta name=robots content=noarchive><meta name=tdm-reservation content=0>"
        '<img src="/photos/0.jpg">',
    )
    closed = site.page("/closed", '<meta name=tdm-reservation content=1><img src="/photos/1.jpg">')
    terms = '<rsl:content url=""><rsl:license><rsl:prohibits>ai-train</rsl:prohibits></rsl:license>'
    script = f'<rsl:rsl xmlns:rsl="{NAMESPACE}">{terms}</rsl:content></rsl:rsl>'
    licensed = site.page(
        "/licensed", f'<script type=application/rsl+xml>{script}</script><img src="/photos/1.jpg">'
    )
    job = crawl({"type": "pages", "pages": [page, closed, licensed]})
    (image,) = session.scalars(select(Image))
    assert signals(person, image) == {
        "robots.txt": ("is not there", None, "allowed"),
        "robots-meta": ("noarchive", None, "allowed"),
        "tdm-meta": ("tdm-reservation=0", True, "allowed"),
    }
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert {one["url"]: one["reason"] for one in report["failed_pages"]} == {
        closed: "opted_out",
        licensed: "opted_out",
    }

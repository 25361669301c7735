"""Listing the addresses of images from before there was a memory of them."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls import image_sources
from shared.crawls.image_sources import list_older_sources
from shared.fetching.urls import hash_address, normalise
from shared.messaging.messages import ExpiryDue
from shared.models import AddressRecord, Project, SourceListing
from tests import factories
from tests.harness import Person, System

_MEASURED = {"phash": 1, "width": 10, "height": 10}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    """A project that the migration found."""
    project = factories.project(session, person.id)
    session.add(SourceListing(project_id=project.id, position=UUID(int=0)))
    session.commit()
    return project


def add(session: Session, project: Project, url: str | None, **columns: Any) -> None:
    factories.image(session, project, original_url=url, **{**_MEASURED, **columns})


def test_addresses_are_listed_in_batches_until_all_are(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_sources, "LISTED", 2)
    urls = [f"HTTP://Example.com/{number} x.jpg#part" for number in range(5)]
    for number, url in enumerate(urls):
        add(session, project, url, sha256=f"{number:064}")
    steps = 0
    while list_older_sources(session):
        steps += 1
    assert steps == 3
    rows = session.scalars(select(AddressRecord)).all()
    assert {row.address: row.sha256 for row in rows} == {
        hash_address(normalise(url)): f"{number:064}" for number, url in enumerate(urls)
    }
    assert session.scalars(select(SourceListing)).all() == []


def test_what_brought_no_picture_is_left_out_and_what_is_known_stays(
    session: Session, project: Project
) -> None:
    add(session, project, None)
    add(session, project, "no address")
    add(session, project, "http://a.example/failed.jpg", status="failed")
    add(session, project, "http://a.example/1.jpg", sha256="0" * 64)
    known = {"address": hash_address("http://a.example/1.jpg"), "sha256": "1" * 64, **_MEASURED}
    session.add(AddressRecord(project_id=project.id, **known))
    session.flush()
    assert list_older_sources(session)
    assert session.scalars(select(AddressRecord.sha256)).all() == ["1" * 64]


def test_hourly_upkeep_lists_them_and_a_project_goes_with_all(
    system: System, person: Person, session: Session, project: Project
) -> None:
    add(session, project, "http://a.example/1.jpg", sha256="2" * 64)
    session.commit()
    system.send(ExpiryDue())
    system.drain()
    assert session.scalars(select(AddressRecord.sha256)).all() == ["2" * 64]
    assert person.request("DELETE", f"/v1/projects/{project.id}").status_code == 204
    system.drain()
    session.expire_all()
    assert session.scalars(select(AddressRecord.sha256)).all() == []

"""Listing the signals under which an image was taken."""

from uuid import uuid4

from sqlalchemy.orm import Session

from shared.models import Image, RightsRecord
from tests import factories
from tests.harness import Person, System


def store(session: Session, owner: Person) -> Image:
    """An image of a crawl that met two signals, and a third for another image."""
    job = factories.crawl_job(session, factories.project(session, owner.id))
    image = factories.image(session, job)
    ids = [uuid4(), uuid4(), uuid4()]
    for number, row_id in enumerate(ids):
        session.add(
            RightsRecord(
                id=row_id,
                crawl_job_id=job.id,
                address=f"https://a.example/{number}",
                host="a.example",
                source="content-usage",
                value="train-ai=y",
                allows=True,
                decision="allowed",
            )
        )
    image.rights_signal_ids = ids[:2]
    session.commit()
    return image


def test_the_signals_of_an_image(person: Person, session: Session) -> None:
    image = store(session, person)
    items = person.get(f"/v1/images/{image.id}/rights")["items"]
    assert [one.pop("address") for one in items] == ["https://a.example/0", "https://a.example/1"]
    assert all(one.pop("fetched_at") for one in items)
    assert items == 2 * [
        {
            "source": "content-usage",
            "value": "train-ai=y",
            "allows": True,
            "decision": "allowed",
            "evidence_hash": None,
            "verification_job_id": None,
        }
    ]


def test_an_image_of_before_has_no_signals(person: Person, session: Session) -> None:
    image = store(session, person)
    image.rights_signal_ids = None
    session.commit()
    assert person.get(f"/v1/images/{image.id}/rights") == {"items": []}


def test_signals_of_other_crawls_are_not_shown(
    person: Person, session: Session, system: System
) -> None:
    image, foreign = store(session, person), store(session, system.person())
    image.rights_signal_ids = foreign.rights_signal_ids
    session.commit()
    assert person.get(f"/v1/images/{image.id}/rights") == {"items": []}


def test_a_stranger_learns_nothing(person: Person, session: Session, system: System) -> None:
    image = store(session, person)
    assert system.person().request("GET", f"/v1/images/{image.id}/rights").status_code == 404

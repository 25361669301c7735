"""Deleting a project with all that belongs to it."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.messaging.outbox import Envelope
from shared.models import ActivityLog, Base, ExportJob, Project, ValidationJob
from shared.services import services
from tests import factories
from tests.harness import Person, System

SMALL = {"name": "small", "width": 16, "format": "png"}


def list_stored(prefix: str = "") -> list[str]:
    return services().storage.list_names(prefix)


def fill(system: System, person: Person, session: Session) -> Project:
    """Return a project with images, variants, uploads, a validation and an export."""
    project = factories.project(session, person.id)
    crawl = factories.crawl_job(session, project)
    image = factories.store_image(session, crawl)
    person.post(f"/v1/images/{image.id}/variants", {"variants": [SMALL]}, 202)
    person.upload(project.id, b"this has not been ingested yet")
    person.post(f"/v1/crawl-jobs/{crawl.id}/export-jobs", {"name": "e", "format": "zip"}, 202)
    person.post(
        f"/v1/crawl-jobs/{crawl.id}/validation-jobs", {"name": "v", "rules": {"min_width": 9}}, 202
    )
    system.drain()
    return project


def test_rows_and_objects_go(system: System, person: Person, session: Session) -> None:
    before = set(list_stored())
    project = fill(system, person, session)
    kept = fill(system, person, session)
    kept_objects = {name for name in list_stored() if str(kept.id) in name}
    made = set(list_stored()) - before
    assert {name.split("/")[0] for name in made} == {"images", "variants", "uploads", "exports"}
    assert person.request("DELETE", f"/v1/projects/{project.id}").status_code == 204
    assert person.request("GET", f"/v1/projects/{project.id}").status_code == 404
    system.drain(copies=2)
    assert set(system.statuses) == {204}
    left = {name for name in set(list_stored()) - before if not name.startswith("exports/")}
    assert left == kept_objects
    (export,) = session.scalars(select(ExportJob)).all()
    assert set(list_stored("exports/")) - before == {export.object}
    for table in Base.metadata.sorted_tables:
        if "project_id" in table.c:
            assert session.scalars(select(table.c.project_id).distinct()).all() in ([], [kept.id])
    assert session.scalars(select(func.count()).select_from(ValidationJob)).one() == 1


def test_the_deletion_is_remembered(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    person.request("DELETE", f"/v1/projects/{project.id}")
    (entry,) = session.scalars(select(ActivityLog)).all()
    assert (entry.action, entry.resource_id) == ("project.delete", str(project.id))


@pytest.mark.parametrize(
    "topic", ["export-requested", "variants-requested", "validation-requested"]
)
def test_work_in_flight_ends_quietly(
    system: System, person: Person, session: Session, topic: str
) -> None:
    """Messages that are delivered once the project has gone leave neither rows nor objects."""
    before = list_stored()
    project = factories.project(session, person.id)
    crawl = factories.crawl_job(session, project)
    image = factories.store_image(session, crawl)
    body = {"name": "x", "format": "tar"}
    match topic:
        case "export-requested":
            person.post(f"/v1/projects/{project.id}/export-jobs", body, 202)
        case "validation-requested":
            path = f"/v1/crawl-jobs/{crawl.id}/validation-jobs"
            person.post(path, {"name": "x", "rules": {"min_width": 5}}, 202)
        case "variants-requested":
            person.post(f"/v1/images/{image.id}/variants", {"variants": [SMALL]}, 202)
    person.request("DELETE", f"/v1/projects/{project.id}")
    late: list[Envelope] = system.mailbox.take()
    assert [one.topic for one in late] == [topic, "objects-released"]
    for order in (late[::-1], late):
        for envelope in order:
            system.deliver(envelope)
    system.drain()
    assert set(system.statuses) == {204}
    assert list_stored() == before


def test_an_event_of_a_bucket_that_comes_late(
    system: System, person: Person, session: Session
) -> None:
    before = list_stored()
    project = factories.project(session, person.id)
    upload = person.upload(project.id, factories.picture())
    event = system.uploaded(f"uploads/{project.id}/{upload['image_id']}")
    system.mailbox.take()
    person.request("DELETE", f"/v1/projects/{project.id}")
    system.drain()
    services().storage.put_once(event.body["name"], b"put again", "image/jpeg")
    system.uploaded(event.body["name"])
    system.drain()
    assert list_stored() == before

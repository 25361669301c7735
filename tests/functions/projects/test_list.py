"""Listing one's projects."""

from sqlalchemy.orm import Session

from tests import factories
from tests.harness import Person, System, expect


def test_newest_first_with_their_counts(system: System, person: Person, session: Session) -> None:
    old, new = (factories.project(session, person.id, name=name) for name in ("old", "new"))
    factories.project(session, system.person().id)
    factories.images(session, factories.crawl_job(session, old), 2)
    factories.image(session, old, status="processing")
    shown = person.get("/v1/projects")["items"]
    assert [(one["name"], one["image_count"], one["crawl_job_count"]) for one in shown] == [
        ("new", 0, 0),
        ("old", 3, 1),
    ]
    assert shown[0]["id"] == str(new.id)


def test_pages_are_stable_while_projects_are_added(person: Person, session: Session) -> None:
    for name in "abcde":
        factories.project(session, person.id, name=name)
    names, cursor = [], ""
    while cursor is not None:
        page = person.get(f"/v1/projects?limit=2&cursor={cursor}")
        names += [project["name"] for project in page["items"]]
        cursor = page["next_cursor"]
        factories.project(session, person.id, name="added meanwhile")
    assert names == ["e", "d", "c", "b", "a"]


def test_limits(person: Person) -> None:
    for limit in (0, 201, -1, "x", 1.5):
        expect(person.request("GET", f"/v1/projects?limit={limit}"), 422)
    assert person.get("/v1/projects?limit=200") == {"items": [], "next_cursor": None}

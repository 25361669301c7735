"""Listing a project's images."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Image, Project
from tests import factories
from tests.harness import Person, expect


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


@pytest.fixture
def gallery(session: Session, project: Project) -> dict[str, Image]:
    """An image for every filter, each of which picks it out of the others."""
    crawl = factories.crawl_job(session, project)
    first = factories.image(session, project)
    return {
        "first": first,
        "crawled": factories.image(session, crawl),
        "processing": factories.image(session, project, status="processing", is_valid=True),
        "invalid": factories.image(session, project, is_valid=False),
        "duplicate": factories.image(
            session, project, is_duplicate=True, duplicate_of=first.id, image_hash=None
        ),
        "labelled": factories.image(session, project, label="Katze, weiß"),
        "png": factories.image(session, project, format="png"),
        "wide": factories.image(session, project, width=4000),
        "high": factories.image(session, project, height=3000),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("crawl_job_id={crawl_job_id}", {"crawled"}),
        ("status=processing", {"processing"}),
        ("valid=false", {"invalid"}),
        ("duplicate=true", {"duplicate"}),
        ("label=Katze, weiß", {"labelled"}),
        ("format=png", {"png"}),
        ("min_width=4000", {"wide"}),
        ("min_height=3000", {"high"}),
        ("min_width=641&min_height=481", set()),
        ("duplicate=true&valid=false", set()),
        ("label=nobody", set()),
    ],
)
def test_filters(
    person: Person, project: Project, gallery: dict[str, Image], query: str, names: set[str]
) -> None:
    query = query.format(crawl_job_id=gallery["crawled"].crawl_job_id)
    found = person.get(f"/v1/projects/{project.id}/images?{query}")["items"]
    assert {image["id"] for image in found} == {str(gallery[name].id) for name in names}


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("valid=true", "invalid"),
        ("duplicate=false", "duplicate"),
        ("status=completed", "processing"),
        ("format=jpeg", "png"),
        ("format=jpg", "png"),
    ],
)
def test_the_other_side_of_filters(
    person: Person, project: Project, gallery: dict[str, Image], query: str, missing: str
) -> None:
    found = person.get(f"/v1/projects/{project.id}/images?{query}")["items"]
    left_out = {name for name, image in gallery.items() if str(image.id) not in str(found)}
    assert left_out == {missing}


def test_an_image_is_shown_with_all_its_fields(
    person: Person, session: Session, project: Project
) -> None:
    factories.image(session, project, phash=-1, sharpness=1.5, image_hash="secret")
    (shown,) = person.get(f"/v1/projects/{project.id}/images")["items"]
    assert shown["phash"] == "f" * 16
    assert shown["user_id"] == str(person.id)
    # The names of API.md, no more and no fewer.
    fields: Any = """id project_id crawl_job_id user_id original_url file_name status mime_type
        file_size width height format sha256 phash label caption license attribution creator
        source_page
        is_valid is_duplicate duplicate_of failure_reason processed_path rejected reject_reason
        rejected_with metadata created_at updated_at"""
    assert set(shown) == set(fields.split())


def test_pages_are_stable_while_rows_come_and_go(
    person: Person, session: Session, project: Project
) -> None:
    old = factories.images(session, project, 7)
    path = f"/v1/projects/{project.id}/images?limit=3"
    seen, page = [], person.get(path)
    while True:
        seen += [image["id"] for image in page["items"]]
        if page["next_cursor"] is None:
            break
        factories.image(session, project)
        session.delete(old.pop())  # one that was shown, the cursor's own among them
        session.commit()
        page = person.get(f"{path}&cursor={page['next_cursor']}")
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("valid=perhaps", "/valid"),
        ("status=lost", "/status"),
        ("crawl_job_id=1", "/crawl_job_id"),
        ("min_width=-1", "/min_width"),
        ("format=J", "/format"),
        ("format=heic", "/format"),
        ("colour=red", "/colour"),
    ],
)
def test_bad_filters_are_named(person: Person, project: Project, query: str, pointer: str) -> None:
    problem = expect(person.request("GET", f"/v1/projects/{project.id}/images?{query}"), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    if pointer == "/format":
        assert "'jpeg', 'png'" in problem["errors"][0]["detail"]


def test_limits_are_inclusive(person: Person, session: Session, project: Project) -> None:
    factories.images(session, project, 60)
    path = f"/v1/projects/{project.id}/images"
    assert len(person.get(path)["items"]) == 50
    assert len(person.get(f"{path}?limit=1")["items"]) == 1
    assert len(person.get(f"{path}?limit=200")["items"]) == 60


def test_a_cursor_of_another_list_is_refused(
    person: Person, session: Session, project: Project
) -> None:
    factories.images(session, project, 2)
    factories.project(session, person.id)
    cursor = person.get("/v1/projects?limit=1")["next_cursor"]
    expect(person.request("GET", f"/v1/projects/{project.id}/images?cursor={cursor}"), 400)


def test_another_project_of_the_same_person(person: Person, session: Session) -> None:
    mine, also_mine = (factories.project(session, person.id) for _ in range(2))
    factories.image(session, mine)
    assert person.get(f"/v1/projects/{also_mine.id}/images")["items"] == []

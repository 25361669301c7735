"""Listing a project's images."""

from typing import Any

import pytest
import requests
from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.models import Image, ImageAnalysis, ImageVariant, Project, VersionImage
from shared.services import services
from tests import factories
from tests.harness import Person, System, expect


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
        "low": factories.image(session, project, height=7),
        "narrow": factories.image(session, project, width=7),
        "licensed": factories.image(session, project, license="CC BY 4.0"),
        "hosted": factories.image(session, project, original_url="https://a@B.Example:8/x?y"),
        "large": factories.image(session, project, file_size=2**40),
        "small": factories.image(session, project, file_size=10),
        "sharp": factories.image(session, project, sharpness=9000.0),
        "blurred": factories.image(session, project, sharpness=1.0),
        "bright": factories.image(session, project, brightness=0.9),
        "dark": factories.image(session, project, brightness=0.1),
        "plain": factories.image(session, project, uniformity=0.99),
        "busy": factories.image(session, project, uniformity=0.01),
        "failed": factories.image(
            session, project, status="failed", failure_reason="truncated: the end is missing"
        ),
        "broken": factories.image(
            session, project, status="failed", failure_reason="It could not be done: why?"
        ),
        "told": factories.image(session, project, caption="100% Äpfel_im Schnee\\"),
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
        ("max_height=7", {"low"}),
        ("max_width=7", {"narrow"}),
        ("license=CC BY 4.0", {"licensed"}),
        ("host=b.example", {"hosted"}),
        ("host=B.EXAMPLE", {"hosted"}),
        ("min_bytes=1099511627776", {"large"}),
        ("max_bytes=10", {"small"}),
        ("min_bytes=9007199254740991", set()),
        ("min_sharpness=9000", {"sharp"}),
        ("max_sharpness=1", {"blurred"}),
        ("min_brightness=0.9", {"bright"}),
        ("max_brightness=0.1", {"dark"}),
        ("min_uniformity=0.99", {"plain"}),
        ("max_uniformity=0.01", {"busy"}),
        ("reason=truncated", {"failed"}),
        ("reason=other", {"broken"}),
        ("unlabelled=false", {"labelled"}),
        ("unlabelled=true&label=Katze, weiß", set()),
        ("text=schnee", {"told"}),
        ("text=SCHNEE äpfel", {"told"}),
        ("text=schnee katze", set()),
        ("text=weiß", {"labelled"}),
        ("text=b.example", {"hosted"}),
        ("text=100%25", {"told"}),
        ("text=%25", {"told"}),
        ("text=l_i", {"told"}),
        ("text=__", set()),
        ("text=\\", {"told"}),
        ("text=%F0%9F%90%88%E2%80%8D%E2%AC%9B", set()),
        ("text=cat.jpg '; DROP TABLE images --", set()),
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
        ("unlabelled=true", "labelled"),
    ],
)
def test_the_other_side_of_filters(
    person: Person, project: Project, gallery: dict[str, Image], query: str, missing: str
) -> None:
    found = person.get(f"/v1/projects/{project.id}/images?{query}")["items"]
    left_out = {name for name, image in gallery.items() if str(image.id) not in str(found)}
    assert left_out == {missing, *(("failed", "broken") if missing == "processing" else ())}


def test_words_of_a_text_may_stand_in_different_places(
    person: Person, session: Session, project: Project
) -> None:
    image = factories.image(
        session, project, label="one", caption="two", file_name="three.jpg", original_url="x://four"
    )
    factories.image(session, project, label="one", caption="two", file_name="three.jpg")
    path = f"/v1/projects/{project.id}/images?text="
    assert [one["id"] for one in person.get(f"{path}one TWO three four")["items"]] == [
        str(image.id)
    ]
    nine = "one two three four one two three four nowhere"  # of which eight count
    assert len(person.get(f"{path}{nine}")["items"]) == 1


def test_the_latest_analysis_counts(person: Person, session: Session, project: Project) -> None:
    images = factories.images(session, project, 4)
    for image, analyzer, status, *names in (
        (images[0], "basic", "completed", "night"),
        (images[1], "basic", "completed", "night"),
        (images[1], "basic", "completed", "day", "snow"),
        (images[2], "gemini", "completed", "night"),
        (images[2], "basic", "failed", "night"),
    ):
        labels = [{"name": name, "score": 0.5} for name in names]
        row = ImageAnalysis(image_id=image.id, analyzer=analyzer, status=status, labels=labels)
        session.add(row)
        session.flush()
    session.commit()
    path = f"/v1/projects/{project.id}/images?"
    for query, found in (
        ("analyzer=basic&analysis_label=night", [0]),
        ("analyzer=basic&analysis_label=snow", [1]),
        ("analyzer=gemini&analysis_label=night", [2]),
        ("analysis_label=night", [2, 0]),
        ("analyzer=basic", [1, 0]),
        ("analyzer=model:none", []),
        ('analysis_label=night"}]', []),
    ):
        ids = [one["id"] for one in person.get(path + query)["items"]]
        assert ids == [str(images[place].id) for place in found], query


def test_images_of_a_version_and_of_its_splits(
    system: System, person: Person, session: Session, project: Project
) -> None:
    images = factories.images(session, project, 3)
    version = factories.version(session, project, *images[:2])
    session.get_one(
        VersionImage, (version.id, bytes.fromhex(images[0].sha256 or ""), images[0].id)
    ).split = "test"
    session.commit()
    path = f"/v1/projects/{project.id}/images?version_id={version.id}"
    held = [str(image.id) for image in (images[1], images[0])]
    assert [one["id"] for one in person.get(path)["items"]] == held
    assert [one["id"] for one in person.get(f"{path}&split=test")["items"]] == held[1:]
    assert person.get(f"{path}&split=train")["items"] == []
    # Somebody else learns nothing of it, whatever else they name.
    other = system.person()
    own = factories.project(session, other.id)
    factories.image(session, own)
    crawl = factories.crawl_job(session, project)
    for query in (f"version_id={version.id}", f"crawl_job_id={crawl.id}"):
        expect(other.request("GET", f"/v1/projects/{own.id}/images?{query}"), 404)
    expect(other.request("GET", path), 404)


def test_an_image_is_shown_with_all_its_fields(
    person: Person, session: Session, project: Project
) -> None:
    factories.image(session, project, phash=-1, sharpness=1.5, image_hash="secret", color=0x0A00FF)
    (shown,) = person.get(f"/v1/projects/{project.id}/images")["items"]
    assert shown["phash"] == "f" * 16
    assert shown["color"] == "#0a00ff"
    assert shown["user_id"] == str(person.id)
    # The names of API.md, no more and no fewer.
    fields: Any = """id project_id crawl_job_id user_id original_url file_name status mime_type
        file_size width height format sha256 phash color label caption license attribution creator
        source_page
        is_valid is_duplicate duplicate_of failure_reason processed_path rejected reject_reason
        rejected_with metadata created_at updated_at thumbnail_url"""
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
        ("max_width=1000001", "/max_width"),
        ("max_bytes=9007199254740992", "/max_bytes"),
        ("min_bytes=1e400", "/min_bytes"),
        ("min_sharpness=nan", "/min_sharpness"),
        ("max_sharpness=1e400", "/max_sharpness"),
        ("max_brightness=1.1", "/max_brightness"),
        ("text=", "/text"),
        ("text=%00", "/text"),
        (f"text={'x' * 201}", "/text"),
        (f"host={'x' * 201}", "/host"),
        ("reason=no such: reason", "/reason"),
        ("split=train", "/split"),
        ("version_id=1", "/version_id"),
        ("unlabelled=maybe", "/unlabelled"),
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


def test_thumbnails_come_with_the_page(person: Person, session: Session, project: Project) -> None:
    images = [factories.store_image(session, project) for _ in range(5)]
    for image in images[:4]:
        name = f"variants/thumbnails/{image.id}.webp"
        services().storage.put_once(name, str(image.id).encode(), "image/webp")
        for variant in ("thumbnail", "large"):
            row = ImageVariant(image_id=image.id, name=variant, object=name, width=1, height=1)
            row.file_size, row.object = 1, name if variant == "thumbnail" else "other"
            session.add(row)
    session.commit()
    path = f"/v1/projects/{project.id}/images"
    assert {item["thumbnail_url"] for item in person.get(path)["items"]} == {None}
    shown = {item["id"]: item for item in person.get(f"{path}?thumbnails=true")["items"]}
    assert shown[str(images[4].id)]["thumbnail_url"] is None
    for image in images[:4]:
        url = shown[str(image.id)]["thumbnail_url"]
        assert requests.get(url, timeout=10).text == str(image.id)
    again = {item["id"]: item for item in person.get(f"{path}?thumbnails=true")["items"]}
    assert again == shown
    first = person.get(f"{path}?thumbnails=true&limit=2")
    assert len(first["items"]) == 2
    following = f"{path}?thumbnails=true&limit=2&cursor={first['next_cursor']}"
    assert [item["id"] for item in person.get(following)["items"]] == list(shown)[2:4]


def test_thumbnails_are_found_by_one_statement(
    person: Person, session: Session, project: Project
) -> None:
    def count_statements() -> int:
        statements: list[str] = []
        engine = services().engine
        listen = (engine, "before_cursor_execute", lambda *given: statements.append(str(given[2])))
        event.listen(*listen)
        try:
            person.get(f"/v1/projects/{project.id}/images?thumbnails=true&limit=200")
        finally:
            event.remove(*listen)
        return len(statements)

    factories.image(session, project)
    few = count_statements()
    for _ in range(50):
        factories.image(session, project)
    assert count_statements() == few


def test_thumbnails_of_others_are_not_signed_for(
    system: System, session: Session, project: Project
) -> None:
    factories.image(session, project)
    stranger = system.person()
    expect(stranger.request("GET", f"/v1/projects/{project.id}/images?thumbnails=true"), 404)

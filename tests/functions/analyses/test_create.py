"""Asking about one image: once for each version, however many ask."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image, ImageAnalysis, Project
from tests import factories
from tests.harness import Person, System, expect, in_parallel


def address(image: Image) -> str:
    return f"/v1/images/{image.id}/analyses"


def test_an_analysis_is_accepted_made_and_shown(
    system: System, person: Person, image: Image
) -> None:
    accepted = person.post(address(image), {"analyzer": "basic"}, 202)
    assert accepted["status"] == "pending"
    assert accepted["description"] is None
    system.drain()
    [analysis] = person.get(address(image))["items"]
    assert analysis["id"] == accepted["id"]
    assert analysis["status"] == "completed"
    assert analysis["model_version"] == "basic-1"
    assert "64 by 48 pixels" in analysis["description"]
    assert {"name": "landscape", "score": 1.0} in analysis["labels"]
    assert sum(color["share"] for color in analysis["metrics"]["colors"]) > 0.5
    assert analysis["processing_time_ms"] > 0
    assert analysis["error"] is None
    [shown] = person.get(f"/v1/images/{image.id}")["analyses"]
    assert shown == analysis


def test_a_second_request_answers_with_the_first_ones_analysis(
    system: System, person: Person, image: Image
) -> None:
    first = person.post(address(image), {"analyzer": "basic"}, 202)
    waiting = person.post(address(image), {"analyzer": "basic"}, 202)
    assert waiting["id"] == first["id"]
    system.drain()
    again = person.post(address(image), {"analyzer": "basic"}, 202)
    assert again["id"] == first["id"]
    assert again["status"] == "completed"
    assert system.mailbox.topics().count("analyses-requested") == 1


def test_force_adds_to_the_history(system: System, person: Person, image: Image) -> None:
    person.post(address(image), {"analyzer": "basic"}, 202)
    system.drain()
    forced = person.post(address(image), {"analyzer": "basic", "force": True}, 202)
    assert forced["status"] == "pending"
    twice = person.post(address(image), {"analyzer": "basic", "force": True}, 202)
    assert twice["id"] == forced["id"]  # it has not begun yet
    system.drain()
    history = person.get(address(image))["items"]
    assert [one["status"] for one in history] == ["completed"] * 2
    assert history[0]["id"] == forced["id"]


def test_what_another_version_found_is_kept(
    system: System, session: Session, person: Person, image: Image
) -> None:
    older = ImageAnalysis(image_id=image.id, analyzer="basic", model_version="basic-0")
    session.add(older)
    session.commit()
    person.post(address(image), {"analyzer": "basic"}, 202)
    system.drain()
    versions = [one["model_version"] for one in person.get(address(image))["items"]]
    assert versions == ["basic-1", "basic-0"]
    [latest] = person.get(f"/v1/images/{image.id}")["analyses"]
    assert latest["model_version"] == "basic-1"


def test_a_failed_analysis_says_why_and_may_be_asked_for_again(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    gone = factories.image(session, crawl)
    person.post(address(gone), {"analyzer": "basic"}, 202)
    system.drain()
    [failed] = person.get(f"{address(gone)}?status=failed")["items"]
    assert failed["error_code"] == "missing"
    assert failed["error"] == "The image's file is not in the bucket."
    assert person.get(f"/v1/images/{gone.id}")["analyses"] == []
    again = person.post(address(gone), {"analyzer": "basic"}, 202)
    assert again["id"] != failed["id"]


@pytest.mark.parametrize("force", [False, True])
def test_many_at_the_same_time_ask_once(
    system: System, session: Session, person: Person, image: Image, force: bool
) -> None:
    where, body = address(image), {"analyzer": "basic", "force": force}
    answers = in_parallel([lambda: person.post(where, body, 202) for _ in range(6)])
    assert len({answer["id"] for answer in answers}) == 1
    system.drain_concurrently()
    assert session.scalar(select(func.count()).select_from(ImageAnalysis)) == 1
    assert person.get(where)["items"][0]["status"] == "completed"


def test_what_is_not_ready_or_not_mine(
    system: System, session: Session, person: Person, image: Image
) -> None:
    stranger = system.person()
    body = {"analyzer": "basic"}
    expect(stranger.request("POST", address(image), body), 404)
    expect(stranger.request("GET", address(image)), 404)
    image.status = "processing"
    session.commit()
    expect(person.request("POST", address(image), body), 409)


@pytest.mark.parametrize(
    ("analyzer", "status"),
    [
        ("vision", 422),
        ("model:me", 422),
        ("gemini", 409),
        ("model:01890000-0000-7000-8000-000000000000", 404),
    ],
)
def test_analyzers_that_are_not_there(
    person: Person, image: Image, analyzer: str, status: int
) -> None:
    answer = person.request("POST", address(image), {"analyzer": analyzer})
    problem = expect(answer, status)
    if analyzer == "gemini":
        assert "PIXMILL_GEMINI_MODEL" in problem["detail"]


def test_every_attempt_leaves_its_time(system: System, person: Person, image: Image) -> None:
    person.post(address(image), {"analyzer": "basic"}, 202)
    system.drain()
    [row] = person.get(f"/v1/job-stats?image_id={image.id}")["items"]
    assert (row["operation"], row["status"]) == ("analyzer_run", "completed")
    expect(person.request("DELETE", f"/v1/images/{image.id}"), 204)
    [kept] = person.get("/v1/job-stats")["items"]
    assert kept == {**row, "image_id": None}


def test_it_records_the_version_that_it_saw(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    project = session.get_one(Project, crawl.project_id)
    version = factories.version(session, project, image)
    body = {"analyzer": "basic", "version_id": str(version.id)}
    assert person.post(address(image), body, 202)["version_id"] == str(version.id)
    system.drain()
    [analysis] = person.get(address(image))["items"]
    assert (analysis["status"], analysis["version_id"]) == ("completed", str(version.id))
    other = factories.version(session, project)
    problem = person.post(address(image), body | {"version_id": str(other.id)}, 422)
    assert problem["errors"][0]["detail"] == f"the version does not hold the image {image.id}"

"""A version is asked for, and what cannot be one is refused."""

from typing import Any

import pytest

from shared.models import CrawlJob, Image
from tests.harness import Person, System


def test_it_waits_to_be_frozen(person: Person, crawl: CrawlJob, pets: list[Image]) -> None:
    body = {"name": "v1", "filter": {"label": "cat"}, "splits": {"train": 0.5, "test": 0.5}}
    version = person.post(f"/v1/projects/{crawl.project_id}/versions", body, 202)
    assert (version["status"], version["image_count"]) == ("pending", 0)
    assert version["filter"] == {"label": "cat"}
    assert version["split_options"]["leak_distance"] == 8


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "v", "filter": {"colour": "red"}}, "/filter/colour"),
        ({"name": "v", "filter": {"rejected": True}}, "/filter/rejected"),
        ({"name": "v", "filter": {"status": "failed"}}, "/filter/status"),
        ({"name": "v", "filter": {"split": "train"}}, "/filter/split"),
        ({"name": "v", "splits": {"train": 0.5}}, "/splits"),
        ({"name": "v", "splits": {"train": 1.0}, "group_by": "colour"}, "/group_by"),
        ({"name": "v", "stratify": "label"}, "/stratify"),
    ],
)
def test_what_makes_no_sense(
    person: Person, crawl: CrawlJob, body: dict[str, Any], pointer: str
) -> None:
    problem = person.post(f"/v1/projects/{crawl.project_id}/versions", body, 422)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_of_somebody_elses_project(crawl: CrawlJob, system: System) -> None:
    stranger = system.person()
    stranger.post(f"/v1/projects/{crawl.project_id}/versions", {"name": "v1"}, 404)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"filter": {"label": "bird"}}, "No image passes the filter"),
        (
            {"filter": {"label": "dog"}, "splits": {"train": 0.5, "test": 0.5}},
            "The filter selects 1 images, which 2 splits cannot share.",
        ),
    ],
)
def test_too_few_images(
    person: Person, crawl: CrawlJob, pets: list[Image], body: dict[str, Any], detail: str
) -> None:
    """It is refused at once, and there is no version."""
    path = f"/v1/projects/{crawl.project_id}/versions"
    assert person.post(path, {"name": "v", **body}, 409)["detail"].startswith(detail)
    assert person.get(path)["items"] == []

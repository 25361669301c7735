"""Listing a project's schedules."""

from collections.abc import Callable

from tests.harness import Person, System
from tests.sites import Site


def test_schedules_are_listed_newest_first(
    site: Site, start: Callable[..., str], person: Person, system: System, project: str
) -> None:
    urls = site.photos(12)
    for every in ("1h", "12h", "2w"):
        start(urls, every=every)
    path = f"/v1/projects/{project}/schedules"
    listed = person.get(path)["items"]
    assert [one["options"]["every"] for one in listed] == ["2w", "12h", "1h"]
    assert {len(one["source"]["urls"]) for one in listed} == {10}
    assert {one["source"]["url_count"] for one in listed} == {12}
    page = person.get(f"{path}?limit=2")
    assert person.get(f"{path}?limit=2&cursor={page['next_cursor']}")["items"] == listed[2:]
    stranger = system.person()
    assert stranger.request("GET", path).status_code == 404

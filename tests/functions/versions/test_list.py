"""The versions of a project, newest first."""

from shared.models import CrawlJob, Image
from tests.functions.versions.conftest import Freeze
from tests.harness import Person, System


def test_versions_of_a_project(
    freeze: Freeze, pets: list[Image], person: Person, crawl: CrawlJob, system: System
) -> None:
    names = [freeze(name=name)["name"] for name in ("v1", "v2", "v3")]
    path = f"/v1/projects/{crawl.project_id}/versions"
    page = person.get(f"{path}?limit=2")
    rest = person.get(f"{path}?limit=2&cursor={page['next_cursor']}")
    assert [one["name"] for one in [*page["items"], *rest["items"]]] == names[::-1]
    assert rest["next_cursor"] is None
    assert person.get(f"{path}?status=failed")["items"] == []
    assert system.person().request("GET", path).status_code == 404

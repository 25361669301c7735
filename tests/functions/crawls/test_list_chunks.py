"""Listing a crawl job's chunks."""

from collections.abc import Callable
from typing import Any

from tests.harness import Person
from tests.sites import Site


def test_each_chunk_with_its_counts(site: Site, crawl: Callable[..., Any], person: Person) -> None:
    job = crawl([*site.photos(3), f"{site.base_url}/missing.jpg"], chunk_size=3)
    path = f"/v1/crawl-jobs/{job['id']}/chunks"
    second, first = person.get(path)["items"]
    assert (first["position"], first["url_count"], first["downloaded"]) == (0, 3, 3)
    assert (second["position"], second["url_count"], second["failed"]) == (1, 1, 1)
    assert (first["status"], first["attempts"], first["error"]) == ("completed", 1, None)
    assert first["started_at"] <= first["completed_at"]
    assert person.get(f"{path}?status=failed")["items"] == []
    page = person.get(f"{path}?limit=1&status=completed")
    assert page["items"] == [second]
    assert person.get(f"{path}?cursor={page['next_cursor']}")["items"] == [first]

"""One list makes one dataset, in whatever order its chunks are done."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Person, System
from tests.sites import Site, photo

OTHER = {"label": "wall", "caption": "Bricks", "license": "CC0"}


def list_entries(site: Site) -> list[dict[str, Any]]:
    """Two pictures at three addresses each, of which each says something else, or nothing."""
    urls = [site.put(f"/{number}.jpg", photo(number % 2)) for number in range(6)]
    said: list[dict[str, Any]] = [
        {"label": "cat"},
        {},
        {"label": "lion", "caption": "Resting", "license": "CC-BY-4.0"},
        OTHER,
        OTHER | {"caption": "Roaring", "license": "CC-BY-SA-4.0", "metadata": {"n": 4}},
        {"label": "stone", "attribution": "Ann"},
    ]
    return [{"url": url} | words for url, words in zip(urls, said, strict=True)]


def drain_backwards(system: System) -> None:
    """Deliver what waits at one time from its end."""
    while waiting := system.mailbox.take():
        for envelope in reversed(waiting):
            system.deliver(envelope)


@pytest.mark.parametrize("options", [{}, {"dedup": "perceptual"}], ids=["exact", "perceptual"])
def test_the_same_list_gives_the_same_hash(
    site: Site, person: Person, system: System, options: dict[str, Any]
) -> None:
    entries = list_entries(site)
    source = {"type": "urls", "urls": entries}
    hashes, kept = [], []
    drains: list[Callable[[], object]] = [system.drain, lambda: drain_backwards(system)]
    for drain in drains:
        project = person.post("/v1/projects", {"name": "Animals"})["id"]
        body = {"name": "c", "source": source, "options": {"chunk_size": 1, **options}}
        job = person.post(f"/v1/projects/{project}/crawl-jobs", body, 202)
        drain()
        done = person.get(f"/v1/crawl-jobs/{job['id']}")
        assert (done["status"], done["downloaded_images"]) == ("completed", 2)
        assert done["duplicate_images"] == 4
        for wanted in ({}, {"filter": {"crawl_job_id": job["id"]}}):
            version = person.post(f"/v1/projects/{project}/versions", {"name": "v"} | wanted, 202)
            system.drain()
            hashes.append(person.get(f"/v1/versions/{version['id']}")["hash"])
        images = person.get(f"/v1/projects/{project}/images?duplicate=false")["items"]
        names = ("original_url", "label", "caption", "license", "attribution", "metadata")
        kept.append({one["sha256"]: [one[name] for name in names] for one in images})
    assert len(set(hashes)) == 1
    assert kept[0] == kept[1]
    assert sorted(kept[0].values(), key=str) == [
        [entries[0]["url"], "cat", "Resting", "CC-BY-4.0", None, {"n": 4}],
        [entries[1]["url"], "wall", "Bricks", "CC0", "Ann", {}],
    ]


def test_a_later_list_gives_the_same_hash(site: Site, person: Person, system: System) -> None:
    """The list's first entry counts for pictures that the project has from elsewhere, too."""
    entries, plain = list_entries(site), [site.put(f"/p{n}.jpg", photo(n)) for n in range(2)]
    hashes = []
    drains: list[Callable[[], object]] = [system.drain, lambda: drain_backwards(system)]
    for drain in drains:
        project = person.post("/v1/projects", {"name": "Animals"})["id"]
        path, options = f"/v1/projects/{project}/crawl-jobs", {"chunk_size": 1}
        first = {"name": "c", "source": {"type": "urls", "urls": plain}}
        person.post(path, first, 202)
        system.drain()
        body = {"name": "c", "source": {"type": "urls", "urls": entries}, "options": options}
        job = person.post(path, body, 202)
        drain()
        wanted = {"name": "v", "filter": {"crawl_job_id": job["id"]}}
        for given in (wanted, {"name": "v"}):
            version = person.post(f"/v1/projects/{project}/versions", given, 202)
            system.drain()
            shown = person.get(f"/v1/versions/{version['id']}")
            assert shown["image_count"] == 2
            hashes.append(shown["hash"])
    assert hashes[:2] == hashes[2:]

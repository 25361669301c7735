"""Verification jobs over the photo site, for the tests of what works on them and shows them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from PIL import Image as Pillow

from shared.models.verifications import OUTCOMES
from tests.harness import Person, System
from tests.sites import Site, encode, photo


@pytest.fixture
def verify(person: Person, system: System, project: str) -> Callable[..., Any]:
    """Run a verification job to its end; return it as the API shows it."""

    def run(**body: Any) -> Any:
        job = person.post(f"/v1/projects/{project}/verification-jobs", body, 202)
        system.drain()
        return person.get(f"/v1/verification-jobs/{job['id']}")

    return run


def count(job: Any) -> dict[str, int]:
    """Return the outcomes of a job that are not 0, after a look at their sum."""
    counts = {outcome: job[outcome] for outcome in OUTCOMES if job[outcome]}
    assert sum(counts.values()) == job["total_images"]
    return counts


def results(person: Person, job: Any, query: str = "") -> dict[str, Any]:
    """Return the results of a job by the path of the image's address."""
    items: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        path = f"/v1/verification-jobs/{job['id']}/results?limit=200&cursor={cursor}{query}"
        page = person.get(path)
        items, cursor = items + page["items"], page["next_cursor"]
    return {f"/{one['url'].split('/', 3)[3]}": one for one in items}


def encode_again(number: int, quality: int = 60) -> bytes:
    """Return a photograph as other bytes of the same picture."""
    import io

    with Pillow.open(io.BytesIO(photo(number))) as picture:
        return encode(picture.convert("RGB"), "jpeg", quality=quality)


def serve_photos(site: Site, paths: Sequence[str]) -> dict[str, str]:
    """Serve a different photograph at each path; return their addresses by path."""
    return {path: site.put(path, photo(number)) for number, path in enumerate(paths)}

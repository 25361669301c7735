"""A small dataset, and exports of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image
from tests import factories
from tests.harness import Person, System
from tests.sites import crawl, project, site, start

__all__ = ["crawl", "project", "site", "start"]

Export = Callable[..., Any]


@dataclass(frozen=True)
class Dataset:
    """A crawl job's images by what they are."""

    crawl: CrawlJob
    images: dict[str, Image]

    def ids(self, *names: str) -> set[str]:
        """Return the ids of images by their names here."""
        return {str(self.images[name].id) for name in names}


@pytest.fixture
def dataset(person: Person, session: Session) -> Dataset:
    """Two cats, a dog, a duplicate of the first cat, an invalid image and one that waits."""
    crawl = factories.crawl_job(session, factories.project(session, person.id, name="Pets"))
    first = factories.store_image(session, crawl, label="cat", caption="=1+1", license="CC0")
    images = {
        "first": first,
        "second": factories.store_image(session, crawl, label="cat"),
        "dog": factories.store_image(session, crawl, label="dog"),
        "duplicate": factories.image(
            session,
            crawl,
            sha256=first.sha256,
            file_path=first.file_path,
            file_size=first.file_size,
            label="cat",
            image_hash=None,
            is_duplicate=True,
            duplicate_of=first.id,
        ),
        "invalid": factories.store_image(session, crawl, is_valid=False),
        "waiting": factories.image(session, crawl, status="processing", file_path=None),
    }
    return Dataset(crawl, images)


@pytest.fixture
def export(system: System, person: Person, dataset: Dataset) -> Export:
    """Export the dataset, or what is at another path, to the end; return the job as shown."""

    def run(kind: str = "zip", path: str = "", **options: Any) -> Any:
        path = path or f"/v1/crawl-jobs/{dataset.crawl.id}"
        body = {"name": "My pets!", "format": kind, "options": options}
        job = person.post(f"{path}/export-jobs", body, 202)
        system.drain()
        return person.get(f"/v1/export-jobs/{job['id']}")

    return run


def download(job: Any) -> bytes:
    """Return the finished export's file, which must be what the job says."""
    assert (job["status"], job["progress"], job["error"]) == ("completed", 100, None)
    answer = requests.get(job["download_url"], timeout=10)
    assert answer.status_code == 200
    assert len(answer.content) == job["file_size"]
    assert hashlib.sha256(answer.content).hexdigest() == job["sha256"]
    return answer.content

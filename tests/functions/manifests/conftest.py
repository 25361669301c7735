"""The photo site, crawl jobs over it, and manifests that are uploaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.harness import Person, System
from tests.sites import crawl, project, site, start

__all__ = ["crawl", "project", "site", "start"]

Upload = Callable[..., str]


@pytest.fixture
def upload(person: Person, system: System, project: str) -> Upload:
    """Upload a manifest, whose event then waits; return the id of its crawl job."""

    def upload(data: bytes, file_name: str = "images.csv", **more: Any) -> str:
        body = {"name": "Cats", "file_name": file_name, "size": len(data), **more}
        made = person.post(f"/v1/projects/{project}/manifests", body)
        answer = requests.put(made["upload_url"], data=data, headers=made["headers"], timeout=10)
        assert answer.status_code == 200, answer.text
        system.uploaded(f"manifests/{project}/{made['crawl_job_id']}")
        return str(made["crawl_job_id"])

    return upload

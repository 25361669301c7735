"""Fetching a chunk: what becomes of each address, once and only once."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from tests.harness import Person, System
from tests.sites import Site

Crawl = Callable[..., Any]


def test_photographs_become_images(site: Site, crawl: Crawl) -> None:
    job = crawl(site.photos(5))
    print(job)
    assert job["status"] == "completed"

"""A photo site, engines that know its photographs, and crawl jobs that search them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import CrawlChunk, Image
from tests.engines import Engines, serve_engines
from tests.sites import Site, allow_sites, crawl, project, site, start

__all__ = ["crawl", "project", "site", "start"]


@pytest.fixture
def engines(site: Site) -> Iterator[Engines]:
    """Yield engines without any key, reachable beside the photo site."""
    with (
        serve_engines() as engines,
        allow_sites(site, *engines.servers.values(), **engines.settings),
    ):
        yield engines


def search(*keywords: str, **more: Any) -> dict[str, Any]:
    return {"type": "keywords", "keywords": list(keywords), **more}


def images(session: Session) -> list[Image]:
    session.expire_all()
    return list(session.scalars(select(Image).order_by(Image.id)))


def find_chunk(session: Session) -> CrawlChunk:
    session.expire_all()
    return session.scalars(select(CrawlChunk).where(CrawlChunk.kind == "keywords")).one()


def places(session: Session) -> list[tuple[str, int]]:
    """Return engine and rank of each address, in the order in which they were taken."""
    session.expire_all()
    chunks = session.scalars(
        select(CrawlChunk).where(CrawlChunk.kind == "urls").order_by(CrawlChunk.position)
    )
    entries = [one["metadata"] for chunk in chunks for one in chunk.urls or []]
    return [(one["engine"], one["rank"]) for one in entries]

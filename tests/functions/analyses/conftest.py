"""Analyses begin with a crawl job's images, some of them in the bucket."""

import pytest
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image, Project
from tests import factories
from tests.harness import Person


@pytest.fixture
def project(session: Session, person: Person) -> Project:
    return factories.project(session, person.id)


@pytest.fixture
def crawl(session: Session, project: Project) -> CrawlJob:
    return factories.crawl_job(session, project)


@pytest.fixture
def image(session: Session, crawl: CrawlJob) -> Image:
    """Return a completed image whose file is in the bucket."""
    return factories.store_image(session, crawl)

"""A crawl job to validate."""

import pytest
from sqlalchemy.orm import Session

from shared.models import CrawlJob
from tests import factories
from tests.harness import Person


@pytest.fixture
def crawl(person: Person, session: Session) -> CrawlJob:
    """Return a completed crawl job without images."""
    return factories.crawl_job(session, factories.project(session, person.id))

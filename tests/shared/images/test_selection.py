"""The choice of a dataset's images, and of the one that stands for each entry."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.images.selection import select_dataset_images
from shared.models import CrawlJob, Image, Project
from tests import factories
from tests.harness import Person


@pytest.fixture
def earlier(person: Person, session: Session) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id))


@pytest.fixture
def later(earlier: CrawlJob, session: Session) -> CrawlJob:
    return factories.crawl_job(session, session.get_one(Project, earlier.project_id))


def copy(session: Session, crawl: CrawlJob, of: Image, **columns: object) -> Image:
    """Return an image of the same content, or with a `sha256` of its own one that looks alike."""
    equal = {"sha256": of.sha256, "file_path": of.file_path, "image_hash": None}
    if "sha256" in columns:
        equal = {}
    return factories.image(
        session, crawl, **equal | {"is_duplicate": True, "duplicate_of": of.id} | columns
    )


def list_kept(session: Session, crawl: CrawlJob, **options: bool) -> list[tuple[UUID, UUID]]:
    """Return the pairs of an entry and what stands for it, in order."""
    statement = select_dataset_images(crawl.project_id, crawl.id, **options).order_by(Image.id)
    return [(entry.id, original.id) for entry, original in session.execute(statement)]


def test_a_verdict_on_equal_content_is_the_entrys(
    session: Session, earlier: CrawlJob, later: CrawlJob
) -> None:
    bad, good = (factories.image(session, earlier, is_valid=valid) for valid in (False, True))
    entry = copy(session, later, bad)
    copy(session, later, good, is_valid=False)
    assert list_kept(session, later) == [(entry.id, bad.id)]
    assert list_kept(session, earlier) == [(good.id, good.id)]
    assert len(list_kept(session, later, with_invalid=True)) == 2


def test_a_verdict_on_another_file_is_its_originals(
    session: Session, earlier: CrawlJob, later: CrawlJob
) -> None:
    """The entry was too small, and is not what is kept."""
    bad, good = (factories.image(session, earlier, is_valid=valid) for valid in (False, True))
    copy(session, later, bad, sha256="1" * 64)
    entry = copy(session, later, good, sha256="2" * 64, is_valid=False)
    assert list_kept(session, later) == [(entry.id, good.id)]


def test_an_entry_that_does_not_count_hides_none(
    session: Session, earlier: CrawlJob, later: CrawlJob
) -> None:
    first = factories.image(session, earlier)
    copy(session, later, first, is_valid=False)
    second = copy(session, later, first)
    copy(session, later, first)
    assert list_kept(session, later) == [(second.id, first.id)]


def test_rejected_originals_are_left_out(
    session: Session, earlier: CrawlJob, later: CrawlJob
) -> None:
    first = factories.image(session, earlier, rejected=True)
    copy(session, later, first)
    assert list_kept(session, later) == []


def test_an_upload_stands_for_what_a_crawl_brings(session: Session, later: CrawlJob) -> None:
    upload = factories.image(session, session.get_one(Project, later.project_id))
    entry = copy(session, later, upload)
    assert list_kept(session, later) == [(entry.id, upload.id)]
    assert list_kept(session, later, with_duplicates=True) == [(entry.id, entry.id)]

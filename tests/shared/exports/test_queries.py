"""The choice of an export's images."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.exports.queries import check_file_size, find_classes, find_extension
from shared.exports.selection import select_images
from shared.imaging import Variant
from shared.models import ExportJob, Image, ImageVariant, Project
from shared.schemas.exports import ExportOptions
from tests import factories
from tests.harness import Person


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def ids(
    session: Session, project: Project, crawl_job_id: UUID | None = None, **options: object
) -> set[UUID]:
    chosen = ExportOptions.model_validate(options)
    rows = session.execute(select_images(project.id, crawl_job_id, chosen))
    return {original.id for _, original, *_ in rows}


def twin(session: Session, of: Image, **columns: object) -> Image:
    where = session.get_one(Project, of.project_id)
    values = {
        "sha256": of.sha256,
        "file_path": of.file_path,
        "image_hash": None,
        "is_duplicate": True,
        "duplicate_of": of.id,
    }
    return factories.image(session, where, **values | columns)


def test_only_what_has_bytes(session: Session, project: Project) -> None:
    fine = factories.image(session, project)
    factories.image(session, project, status="processing")
    factories.image(session, project, status="failed", file_path=None)
    factories.image(session, project, file_path=None)
    assert ids(session, project, include_invalid=True, include_duplicates=True) == {fine.id}


def test_duplicates_within_one_crawl(session: Session, project: Project) -> None:
    crawl = factories.crawl_job(session, project)
    first = factories.image(session, crawl)
    copies = [twin(session, first, crawl_job_id=crawl.id) for _ in range(2)]
    assert ids(session, project, crawl.id) == {first.id}
    assert ids(session, project) == {first.id}
    everything = {first.id, *(copy.id for copy in copies)}
    assert ids(session, project, crawl.id, include_duplicates=True) == everything


def test_duplicates_of_another_crawl(session: Session, project: Project) -> None:
    earlier, later = (factories.crawl_job(session, project) for _ in range(2))
    first = factories.image(session, earlier)
    copies = [twin(session, first, crawl_job_id=later.id) for _ in range(3)]
    own = factories.image(session, later)
    assert ids(session, project, earlier.id) == {first.id}
    assert ids(session, project, later.id) == {first.id, own.id}
    everything = {own.id, *(copy.id for copy in copies)}
    assert ids(session, project, later.id, include_duplicates=True) == everything
    assert ids(session, project) == {first.id, own.id}


def test_each_image_comes_once_and_with_its_variant(session: Session, project: Project) -> None:
    image, without = factories.images(session, project, 2)
    for name in ("a", "b"):
        session.add(
            ImageVariant(image_id=image.id, name=name, object=name, width=1, height=1, file_size=1)
        )
    session.commit()
    rows = session.execute(select_images(project.id, None, ExportOptions())).all()
    assert [row[2] for row in rows] == [None, None]
    assert {row[0].id for row in rows} == {image.id, without.id}
    found = session.execute(select_images(project.id, None, ExportOptions(variant="b"))).all()
    assert {original.id: variant and variant.name for _, original, variant, _ in found} == {
        image.id: "b",
        without.id: None,
    }


@pytest.mark.parametrize(
    ("stored", "options", "extension"),
    [
        (["jpg", "jpg"], {}, "jpg"),
        (["png"], {}, "png"),
        (["jpg", "png", "webp"], {}, "jpg"),
        (["avif"], {}, "jpg"),
        ([], {}, "jpg"),
        (["jpg", "png"], {"variant": "small"}, "webp"),
        (["jpg", "png"], {"variant": "lacking"}, "png"),
    ],
)
def test_names_of_samples_end_alike(
    session: Session, project: Project, stored: list[str], options: dict[str, str], extension: str
) -> None:
    for number, ending in enumerate(stored):
        image = factories.image(session, project, file_path=f"images/a.b/{number}.{ending}")
        name, columns = f"v/{number}.webp", {"width": 1, "height": 1, "file_size": 1}
        session.add(ImageVariant(image_id=image.id, name="small", object=name, **columns))
    session.commit()
    made = Variant(name="lacking", width=8, format="png")
    job = ExportJob(project_id=project.id, export_options={"layout": "webdataset", **options})
    assert find_extension(session, job, made) == extension
    job = ExportJob(project_id=project.id, export_options={})
    assert find_extension(session, job, None) is None


def test_more_classes_than_readers_take(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label in ("owl", "cat", "dog"):
        factories.image(session, project, label=label)
    archive, table = (
        ExportJob(project_id=project.id, format=kind, export_options={}) for kind in ("zip", "csv")
    )
    assert find_classes(session, archive) == ["cat", "dog", "owl"]
    monkeypatch.setattr("shared.exports.queries.MAX_CLASSES", 2)
    with pytest.raises(Conflict, match="more than 2 labels"):
        find_classes(session, archive)
    assert find_classes(session, table) == ["cat", "dog"]


def test_more_bytes_than_an_object_holds(session: Session, project: Project) -> None:
    job = ExportJob(project_id=project.id, format="tar", export_options={})
    factories.image(session, project, file_size=5 * 1024**4)
    check_file_size(session, job)
    factories.image(session, project, file_size=2 * 1024**4)
    with pytest.raises(Conflict, match=r"7.0 TiB, and a file in the bucket holds at most 5 TiB"):
        check_file_size(session, job)
    job.export_options = {"resize": {"width": 8, "height": 8}}
    check_file_size(session, job)
    check_file_size(session, ExportJob(project_id=project.id, format="csv", export_options={}))

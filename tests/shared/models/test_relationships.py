"""The models are used as the designs show: loading, eager loading, creating, deleting."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session, joinedload

from infra.local.postgres import Postgres
from shared.models import (
    ActivityLog,
    ApiKey,
    Base,
    CrawlJob,
    ExportJob,
    Image,
    Model,
    Prediction,
    Profile,
    Project,
    ValidationJob,
    new_id,
)
from tests.databases import connect_to, migrate, new_database


@pytest.fixture(scope="module")
def engine(postgres: Postgres) -> Iterator[Engine]:
    with new_database(postgres.url) as url:
        migrate(url)
        engine = connect_to(url)
        yield engine
        engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Yield a session whose commits are undone after the test."""
    with engine.connect() as connection, connection.begin() as transaction:
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def profile(session: Session) -> Profile:
    """Written the way the design shows."""
    profile = Profile(id=new_id(), email="user@example.com", role="user")
    project = Project(name="My Project", user=profile)
    job = CrawlJob(name="Crawl Job", project=project, keywords=["cat", "dog"])
    image = Image(original_url="https://example.com/a.jpg", crawl_job=job)
    session.add_all([profile, image])
    session.commit()
    return profile


def count(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_relations_load_when_they_are_asked_for(session: Session, profile: Profile) -> None:
    session.expunge_all()
    found = session.query(Profile).filter_by(id=profile.id).one()
    [project] = found.projects
    [job] = project.crawl_jobs
    [image] = job.images
    assert job.keywords == ["cat", "dog"]
    assert (image.project_id, image.user_id) == (project.id, found.id)
    assert (image.user, image.project, image.crawl_job) == (found, project, job)


def test_relations_load_at_once_when_asked_for_early(session: Session, profile: Profile) -> None:
    session.expunge_all()
    statements: list[str] = []
    event.listen(
        session.get_bind(),
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    project = (
        session.query(Project)
        .options(joinedload(Project.crawl_jobs).joinedload(CrawlJob.images))
        .filter_by(user_id=profile.id)
        .first()
    )
    assert project is not None
    assert len(project.crawl_jobs[0].images) == 1
    assert len([each for each in statements if each.startswith("SELECT")]) == 1


def test_what_the_database_computes_comes_back_with_the_statement(
    session: Session, profile: Profile
) -> None:
    assert profile.created_at.tzinfo is not None
    profile.role = "admin"
    session.flush()
    session.expunge(profile)  # nothing is loaded from here on
    assert profile.is_admin is True
    assert profile.updated_at >= profile.created_at


@pytest.mark.parametrize("loaded", [False, True])
def test_deleting_a_profile_deletes_all_it_owns(
    session: Session, profile: Profile, loaded: bool
) -> None:
    job = profile.projects[0].crawl_jobs[0]
    session.add_all(
        [
            ValidationJob(crawl_job=job, name="check"),
            ExportJob(crawl_job=job, project=job.project, user=profile, name="zip"),
            Model(user=profile, name="m", model_type="sklearn", file_path="f"),
            ApiKey(user=profile, prefix="pxk_", key_hash="h"),
            ActivityLog(user=profile, action="project.create", metadata_={"a": 1}),
        ]
    )
    session.commit()
    if loaded:
        assert profile.activity_logs
        assert profile.models
        assert job.images
    else:
        session.expunge_all()
        profile = session.get_one(Profile, profile.id)
    session.delete(profile)
    session.commit()
    for model in (Profile, Project, CrawlJob, Image, ValidationJob, ExportJob, Model, ApiKey):
        assert count(session, model) == 0, model
    log = session.scalars(select(ActivityLog)).one()
    assert log.user_id is None
    assert log.metadata_ == {"a": 1}


def test_what_triggers_fill_in_comes_back_too(session: Session, profile: Profile) -> None:
    [project] = profile.projects
    [job] = project.crawl_jobs
    export = ExportJob(crawl_job=job, name="zip")
    session.add(export)
    session.flush()
    assert (export.project_id, export.user_id) == (project.id, profile.id)
    assert (job.images[0].project_id, job.images[0].user_id) == (project.id, profile.id)


def test_a_prediction_is_found_by_its_id(session: Session, profile: Profile) -> None:
    model = Model(user=profile, name="m", model_type="onnx", file_path="f", metadata_={"k": "v"})
    prediction = Prediction(model=model, user=profile, input_data={"x": [1.5]})
    session.add(prediction)
    session.commit()
    identity = prediction.id
    session.expunge_all()
    found = session.scalars(select(Prediction).where(Prediction.id == identity)).one()
    assert found.input_data == {"x": [1.5]}
    assert found.output_data is None
    assert found.model.metadata_ == {"k": "v"}
    assert abs((found.created_at - datetime.now(UTC)).total_seconds()) < 60


def test_ids_are_made_in_order_without_the_database() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {each.version for each in ids} == {7}

"""Objects and the rows that name them."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.models import ImageVariant, Profile, Project
from shared.models.base import new_id
from shared.services import services
from shared.storage.names import name_image, name_upload, name_variant
from shared.storage.references import find_unnamed, lock_project
from tests import factories
from tests.harness import Person, in_parallel
from tests.stacks import wait_for_value

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND query LIKE '%FOR KEY SHARE%'"
)


def test_what_a_row_names(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    image = factories.image(session, project)
    digest = image.sha256 or ""
    variant = name_variant(project.id, digest, "a", "0" * 12, "png")
    session.add(
        ImageVariant(image_id=image.id, name="a", object=variant, width=1, height=1, file_size=1)
    )
    session.commit()
    free = [
        name_image(project.id, digest, "png"),  # the same content under another name
        name_image(project.id, "f" * 64, "jpg"),
        name_variant(project.id, digest, "a", "1" * 12, "png"),
        name_upload(project.id, image.id),
        "exports/x",
    ]
    assert find_unnamed(session, project.id, [image.file_path or "", variant, *free]) == sorted(
        free
    )
    assert find_unnamed(session, project.id, []) == []


def test_rows_of_another_project_name_nothing_here(person: Person, session: Session) -> None:
    mine, other = (factories.project(session, person.id) for _ in range(2))
    image = factories.image(session, other)
    name = name_image(mine.id, image.sha256 or "", "jpg")
    assert find_unnamed(session, mine.id, [name]) == [name]


def test_holding_a_project(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    engine = services().engine
    with transaction(engine) as one, transaction(engine) as other:
        assert lock_project(one, project.id)
        assert lock_project(other, project.id)  # together with others who write rows
        assert not lock_project(one, new_id())


def test_a_hold_that_waits_for_the_owner_does_not_hold_the_project(
    person: Person, session: Session, engine: Engine
) -> None:
    """A deletion has the owner and comes for the project next: each would wait for the other."""
    project_id = factories.project(session, person.id).id
    session.commit()

    def waits() -> bool:
        with engine.connect() as connection:
            return bool(connection.scalar(_WAITING))

    def hold() -> bool:
        with transaction(services().engine) as inner:
            return lock_project(inner, project_id)

    with ThreadPoolExecutor() as pool:
        with transaction(services().engine) as deletion:
            deletion.scalars(select(Profile).where(Profile.id == person.id).with_for_update()).one()
            held = pool.submit(hold)
            wait_for_value(waits)
            project = select(Project).where(Project.id == project_id).with_for_update(nowait=True)
            deletion.delete(deletion.scalars(project).one())
        assert not held.result(10)


def test_a_deletion_and_a_hold_do_not_block_each_other_for_ever(
    person: Person, session: Session
) -> None:
    project_id = factories.project(session, person.id).id
    engine = services().engine
    held: list[bool] = []

    def delete() -> None:
        with transaction(engine) as inner:
            inner.delete(inner.get_one(Profile, person.id))

    def hold() -> None:
        with transaction(engine) as inner:
            held.append(lock_project(inner, project_id))

    in_parallel([delete, hold, hold])
    assert len(held) == 2
    assert session.query(Project).count() == 0

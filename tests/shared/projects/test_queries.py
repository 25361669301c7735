"""Projects with their counts."""

from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.projects.queries import load_projects
from tests import factories
from tests.harness import Person


def test_the_order_stays_and_four_queries_count_for_all(person: Person, session: Session) -> None:
    projects = [factories.project(session, person.id, name=name) for name in "abc"]
    for project, count in zip(projects, (0, 2, 1), strict=True):
        factories.images(session, project, count)
    factories.crawl_job(session, projects[2])
    for project in projects:
        session.refresh(project)
    statements: list[str] = []
    connection = session.connection()
    event.listen(
        connection, "before_cursor_execute", lambda *given: statements.append(str(given[2]))
    )
    shown = load_projects(session, projects)
    assert [(one.name, one.image_count, one.crawl_job_count) for one in shown] == [
        ("a", 0, 0),
        ("b", 2, 0),
        ("c", 1, 1),
    ]
    assert len(statements) == 4


def test_every_image_is_counted_once(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    original = factories.images(session, project, 3)[0]
    copy = {"is_duplicate": True, "duplicate_of": original.id, "image_hash": None}
    factories.images(session, project, 2, **copy)
    factories.images(session, project, 1, rejected=True, **copy)
    factories.images(session, project, 4, rejected=True)
    session.refresh(project)
    (shown,) = load_projects(session, [project])
    counts = (shown.image_count, shown.duplicate_count, shown.rejected_count)
    assert counts == (3, 2, 5)


def test_no_projects(session: Session) -> None:
    assert load_projects(session, []) == []

"""The database does by itself: times, owners, deletions, checks, partitions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.models import (
    ActivityLog,
    Base,
    CrawlJob,
    ExportJob,
    Image,
    JobStats,
    Model,
    Prediction,
    Profile,
    Project,
    ValidationJob,
    new_id,
)
from tests.databases import act_as
from tests.migrations.tenants import Tenant, tables, tenant


@pytest.fixture(scope="module")
def ada(owner: Engine) -> Tenant:
    with owner.begin() as connection:
        return tenant(connection, "Ada@Example.org")


def key(person: Tenant, table: str) -> Any:
    return person.keys[table][0]


def count_left(connection: Connection, model: type[Base]) -> int:
    return connection.scalar(select(func.count()).select_from(model)) or 0


def test_ids_made_by_the_database_are_version_7_and_in_order(connection: Connection) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    first = later = connection.scalar(text("SELECT new_id()"))
    assert (first.version, first.variant) == (7, new_id().variant)
    made = datetime.fromtimestamp((first.int >> 80) / 1000, UTC)
    assert before < made < datetime.now(UTC) + timedelta(seconds=1)
    while later.int >> 80 == first.int >> 80:  # those of one millisecond are in no order
        later = connection.scalar(text("SELECT new_id()"))
    assert later > first


@pytest.mark.parametrize(
    "table", [table for table in tables() if "updated_at" in table.c], ids=lambda table: table.name
)
def test_updated_at_is_kept_whoever_writes(connection: Connection, table: Any, ada: Tenant) -> None:
    before = connection.scalar(select(table.c.updated_at).where(ada.has(table)))
    connection.execute(update(table).where(ada.has(table)).values(updated_at=datetime(2000, 1, 1)))
    after = connection.scalar(select(table.c.updated_at).where(ada.has(table)))
    assert before is not None
    assert after is not None
    assert after > before


def test_addresses_are_unique_whatever_their_case(connection: Connection, ada: Tenant) -> None:
    with pytest.raises(IntegrityError, match="uq_profiles_email_lower"):
        connection.execute(insert(Profile).values(email="ada@EXAMPLE.ORG"))


def test_users_has_the_columns_of_both_other_designs(connection: Connection, ada: Tenant) -> None:
    connection.execute(update(Profile).values(role="admin", full_name="Ada", hashed_password="h"))
    row = connection.execute(text("SELECT * FROM users WHERE email = 'Ada@Example.org'")).one()
    assert row._asdict() | {"created_at": 0, "updated_at": 0} == {
        "id": ada.id,
        "email": "Ada@Example.org",
        "hashed_password": "h",
        "password_hash": "h",
        "full_name": "Ada",
        "name": "Ada",
        "is_active": True,
        "is_admin": True,
        "created_at": 0,
        "updated_at": 0,
    }


def test_an_image_belongs_to_its_jobs_project_and_owner(
    connection: Connection, ada: Tenant
) -> None:
    other = tenant(connection, "bob@example.org")
    connection.execute(
        insert(Image).values(
            crawl_job_id=key(ada, "crawl_jobs"),
            project_id=key(other, "projects"),
            user_id=other.id,
            original_url="x",
        )
    )
    written = connection.execute(
        select(Image.project_id, Image.user_id, Image.image_id == Image.id).where(
            Image.original_url == "x"
        )
    ).one()
    assert written == (key(ada, "projects"), ada.id, True)


def test_an_image_of_a_deleted_job_is_refused_as_a_missing_parent(connection: Connection) -> None:
    with pytest.raises(DBAPIError) as error:
        connection.execute(insert(Image).values(crawl_job_id=new_id()))
    assert error.value.orig is not None
    assert error.value.orig.args[0]["C"] == "23503"


def test_a_duplicate_points_to_its_own_project(connection: Connection, ada: Tenant) -> None:
    other = tenant(connection, "bob@example.org")
    with pytest.raises(DBAPIError, match="fk_images_duplicate_of"):
        connection.execute(
            insert(Image).values(project_id=key(ada, "projects"), duplicate_of=key(other, "images"))
        )


def test_deleting_the_original_keeps_its_duplicates(connection: Connection, ada: Tenant) -> None:
    original = key(ada, "images")
    copy = connection.scalar(
        insert(Image)
        .values(project_id=key(ada, "projects"), duplicate_of=original, is_duplicate=True)
        .returning(Image.id)
    )
    connection.execute(delete(Image).where(Image.id == original))
    row = connection.execute(
        select(Image.duplicate_of, Image.project_id).where(Image.id == copy)
    ).one()
    assert row == (None, key(ada, "projects"))


def test_content_is_first_once_in_a_project(connection: Connection, ada: Tenant) -> None:
    values = {"project_id": key(ada, "projects"), "image_hash": "h"}
    connection.execute(insert(Image).values(values))
    with pytest.raises(IntegrityError, match="uq_images_project_id_image_hash"):
        connection.execute(insert(Image).values(values))


@pytest.mark.parametrize("parent", ["profiles", "projects", "crawl_jobs"])
def test_deleting_a_parent_deletes_what_hangs_on_it(
    connection: Connection, ada: Tenant, parent: str
) -> None:
    connection.execute(delete(Base.metadata.tables[parent]).where(
        Base.metadata.tables[parent].c.id == key(ada, parent)
    ))  # fmt: skip
    for model in (Image, ValidationJob, ExportJob):
        assert count_left(connection, model) == 0, model
    if parent == "profiles":
        assert count_left(connection, Project) == count_left(connection, CrawlJob) == 0
        assert count_left(connection, Model) == count_left(connection, Prediction) == 0
        assert connection.scalars(select(ActivityLog.user_id)).all() == [None]


def test_statistics_outlive_their_image_and_job_but_not_their_owner(
    connection: Connection, ada: Tenant
) -> None:
    connection.execute(delete(Project))
    row = connection.execute(select(JobStats.image_id, JobStats.crawl_job_id, JobStats.user_id))
    assert row.one() == (None, None, ada.id)
    connection.execute(delete(Profile))
    assert count_left(connection, JobStats) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE crawl_jobs SET progress = 101",
        "UPDATE crawl_jobs SET status = 'done'",
        "UPDATE crawl_jobs SET failed_images = -1",
        "UPDATE images SET width = 0",
        "UPDATE images SET uniformity = 1.5",
        "UPDATE crawl_chunks SET urls = '[]', urls_object = 'x'",
        "UPDATE export_jobs SET format = 'rar'",
        "UPDATE models SET version = 0",
        "UPDATE idempotency_keys SET status = 'done'",
        "UPDATE profiles SET role = 'root'",
    ],
)
def test_impossible_values_are_refused(connection: Connection, ada: Tenant, statement: str) -> None:
    with pytest.raises(DBAPIError) as error:
        connection.execute(text(statement))
    assert error.value.orig is not None
    assert error.value.orig.args[0]["C"] == "23514"


def test_near_duplicates_are_found_by_probing(connection: Connection, ada: Tenant) -> None:
    """Whichever five bits differ, one of three bands is found by one of its probes."""
    found = connection.execute(
        text("""
        WITH flipped AS (
            SELECT a.n AS hash, a.n # bit_or(1::bigint << b.bit) AS other
            FROM (SELECT n, (random() * 9e18)::bigint AS salt FROM
                  (VALUES (0::bigint), (-1), (6148914691236517205)) v (n),
                  generate_series(1, 200)) a,
            LATERAL (SELECT (random() * 63)::int AS bit FROM generate_series(1, 5)
                     WHERE a.salt >= 0) b
            GROUP BY a.n, a.salt
        )
        SELECT count(*), max(phash_distance(hash, other)), count(*) FILTER (WHERE
            (other >> 43 & 2097151)::int = ANY (phash_probes((hash >> 43 & 2097151)::int, 21))
            OR (other >> 22 & 2097151)::int = ANY (phash_probes((hash >> 22 & 2097151)::int, 21))
            OR (other & 4194303)::int = ANY (phash_probes((hash & 4194303)::int, 22)))
        FROM flipped
        """)
    ).one()
    assert found == (600, 5, 600)


def test_rows_of_future_months_get_their_partition(connection: Connection, ada: Tenant) -> None:
    """Also those that came before it: they wait in the default partition and move."""
    months = text("""
        SELECT tableoid::regclass::text FROM predictions
        WHERE created_at > now() + interval '5 days' ORDER BY created_at
    """)
    soon, late = (datetime.now(UTC) + timedelta(days=days) for days in (40, 5 * 31))
    for created_at in (soon, late):
        connection.execute(
            insert(Prediction).values(
                model_id=key(ada, "models"), user_id=ada.id, input_data={}, created_at=created_at
            )
        )
    assert connection.scalars(months).all() == [
        f"predictions_{soon:%Y_%m}",
        "predictions_default",
    ]
    act_as(connection, "pixmill_system")
    make = text("SELECT ensure_partitions('predictions', 6)")
    assert [connection.scalar(make) for _ in range(2)] == [3, 0]
    assert connection.scalars(months).all() == [
        f"predictions_{soon:%Y_%m}",
        f"predictions_{late:%Y_%m}",
    ]
    indexes = text("SELECT count(*) FROM pg_indexes WHERE tablename = :table")
    names = {"table": f"predictions_{late:%Y_%m}"}
    assert connection.scalar(indexes, names) == len(Base.metadata.tables["predictions"].indexes) + 1


def test_only_partitioned_tables_get_partitions(connection: Connection) -> None:
    with pytest.raises(DBAPIError, match="has no default partition"):
        connection.execute(text("SELECT ensure_partitions('images', 1)"))


def test_a_caller_cannot_make_partitions(connection: Connection) -> None:
    act_as(connection, "pixmill_caller")
    with pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("SELECT ensure_partitions('predictions', 1)"))

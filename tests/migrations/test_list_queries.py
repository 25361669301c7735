"""The functions' questions are answered from an index, under row security too."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from shared.images.filters import filter_images
from shared.images.similarity import looks_like
from shared.models import DeletedImage, Image
from shared.schemas.images import ImageQuery
from tests.databases import act_as
from tests.migrations.plans import plan

# Conditions of each list route; all are ordered by id, newest first.
LISTS = {
    "api_keys": ["user_id = :user"],
    "projects": ["user_id = :user"],
    "crawl_jobs": ["project_id = :project", "project_id = :project AND status = 'running'"],
    "crawl_chunks": ["crawl_job_id = :job", "crawl_job_id = :job AND status = 'pending'"],
    "crawl_schedules": ["project_id = :project"],
    "images": [
        "project_id = :project",
        "crawl_job_id = :job",
        "project_id = :project AND status = 'failed'",
        "project_id = :project AND NOT is_valid",
        "project_id = :project AND is_duplicate",
        "project_id = :project AND label = 'l1'",
        "project_id = :project AND format = 'png'",
    ],
    "image_analyses": ["image_id = :image"],
    "job_stats": [
        "user_id = :user",
        "user_id = :user AND image_id = :image",
        "user_id = :user AND status = 'failed'",
    ],
    "validation_jobs": ["crawl_job_id = :job"],
    "verification_jobs": ["project_id = :project"],
    "export_jobs": ["user_id = :user", "user_id = :user AND status = 'running'"],
    "activity_logs": [
        "user_id = :user",
        "user_id = :user AND action = 'a1'",
        "user_id = :user AND resource_type = 'r1'",
    ],
    "models": ["user_id = :user", "user_id = :user AND status = 'active'"],
    "predictions": [
        "user_id = :user",
        "model_id = :model",
        "user_id = :user AND status = 'failed'",
    ],
    "webhooks": ["user_id = :user"],
    "webhook_deliveries": ["webhook_id = :webhook", "webhook_id = :webhook AND status = 'failed'"],
}

# What the system asks, each with the index that must answer it.
SWEEPS = {
    "ix_outbox_unsent": "SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY created_at LIMIT 9",
    "ix_outbox_sent_at": "SELECT id FROM outbox WHERE sent_at < now() - interval '7 days'",
    "ix_crawl_chunks_lease_expires_at": "SELECT * FROM crawl_chunks"
    " WHERE status = 'running' AND lease_expires_at < now()",
    "ix_crawl_chunks_pending": "SELECT * FROM crawl_chunks"
    " WHERE status = 'pending' AND updated_at < now() - interval '1 day'",
    "ix_verification_chunks_lease_expires_at": "SELECT * FROM verification_chunks"
    " WHERE status = 'running' AND lease_expires_at < now()",
    "ix_verification_chunks_pending": "SELECT * FROM verification_chunks"
    " WHERE status = 'pending' AND updated_at < now() - interval '1 day'",
    "ix_export_parts_lease_expires_at": "SELECT * FROM export_parts"
    " WHERE status = 'running' AND lease_expires_at < now()",
    "ix_export_parts_pending": "SELECT * FROM export_parts"
    " WHERE status = 'pending' AND updated_at < now() - interval '1 day'",
    "ix_verification_jobs_unfinished": "SELECT * FROM verification_jobs"
    " WHERE status IN ('pending', 'running') AND updated_at < now() - interval '1 day'",
    "ix_verification_results_chunk_id": "SELECT image_id FROM verification_results"
    " WHERE chunk_id = (SELECT max(id::text)::uuid FROM verification_chunks)",
    "ix_images_unfinished": "SELECT id FROM images"
    " WHERE status = 'processing' AND created_at < now() - interval '1 day'",
    "pk_image_sources": "SELECT * FROM image_sources"
    " WHERE project_id = (SELECT max(id::text)::uuid FROM projects) AND address IN ('a', 'b')",
    "uq_deleted_images_project_id_sha256": "SELECT created_at FROM deleted_images"
    " WHERE project_id = (SELECT max(id::text)::uuid FROM projects) AND sha256 IN ('a', 'b')",
    "ix_crawl_schedules_next_run_at": "SELECT id FROM crawl_schedules WHERE next_run_at <= now()",
    "uq_crawl_jobs_schedule_id_scheduled_for": "SELECT id FROM crawl_jobs"
    " WHERE schedule_id = (SELECT max(id::text)::uuid FROM projects)"
    " AND status IN ('pending', 'running')",
    "uq_profiles_email_lower": "SELECT id FROM profiles WHERE lower(email) = lower('U9@x.org')",
    "uq_sessions_access_hash": "SELECT * FROM sessions WHERE access_hash = 'x'",
    "uq_sessions_refresh_hash": "SELECT * FROM sessions WHERE refresh_hash = 'x'",
    "uq_sign_in_codes_code_hash": "SELECT * FROM sign_in_codes WHERE code_hash = 'x'",
    "ix_sign_in_codes_user_id": "SELECT count(*) FROM sign_in_codes"
    " WHERE user_id = (SELECT id FROM profiles LIMIT 1) AND expires_at > now()",
    "ix_sign_in_codes_expires_at": "SELECT * FROM sign_in_codes"
    " WHERE expires_at < now() - interval '38 minutes'",
    "ix_guess_counts_counted_at": "SELECT * FROM guess_counts"
    " WHERE counted_at < now() - interval '80 days'",
    "ix_known_places_seen_at": "SELECT * FROM known_places"
    " WHERE seen_at < now() - interval '9 days'",
    "idx_api_keys_key_hash": "SELECT * FROM api_keys WHERE key_hash = 'x'",
    "idx_models_metadata": """SELECT id FROM models WHERE metadata @> '{"owner": "x"}'""",
    "ix_webhooks_due_at": "SELECT id FROM webhooks WHERE is_active AND due_at <= now()"
    " AND (lease_expires_at IS NULL OR lease_expires_at < now()) ORDER BY due_at LIMIT 9",
    "ix_webhooks_user_id_id": "SELECT id FROM webhooks"
    " WHERE user_id = (SELECT max(id::text)::uuid FROM profiles) AND events @> '{e}'",
    "ix_webhook_deliveries_waiting": "SELECT id FROM webhook_deliveries"
    " WHERE webhook_id = (SELECT min(id::text)::uuid FROM webhooks) AND status = 'pending'"
    " AND next_attempt_at <= now() ORDER BY next_attempt_at, id LIMIT 20",
    "ix_webhook_deliveries_created_at": "SELECT id FROM webhook_deliveries"
    " WHERE created_at < now() - interval '120 days' LIMIT 5000",
    "ix_images_project_id_sha256": "SELECT id FROM images"
    " WHERE project_id = (SELECT max(id::text)::uuid FROM projects) AND sha256 = 'x'",
}


@pytest.fixture
def connection(populated: Engine) -> Iterator[Connection]:
    with populated.connect() as connection:
        yield connection


@pytest.fixture
def values(connection: Connection) -> dict[str, Any]:
    """Ids of the rows of the person who has most images."""
    row = connection.execute(
        text("""
        SELECT i.id AS image, i.user_id AS "user", i.project_id AS project,
            i.crawl_job_id AS job, m.id AS model, w.id AS webhook
        FROM images i JOIN models m USING (user_id) JOIN webhooks w USING (user_id)
        ORDER BY i.id, w.id LIMIT 1
        """)
    ).one()
    return dict(row._mapping)


@pytest.mark.parametrize(
    ("table", "condition"),
    [(table, condition) for table, conditions in LISTS.items() for condition in conditions],
)
def test_a_list_is_read_from_an_index(
    connection: Connection, values: dict[str, Any], table: str, condition: str
) -> None:
    act_as(connection, "pixmill_caller", values["user"])
    used = {name: value for name, value in values.items() if f":{name}" in condition}
    query = f"SELECT * FROM {table} WHERE {condition} ORDER BY id DESC LIMIT 51"
    found = plan(connection, query, **used)
    # The parents that row security asks may be small enough to be read whole.
    assert not {name for name in found.whole_tables if name.startswith(table)}
    assert found.indexes


FILTERS: list[dict[str, Any]] = [
    {"license": "CC0"},
    {"host": "a.example"},
    {"reason": "truncated"},
    {"unlabelled": True},
    {"max_width": 100, "max_height": 100},
    {"min_bytes": 2**40, "max_bytes": 2**41},
    {"min_sharpness": 1.5, "max_brightness": 0.5, "max_uniformity": 0.5},
    {"text": "a cat"},
    {"analyzer": "basic", "analysis_label": "night"},
    {"analysis_label": "night"},
    {"version_id": "01936f1e-0000-7000-8000-000000000000", "split": "test"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_filter_reads_images_of_the_project_only(
    connection: Connection, values: dict[str, Any], filters: dict[str, Any]
) -> None:
    """The project is a small one: for the busiest the whole table is read as well."""
    small = connection.execute(
        text("SELECT id, user_id FROM projects WHERE id <> :project LIMIT 1"), values
    ).one()
    act_as(connection, "pixmill_caller", small.user_id)
    statement = (
        select(Image.id)
        .where(Image.user_id == small.user_id, Image.project_id == small.id)
        .where(*filter_images(ImageQuery.model_validate(filters)))
        .order_by(Image.id.desc())
        .limit(51)
    )
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    found = plan(connection, str(compiled).replace("%%", "%"))
    assert not found.whole_tables & {"images", "image_analyses", "version_images"}
    assert found.indexes


def test_findings_are_listed_by_verdict_from_an_index(
    connection: Connection, values: dict[str, Any]
) -> None:
    job = connection.scalar(
        text("SELECT id FROM validation_jobs WHERE crawl_job_id = :job"), {"job": values["job"]}
    )
    act_as(connection, "pixmill_caller", values["user"])
    found = plan(
        connection,
        "SELECT * FROM validation_results WHERE validation_job_id = :job AND NOT is_valid"
        " ORDER BY image_id DESC LIMIT 51",
        job=job,
    )
    assert "ix_validation_results_valid" in found.indexes


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("outcome = 'gone'", "ix_verification_results_outcome"),
        ("host = 'h7' AND outcome IS NOT NULL", "ix_verification_results_host"),
    ],
)
def test_outcomes_of_origins_are_listed_from_an_index(
    connection: Connection, values: dict[str, Any], condition: str, index: str
) -> None:
    job = connection.scalar(
        text("SELECT id FROM verification_jobs WHERE project_id = :project LIMIT 1"),
        {"project": values["project"]},
    )
    act_as(connection, "pixmill_caller", values["user"])
    found = plan(
        connection,
        f"SELECT * FROM verification_results WHERE verification_job_id = :job AND {condition}"
        " ORDER BY image_id DESC LIMIT 51",
        job=job,
    )
    assert index in found.indexes


def test_an_images_latest_verification_is_found_from_an_index(
    connection: Connection, values: dict[str, Any]
) -> None:
    act_as(connection, "pixmill_caller", values["user"])
    found = plan(
        connection,
        "SELECT rights_signal_ids FROM verification_results WHERE image_id = :image"
        " ORDER BY verification_job_id DESC LIMIT 1",
        image=values["image"],
    )
    assert "ix_verification_results_image_id" in found.indexes


def test_similar_images_are_found_from_three_indexes(
    connection: Connection, values: dict[str, Any]
) -> None:
    act_as(connection, "pixmill_caller", values["user"])
    statement = select(Image.id).where(
        Image.project_id == values["project"], looks_like(5, limit=4)
    )
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    names = {f"ix_images_project_id_phash_{band}" for band in ("high", "middle", "low")}
    assert names <= plan(connection, str(compiled)).indexes


def test_deleted_images_that_look_like_one_are_found_from_three_indexes(
    connection: Connection, values: dict[str, Any]
) -> None:
    act_as(connection, "pixmill_system")
    statement = select(DeletedImage.id).where(
        DeletedImage.project_id == values["project"], looks_like(5, 4, DeletedImage)
    )
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    names = {f"ix_deleted_images_project_id_phash_{band}" for band in ("high", "middle", "low")}
    assert names <= plan(connection, str(compiled)).indexes


def test_similar_images_are_the_same_with_and_without_indexes(
    connection: Connection, values: dict[str, Any]
) -> None:
    in_project = Image.project_id == values["project"]
    phash = connection.scalar(select(Image.phash).where(Image.id == values["image"]))
    assert phash is not None
    for distance in (0, 4, 5, 6, 8, 9, 26):
        exact = func.phash_distance(Image.phash, phash) <= distance
        found = connection.scalars(
            select(Image.id).where(in_project, looks_like(phash, distance))
        ).all()
        assert sorted(found) == sorted(
            connection.scalars(select(Image.id).where(in_project, exact))
        )
    assert len(found) > 1


@pytest.mark.parametrize("index", SWEEPS)
def test_the_system_finds_its_work_by_an_index(connection: Connection, index: str) -> None:
    act_as(connection, "pixmill_system")
    assert index in plan(connection, SWEEPS[index]).indexes

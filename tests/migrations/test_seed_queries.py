"""The designs that Pixmill merges: their queries run as written and use an index, by its name."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from shared.models import Base
from tests.migrations.plans import plan

# Each query as its document has it, with the indexes that may serve it.
QUERIES = {
    "projects of a user": (
        "SELECT * FROM projects \nWHERE user_id = $1 \nORDER BY created_at DESC;",
        {"ix_project_user_id"},
    ),
    "active jobs": (
        """SELECT * FROM crawl_jobs
WHERE project_id = $1 AND status = 'running'
ORDER BY created_at DESC;""",
        {"ix_crawl_job_project_status"},
    ),
    "images of a job": (
        "SELECT * FROM images \nWHERE crawl_job_id = $1 \nLIMIT 100;",
        {"ix_image_crawl_job_id"},
    ),
    "recent activity": (
        "SELECT * FROM activity_logs \nWHERE user_id = $1 \nORDER BY timestamp DESC \nLIMIT 50;",
        {"ix_activity_logs_user_id_timestamp"},
    ),
    "export jobs": (
        """SELECT * FROM export_jobs
WHERE user_id = $1 AND status = 'completed'
ORDER BY created_at DESC;""",
        {"ix_export_job_user_id", "ix_export_jobs_user_id_status_id"},
    ),
    "image by id": (
        "SELECT * FROM images WHERE image_id = <image_id>;",
        {"ix_images_image_id"},
    ),
    "images of a user": (
        "SELECT * FROM images WHERE user_id = <user_id>;",
        {"idx_user_id"},
    ),
    "active models": (
        """SELECT id, name, version, status, created_at
FROM models
WHERE user_id = :user_id AND status = 'active'
ORDER BY created_at DESC;""",
        {"idx_models_user_id", "ix_models_user_id_status_id"},
    ),
    "latest version": (
        """SELECT *
FROM models
WHERE user_id = :user_id AND name = :model_name
ORDER BY version DESC
LIMIT 1;""",
        {"unique_user_model_version"},
    ),
    "prediction statistics": (
        """SELECT
    m.name,
    m.version,
    COUNT(p.id) as total_predictions,
    AVG(p.inference_time_ms) as avg_inference_time,
    COUNT(CASE WHEN p.status = 'failed' THEN 1 END) as failed_predictions
FROM models m
LEFT JOIN predictions p ON m.id = p.model_id
WHERE m.user_id = :user_id
GROUP BY m.id, m.name, m.version;""",
        {"idx_models_user_id", "unique_user_model_version", "ix_models_user_id_status_id"},
    ),
    "usage of 30 days": (
        """SELECT
    DATE(created_at) as date,
    COUNT(*) as prediction_count,
    AVG(inference_time_ms) as avg_time
FROM predictions
WHERE user_id = :user_id
  AND created_at >= NOW() - INTERVAL '30 days'
GROUP BY DATE(created_at)
ORDER BY date DESC;""",
        # Which of the two is cheaper depends on how much of a month the 30 days cover.
        {"ix_predictions_user_id_created_at", "idx_predictions_user_id"},
    ),
    "user by address": (
        "SELECT * FROM users WHERE email = 'u7@example.org'",
        {"ix_profiles_email"},
    ),
}

# Index names that the documents give, each with the columns that it starts with.
INDEXES = {
    "ix_profiles_email": ["email"],
    "ix_project_user_id": ["user_id"],
    "ix_crawl_job_status": ["status"],
    "ix_crawl_jobs_project_id": ["project_id"],
    "ix_crawl_job_project_status": ["project_id", "status"],
    "ix_image_crawl_job_id": ["crawl_job_id"],
    "ix_activity_log_user_id": ["user_id"],
    "ix_activity_log_timestamp": ["timestamp"],
    "ix_validation_job_status": ["status"],
    "ix_validation_job_crawl_job_id": ["crawl_job_id"],
    "ix_export_job_status": ["status"],
    "ix_export_job_user_id": ["user_id"],
    "ix_export_job_crawl_job_id": ["crawl_job_id"],
    "idx_user_id": ["user_id"],
    "idx_users_is_active": ["is_active"],
    "idx_models_user_id": ["user_id"],
    "idx_models_status": ["status"],
    "idx_models_created_at": ["created_at"],
    "idx_models_metadata": ["metadata"],
    "idx_predictions_model_id": ["model_id"],
    "idx_predictions_user_id": ["user_id"],
    "idx_predictions_created_at": ["created_at"],
    "idx_predictions_status": ["status"],
    "idx_api_keys_user_id": ["user_id"],
    "idx_api_keys_key_hash": ["key_hash"],
    "idx_api_keys_is_active": ["is_active"],
    "unique_user_model_version": ["user_id", "name", "version"],
}


@pytest.fixture
def connection(populated: Engine) -> Iterator[Connection]:
    with populated.connect() as connection:
        yield connection


@pytest.fixture
def values(connection: Connection) -> dict[str, Any]:
    """Ids of one person's rows, by what the documents' placeholders ask for."""
    row = connection.execute(
        text(
            "SELECT id AS image_id, user_id, project_id, crawl_job_id FROM images"
            " ORDER BY id DESC LIMIT 1"
        )
    ).one()
    return dict(row._mapping)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_runs_as_written_and_uses_an_index(
    connection: Connection, values: dict[str, Any], name: str
) -> None:
    query, wanted = QUERIES[name]
    asked = re.search(r"(\w+) = \$1", query)
    literals = {key: f"'{value}'" for key, value in values.items()}
    filled_in = query.replace("$1", literals[asked[1]] if asked else "")
    filled_in = re.sub(r"<(\w+)>|:(user_id)", lambda m: literals[m[1] or m[2]], filled_in)
    filled_in = filled_in.replace(":model_name", "'m1'")
    assert connection.execute(text(filled_in)).first() is not None
    found = plan(connection, filled_in)
    assert not found.whole_tables
    assert wanted & found.indexes
    if "predictions p" in query:
        assert "idx_predictions_model_id" in found.indexes


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_keeps_its_name(connection: Connection, name: str) -> None:
    columns = connection.scalars(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass)"
            " ORDER BY attnum"
        ),
        {"name": name},
    ).all()
    assert columns[: len(INDEXES[name])] == INDEXES[name]


def test_every_index_says_what_it_serves() -> None:
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            assert index.info["serves"], index.name

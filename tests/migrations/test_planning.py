"""PostgreSQL is told about the data where it would guess wrong."""

import json

from sqlalchemy import Connection, text

from tests.databases import act_as
from tests.migrations.population import populate

# As GET /v1/predictions?model_id= asks.
LIST = (
    "EXPLAIN (FORMAT JSON) SELECT * FROM predictions"
    " WHERE user_id = :user_id AND model_id = :id ORDER BY id DESC LIMIT 51"
)
PARTITIONS = """
SELECT c.relname, EXISTS (
    SELECT FROM pg_statistic_ext s WHERE s.stxrelid = c.oid AND s.stxkind = '{f}')
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'predictions'::regclass
"""


def test_the_newest_predictions_of_a_busy_model_are_not_found_by_sorting_all(
    connection: Connection,
) -> None:
    populate(connection)
    row = connection.execute(text("SELECT id, user_id FROM models ORDER BY id LIMIT 1")).one()
    model = {"id": row.id, "user_id": row.user_id}
    connection.execute(
        text("""
        INSERT INTO predictions (model_id, user_id, input_data)
        SELECT :id, :user_id, '{}' FROM generate_series(1, 1000)
        """),
        model,
    )
    connection.execute(text("ANALYZE predictions"))
    act_as(connection, "pixmill_caller", row.user_id)
    plan = connection.execute(text(LIST), model).scalar_one()
    assert '"Sort"' not in json.dumps(plan)


def test_later_partitions_know_it_too(connection: Connection) -> None:
    before = connection.execute(text(PARTITIONS)).all()
    connection.execute(text("SELECT ensure_partitions('predictions', 6)"))
    after = connection.execute(text(PARTITIONS)).all()
    assert len(after) > len(before)
    assert all(known for _, known in after)

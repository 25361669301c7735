"""Rules that every table keeps."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint

from shared.models import Base

TABLES = Base.metadata.sorted_tables
# Every other table has created_at.
CREATED = {
    "activity_logs": "timestamp",
    "guess_counts": "counted_at",
    "hosts": "used_at",
    "image_sources": "checked_at",
    "known_places": "seen_at",
}
SUMS = {"call_counts", "prediction_counts", "input_counts", "storage_counts"}  # of a time
# Many rows that are written in one transaction with a row that knows the time.
PARTS = {
    "version_images": "versions",
    "version_ranges": "versions",
    "verification_results": "verification_jobs",
}
MIGRATED = {"source_listings"}  # a migration wrote them; nothing else does


def test_every_table_and_column_is_explained() -> None:
    for table in TABLES:
        assert table.comment, table
        for column in table.columns:
            assert column.comment, column


def test_every_table_knows_when_its_rows_were_written() -> None:
    for table in TABLES:
        if table.name in SUMS | MIGRATED:
            continue
        if table.name in PARTS:
            whole = Base.metadata.tables[PARTS[table.name]]
            assert any(
                key.column.table is whole and key.parent.primary_key for key in table.foreign_keys
            )
            continue
        column = table.c[CREATED.get(table.name, "created_at")]
        assert column.server_default is not None, table
        assert column.type.timezone, table  # type: ignore[attr-defined]


def test_every_foreign_key_says_what_a_deletion_does_and_is_indexed() -> None:
    for table in TABLES:
        indexed = [[column.name for column in table.primary_key]]
        indexed += [[column.name for column in index.columns] for index in table.indexes]
        indexed += [
            [column.name for column in constraint.columns]
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        ]
        for key in table.constraints:
            if isinstance(key, ForeignKeyConstraint):
                assert key.ondelete, key
                last = list(key.columns)[-1].name
                assert any(columns[:1] == [last] for columns in indexed), (table.name, last)


def test_states_are_a_closed_list() -> None:
    for table in TABLES:
        if "status" in table.c:
            rules = [
                str(constraint.sqltext)
                for constraint in table.constraints
                if isinstance(constraint, CheckConstraint)
            ]
            assert any(rule.startswith("status IN (") for rule in rules), table


def test_every_index_and_unique_constraint_says_what_it_serves() -> None:
    for table in TABLES:
        for index in table.indexes:
            assert index.info["serves"], index
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert constraint.info["serves"], constraint

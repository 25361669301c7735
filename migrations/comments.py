"""Comments on tables and columns, for migrations that are written in SQL."""

from alembic import op


def comment_on(table: str, comment: str, **columns: str) -> None:
    """Describe a table, and its columns by name."""
    op.execute(f"COMMENT ON TABLE {table} IS {_quoted(comment)}")
    for column, text in columns.items():
        op.execute(f"COMMENT ON COLUMN {table}.{column} IS {_quoted(text)}")


def _quoted(text: str) -> str:
    # Statements pass through SQLAlchemy's text(), where a colon would begin a parameter.
    return "'" + text.replace("'", "''").replace(":", r"\:") + "'"

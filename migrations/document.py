"""Writes SCHEMA.md from the models, and schema.sql from the migrations.

`python -m migrations.document`; `--check` only compares.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DefaultClause,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from migrations.newest import SCHEMA, make_title
from shared.models import Base

Kind = TypeVar("Kind", bound=Constraint)
DOCUMENT = Path(__file__).with_name("SCHEMA.md")
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_HEAD = """# Schema

Written by `python -m migrations.document` from `shared/models`; do not edit.

Every table with people's rows has row-level security: the role `pixmill_caller` sees and changes
what belongs to `caller_id()`, the role `pixmill_system` everything. `deliveries` and
`dead_letters` are the system's alone; a caller adds to `outbox` without reading it, and to
`activity_logs` without changing what is there.

The view `users` shows `profiles` with `password_hash` and `name` besides their own columns.

| function | what it does |
| --- | --- |
| `new_id()` | a UUID version 7, for rows written in SQL |
| `caller_id()` | the signed-in caller: the setting `pixmill.user_id`, or NULL |
| `phash_distance(a, b)` | bits in which two perceptual hashes differ |
| `phash_probes(band, bits)` | a band of a hash and all that differ from it in one bit |
| `ensure_partitions(table, months)` | makes the monthly partitions that are missing |
| `drop_partitions(table, until)` | drops the monthly partitions that end by then |
| `latency_bucket(ms)` | which of 8 ranges to the doubling a time lies in |

Triggers add to `prediction_counts`, `input_counts` and `storage_counts` what a statement writes to
`predictions` and `images`, in the same transaction.
"""


def schema() -> str:
    """Return the whole document, the same for the same models."""
    tables = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    parts = [_HEAD, *_diagram(tables), *(line for table in tables for line in _describe(table))]
    return "\n".join(parts) + "\n"


def _diagram(tables: list[Table]) -> Iterator[str]:
    yield "## Entities and relations\n\n```mermaid\nerDiagram"
    for table in tables:
        for constraint in _ordered(table, ForeignKeyConstraint):
            column = list(constraint.columns)[-1]
            parent = "|o" if column.nullable else "||"
            target = constraint.elements[0].column.table.name
            yield f"    {target} {parent}--o{{ {table.name} : {column.name}"
    for table in tables:
        yield f"    {table.name} {{"
        for column in table.columns:
            keys = ["PK"] * column.primary_key + ["FK"] * bool(column.foreign_keys)
            if keys:
                yield f"        {_type(column)} {column.name} {', '.join(keys)}"
        yield "    }"
    yield "```\n"


def _describe(table: Table) -> Iterator[str]:
    partitioned = table.dialect_options["postgresql"].get("partition_by")
    yield f"## {table.name}\n\n{table.comment}.\n"
    if partitioned:
        yield f"Partitioned by `{partitioned}`.\n"
    yield "| column | type | default | meaning |\n| --- | --- | --- | --- |"
    for column in table.columns:
        kind = _type(column) + (", null" if column.nullable else "")
        yield f"| {column.name} | {kind} | {_default(column)} | {column.comment} |"
    yield "\n| constraint | rule |\n| --- | --- |"
    yield f"| {_name(table.primary_key)} | primary key ({_columns(table.primary_key)}) |"
    for key in _ordered(table, ForeignKeyConstraint):
        targets = ", ".join(element.column.name for element in key.elements)
        target = f"{key.elements[0].column.table.name} ({targets})"
        yield f"| {_name(key)} | ({_columns(key)}) → {target}, on delete {key.ondelete} |"
    for unique in _ordered(table, UniqueConstraint):
        yield f"| {_name(unique)} | unique ({_columns(unique)}) |"
    for check in _ordered(table, CheckConstraint):
        yield f"| {_name(check)} | `{check.sqltext}` |"
    indexes: list[UniqueConstraint | Index] = [
        *_ordered(table, UniqueConstraint),
        *sorted(table.indexes, key=_name),
    ]
    if indexes:
        yield "\n| index | on | serves |\n| --- | --- | --- |"
    for each in indexes:
        on = _definition(each) if isinstance(each, Index) else f"({_columns(each)}), unique"
        yield f"| {_name(each)} | {on} | {each.info['serves']} |"
    yield ""


def _ordered(table: Table, kind: type[Kind]) -> list[Kind]:
    """Return a table's constraints of one kind, by name."""
    return sorted((c for c in table.constraints if isinstance(c, kind)), key=_name)


def _name(item: Constraint | Index) -> str:
    """Return the name that the database knows, after the naming convention."""
    return str(_DIALECT.identifier_preparer.format_constraint(item))


def _columns(constraint: Constraint) -> str:
    return ", ".join(column.name for column in getattr(constraint, "columns", ()))


def _definition(index: Index) -> str:
    """Return what comes after the table's name in CREATE INDEX."""
    statement = str(CreateIndex(index).compile(dialect=_DIALECT))
    definition = statement.split(" ON ", 1)[1].split(" ", 1)[1]
    return definition + (", unique" if index.unique else "")


def _type(column: Column[object]) -> str:
    compiled = str(column.type.compile(dialect=_DIALECT)).lower()
    return {"timestamp with time zone": "timestamptz", "double precision": "double"}.get(
        compiled, compiled
    )


def _default(column: Column[object]) -> str:
    given = column.server_default
    if isinstance(given, Computed):
        return f"generated: `{given.sqltext}`"
    if isinstance(given, DefaultClause):
        return f"`{given.arg if isinstance(given.arg, str) else given.arg.compile()}`"
    return ""


def print_statements() -> str:
    """Return what all migrations do, in their order, to an empty database of PostgreSQL."""
    printed = io.StringIO()
    config = Config(Path(__file__).parents[1] / "alembic.ini", output_buffer=printed)
    command.upgrade(config, "head", sql=True)
    head = ScriptDirectory.from_config(config).get_current_head()
    return f"{make_title(str(head))}\n{printed.getvalue().strip()}\n"


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` report which are out of date (exit code 1)."""
    wanted = {DOCUMENT: schema(), SCHEMA: print_statements()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if arguments == ["--check"]:
        for path in stale:
            sys.stderr.write(f"{path.name} is out of date: run python -m migrations.document\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

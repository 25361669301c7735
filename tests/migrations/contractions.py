"""Changes of a schema that break code which was written before them.

Code relies on what a schema offers: columns of a type, places for NULL, defaults, keys that
`ON CONFLICT` names, functions, rights, policies. It reckons with what a schema demands: values that
must be given, checks, references, uniqueness. A change that keeps every offer and adds no demand
on what was there suits old and new code side by side. Triggers are not judged: what they do to old
code is seen by running it (`make test-upgrade`).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

_TABLES = (
    "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
    " AND NOT c.relispartition AND c.relname <> 'alembic_version'"
)
_COLUMNS = f"""
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE {_TABLES} AND a.attnum > 0 AND NOT a.attisdropped
"""
_HAS_DEFAULT = "(a.atthasdef OR a.attidentity <> '')"
_KEYS = f"FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE {_TABLES} AND indisunique"
_KEY = "regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '')"

# Each with what it is made of: an offer that is made of something else is another offer.
_OFFERS = f"""
    SELECT 'column ' || c.relname || '.' || attname, format_type(atttypid, atttypmod) {_COLUMNS}
    UNION SELECT 'NULL in ' || c.relname || '.' || attname, '' {_COLUMNS} AND NOT attnotnull
    UNION SELECT 'default of ' || c.relname || '.' || attname, '' {_COLUMNS} AND {_HAS_DEFAULT}
    UNION SELECT 'key of ' || c.relname || ' ' || {_KEY}, '' {_KEYS}
    UNION SELECT 'function ' || p.oid::regprocedure, pg_get_function_result(p.oid)
    FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    UNION SELECT privilege_type || ' on ' || c.relname || ' for ' || grantee::regrole, ''
    FROM pg_class c, aclexplode(c.relacl) WHERE {_TABLES}
    UNION SELECT 'policy ' || polname || ' of ' || c.relname,
        concat_ws(' ', polpermissive, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid),
            pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE {_TABLES}
"""

# Also with the table and the columns that each is about; about none is about every new row.
_DEMANDS = f"""
    SELECT 'value for ' || c.relname || '.' || attname, '', c.relname, ARRAY[]::text[]
    {_COLUMNS} AND attnotnull AND NOT {_HAS_DEFAULT}
    UNION SELECT 'row security of ' || c.relname, '', c.relname, ARRAY[]::text[]
    FROM pg_class c WHERE {_TABLES} AND relrowsecurity
    UNION SELECT 'constraint ' || conname || ' of ' || c.relname, pg_get_constraintdef(k.oid),
        c.relname, ARRAY(SELECT attname::text FROM pg_attribute
            WHERE attrelid = c.oid AND attnum = ANY (k.conkey))
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
    WHERE {_TABLES} AND contype IN ('c', 'f', 'x')
    UNION SELECT 'unique ' || indexrelid::regclass || ' of ' || c.relname, {_KEY},
        c.relname, ARRAY(SELECT attname::text FROM pg_attribute
            WHERE attrelid = c.oid AND attnum = ANY (indkey))
    {_KEYS}
"""


@dataclass(frozen=True)
class Schema:
    """A schema's offers and demands, and its columns as pairs of table and column."""

    columns: frozenset[tuple[str, str]]
    offers: frozenset[tuple[str, str]]
    demands: frozenset[tuple[str, str, str, tuple[str, ...]]]


def schema_of(connection: Connection) -> Schema:
    """Return the schema as PostgreSQL itself writes it down."""

    def rows(statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(text(statement))]

    return Schema(
        frozenset(rows(f"SELECT c.relname, attname {_COLUMNS}")),
        frozenset(rows(_OFFERS)),
        frozenset((*rest, tuple(about)) for *rest, about in rows(_DEMANDS)),
    )


def contractions(before: Schema, after: Schema) -> set[str]:
    """Return what code for the schema `before` does not find, or does not reckon with, after."""
    tables = {table for table, _ in before.columns}
    return {f"gone: {offer}" for offer, _ in before.offers - after.offers} | {
        f"new: {demand}"
        for demand, _, table, about in after.demands - before.demands
        if table in tables
        and (not about or any((table, column) in before.columns for column in about))
    }

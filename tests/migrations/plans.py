"""Plans by which PostgreSQL carries out a query."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class QueryPlan:
    """Indexes (a partition's under its parent's name) and whole tables that a query reads."""

    indexes: set[str]
    whole_tables: set[str]


def plan(connection: Connection, statement: str, **parameters: Any) -> QueryPlan:
    """Return how a query would be carried out. Empty tables count as not read."""
    [result] = connection.scalars(text(f"EXPLAIN (FORMAT JSON) {statement}"), parameters).all()
    steps = list(_steps(result[0]["Plan"]))
    indexes = {step["Index Name"] for step in steps if "Index Name" in step}
    whole = {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"}
    parents = connection.scalars(
        text(
            "SELECT inhparent::regclass::text FROM pg_inherits"
            " WHERE inhrelid::regclass::text = ANY (:names)"
        ),
        {"names": list(indexes)},
    )
    filled = connection.scalars(
        text("SELECT relname FROM pg_class WHERE relname = ANY (:names) AND reltuples > 0"),
        {"names": list(whole)},
    )
    return QueryPlan(indexes | set(parents), set(filled))


def _steps(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _steps(child)

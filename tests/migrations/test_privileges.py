"""Rights of the functions of the database, and for whom they are."""

import pytest
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import DBAPIError

from shared.database.transactions import CALLER_ROLE, SYSTEM_ROLE

_FUNCTIONS = """
SELECT p.oid::regprocedure::text AS name, p.prosecdef AS definer,
    coalesce(p.proconfig, '{}') AS settings,
    has_function_privilege('pixmill_caller', p.oid, 'EXECUTE') AS caller,
    has_function_privilege('pixmill_system', p.oid, 'EXECUTE') AS system,
    EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE a.grantee = 0) AS everybody
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def list_functions(connection: Connection) -> list[Row[tuple[object, ...]]]:
    """Return our own functions."""
    found = connection.execute(text(_FUNCTIONS)).all()
    assert len(found) > 5
    return list(found)


def test_a_function_of_the_owners_rights_pins_where_it_looks(connection: Connection) -> None:
    definers = [one for one in list_functions(connection) if one.definer]
    assert {one.name.partition("(")[0] for one in definers} >= {
        "ensure_partitions",
        "drop_partitions",
    }
    for one in definers:
        (path,) = [value for value in one.settings if value.startswith("search_path=")]
        assert path == "search_path=public, pg_temp", one.name


def test_it_is_for_the_system_alone(connection: Connection) -> None:
    for one in list_functions(connection):
        assert not one.everybody, one.name
        if one.definer:
            assert (one.system, one.caller) == (True, False), one.name


def test_what_is_made_later_is_for_our_roles_alone(connection: Connection) -> None:
    connection.execute(text("CREATE FUNCTION later() RETURNS integer LANGUAGE sql AS 'SELECT 1'"))
    (made,) = [one for one in list_functions(connection) if one.name == "later()"]
    assert (made.caller, made.system, made.everybody) == (True, True, False)


def test_a_temporary_table_does_not_stand_before_ours(connection: Connection) -> None:
    """The name is looked up by the owner; a table of the caller's would be found first."""
    connection.execute(text("CREATE TEMPORARY TABLE predictions_default (bait integer)"))
    connection.execute(text(f"GRANT ALL ON predictions_default TO {SYSTEM_ROLE}"))
    connection.execute(text(f"SET LOCAL ROLE {SYSTEM_ROLE}"))
    made = connection.scalar(text("SELECT ensure_partitions('predictions', 30)"))
    assert made is not None
    assert made > 0


def test_a_caller_makes_no_partitions(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL ROLE {CALLER_ROLE}"))
    with pytest.raises(DBAPIError, match="permission denied for function"):
        connection.execute(text("SELECT drop_partitions('predictions', now())"))


def test_no_stored_rule_has_a_regular_expression(connection: Connection) -> None:
    """Checks at each write take time in proportion to the row."""
    rules = connection.execute(
        text("""
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT polname, concat(
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
        """)
    ).all()
    assert len(rules) > 50
    for name, definition in rules:
        assert not any(word in definition for word in (" ~", "regexp", "SIMILAR")), name

"""Functions of the owner's rights find nothing that a caller made, and are for nobody by default.

`SET search_path FROM CURRENT` left the temporary schema out, which PostgreSQL then looks in first.
Its own names come before all others where they are not listed, and the first schema that is listed
is where tables are made.
"""

from alembic import op

revision = "0065"
down_revision = "0050"
branch_labels = None
depends_on = None

_DEFINERS = ("ensure_partitions(text, integer)", "drop_partitions(text, timestamptz)")


def upgrade() -> None:
    for function in _DEFINERS:
        op.execute(f"""
        DO $$ BEGIN
            EXECUTE format(
                'ALTER FUNCTION {function} SET search_path = %I, pg_temp', current_schema());
        END $$
        """)
    op.execute("""
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO pixmill_caller, pixmill_system;
    """)
    _change_functions("GRANT EXECUTE ON FUNCTION %s TO pixmill_caller, pixmill_system")
    _change_functions("REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC")


def downgrade() -> None:
    _change_functions("GRANT EXECUTE ON FUNCTION %s TO PUBLIC")
    _change_functions("REVOKE EXECUTE ON FUNCTION %s FROM pixmill_caller, pixmill_system")
    op.execute("""
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM pixmill_caller, pixmill_system;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
    """)
    for function in _DEFINERS:
        op.execute(f"""
        DO $$ BEGIN
            EXECUTE format(
                'ALTER FUNCTION {function} SET search_path = "$user", %I', current_schema());
        END $$
        """)


def _change_functions(statement: str) -> None:
    """Run a statement for each function of our own that has its caller's rights."""
    loop = """
    DO $$
    DECLARE
        one regprocedure;
    BEGIN
        FOR one IN
            SELECT p.oid FROM pg_proc p
            WHERE p.pronamespace = current_schema()::regnamespace AND NOT p.prosecdef
                AND pg_has_role(p.proowner, 'USAGE') AND NOT EXISTS (
                    SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        LOOP
            EXECUTE format('STATEMENT', one);
        END LOOP;
    END
    $$
    """
    op.execute(loop.replace("STATEMENT", statement))

"""Tell the planner that all predictions of a model belong to one person."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Otherwise it takes the two conditions of a list (and row security's third) as independent,
# expects hardly a row, and sorts all of the model's. LIKE ... INCLUDING ALL in ensure_partitions
# copies this to later partitions.
_LOG = """
    SELECT c.relname FROM pg_class c WHERE c.oid = 'predictions'::regclass
        OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'predictions'::regclass)
"""


def upgrade() -> None:
    op.execute(f"""
    DO $$
    DECLARE log text;
    BEGIN
        FOR log IN {_LOG} LOOP
            EXECUTE format('CREATE STATISTICS %I (dependencies) ON user_id, model_id FROM %I',
                log || '_user_id_model_id_stat', log);
        END LOOP;
    END
    $$;
    ANALYZE predictions;
    """)


def downgrade() -> None:
    op.execute("""
    DO $$
    DECLARE known text;
    BEGIN
        FOR known IN
            SELECT stxname FROM pg_statistic_ext
            WHERE stxname LIKE 'predictions%\\_user\\_id\\_model\\_id\\_stat'
        LOOP
            EXECUTE format('DROP STATISTICS %I', known);
        END LOOP;
    END
    $$;
    """)

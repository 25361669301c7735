"""Triggers, the view users, and who may see and change which rows."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TOUCHED = (
    "profiles",
    "sessions",
    "api_keys",
    "projects",
    "crawl_jobs",
    "crawl_chunks",
    "images",
    "image_variants",
    "models",
    "image_analyses",
    "job_stats",
    "validation_jobs",
    "export_jobs",
    "webhooks",
    "webhook_deliveries",
)

# A sub-select is evaluated once per statement; a bare function call, once per row.
_OWN = "user_id = (SELECT caller_id())"

# What a caller may see: own rows, and rows of a visible row. The parent's policy applies inside
# EXISTS, so ownership is said once, at the top. Images go by their project although they name
# their owner: then PostgreSQL plans by the query's own conditions, not by the owner's index.
_VISIBLE = {
    "profiles": "id = (SELECT caller_id())",
    "sessions": _OWN,
    "api_keys": _OWN,
    "projects": _OWN,
    "crawl_jobs": ("project_id", "projects"),
    "crawl_chunks": ("crawl_job_id", "crawl_jobs"),
    "fetch_failures": ("crawl_job_id", "crawl_jobs"),
    "images": ("project_id", "projects"),
    "image_variants": ("image_id", "images"),
    "models": _OWN,
    "predictions": _OWN,
    "image_analyses": ("image_id", "images"),
    "job_stats": _OWN,
    "validation_jobs": ("crawl_job_id", "crawl_jobs"),
    "validation_results": ("validation_job_id", "validation_jobs"),
    "export_jobs": _OWN,
    "activity_logs": _OWN,
    "webhooks": _OWN,
    "webhook_deliveries": ("webhook_id", "webhooks"),
    "idempotency_keys": _OWN,
}

# The other rows that a row names must be visible to a caller who writes it. Foreign keys ignore
# row security: without this a caller could hang rows onto somebody else's.
_REFERENCES = {
    "fetch_failures": [("chunk_id", "crawl_chunks")],
    "images": [("crawl_job_id", "crawl_jobs")],
    "predictions": [("model_id", "models")],
    "image_analyses": [("model_id", "models")],
    "job_stats": [("image_id", "images"), ("crawl_job_id", "crawl_jobs")],
    "validation_results": [("image_id", "images")],
    "export_jobs": [("project_id", "projects"), ("crawl_job_id", "crawl_jobs")],
}

_GRANTS = {
    "profiles": "SELECT, DELETE, UPDATE (email, hashed_password, full_name)",
    "activity_logs": "SELECT, INSERT",
}

_SYSTEM_ONLY = ("deliveries", "dead_letters")


def _sees(table: str, column: str, parent: str) -> str:
    return f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {table}.{column})"


def upgrade() -> None:
    for table in _TOUCHED:
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    op.execute("""
    CREATE FUNCTION inherit_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.crawl_job_id IS NOT NULL THEN
            SELECT project_id INTO NEW.project_id FROM crawl_jobs WHERE id = NEW.crawl_job_id;
        END IF;
        SELECT user_id INTO NEW.user_id FROM projects WHERE id = NEW.project_id;
        IF NOT FOUND THEN
            RAISE foreign_key_violation
                USING MESSAGE = 'the project or crawl job does not exist', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END
    $$;
    COMMENT ON FUNCTION inherit_owner() IS
        'Trigger: project from the crawl job, owner from the project, whatever was given';

    CREATE FUNCTION inherit_stats_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.user_id := coalesce(
            (SELECT i.user_id FROM images i WHERE i.id = NEW.image_id),
            (SELECT p.user_id FROM crawl_jobs j JOIN projects p ON p.id = j.project_id
             WHERE j.id = NEW.crawl_job_id),
            NEW.user_id);
        RETURN NEW;
    END
    $$;
    COMMENT ON FUNCTION inherit_stats_owner() IS
        'Trigger: owner from the image or the crawl job while there is one';

    CREATE TRIGGER inherit_owner
        BEFORE INSERT OR UPDATE OF crawl_job_id, project_id, user_id ON images
        FOR EACH ROW EXECUTE FUNCTION inherit_owner();
    CREATE TRIGGER inherit_owner
        BEFORE INSERT OR UPDATE OF crawl_job_id, project_id, user_id ON export_jobs
        FOR EACH ROW EXECUTE FUNCTION inherit_owner();
    CREATE TRIGGER inherit_stats_owner BEFORE INSERT ON job_stats
        FOR EACH ROW EXECUTE FUNCTION inherit_stats_owner();

    CREATE VIEW users WITH (security_invoker = true) AS
        SELECT id, email, hashed_password, hashed_password AS password_hash,
            full_name, full_name AS name, is_active, is_admin, created_at, updated_at
        FROM profiles;
    COMMENT ON VIEW users IS 'Profiles under the column names of the other two designs';
    """)
    for table, rule in _VISIBLE.items():
        visible = rule if isinstance(rule, str) else _sees(table, *rule)
        writable = " AND ".join(
            [visible]
            + [
                f"({table}.{column} IS NULL OR {_sees(table, column, parent)})"
                for column, parent in _REFERENCES.get(table, [])
            ]
        )
        grants = _GRANTS.get(table, "SELECT, INSERT, UPDATE, DELETE")
        op.execute(f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON {table} TO pixmill_caller
            USING ({visible}) WITH CHECK ({writable});
        CREATE POLICY system ON {table} TO pixmill_system USING (true) WITH CHECK (true);
        GRANT {grants} ON {table} TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pixmill_system;
        """)
    for table in ("outbox", *_SYSTEM_ONLY):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pixmill_system")
    op.execute("""
    -- A caller's transaction writes messages; only the system reads, marks and deletes them.
    GRANT INSERT, SELECT (id, created_at) ON outbox TO pixmill_caller;
    GRANT SELECT ON users TO pixmill_caller, pixmill_system;
    GRANT SELECT ON alembic_version TO pixmill_system;
    GRANT EXECUTE ON FUNCTION ensure_partitions(text, integer) TO pixmill_system;
    """)


def downgrade() -> None:
    op.execute("""
    REVOKE ALL ON FUNCTION ensure_partitions(text, integer) FROM pixmill_system;
    REVOKE ALL ON alembic_version FROM pixmill_system;
    REVOKE ALL ON outbox, deliveries, dead_letters FROM pixmill_caller, pixmill_system;
    """)
    for table in _VISIBLE:
        op.execute(f"""
        REVOKE ALL ON {table} FROM pixmill_caller, pixmill_system;
        DROP POLICY system ON {table};
        DROP POLICY caller ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """)
    op.execute("""
    DROP VIEW users;
    DROP TRIGGER inherit_stats_owner ON job_stats;
    DROP TRIGGER inherit_owner ON export_jobs;
    DROP TRIGGER inherit_owner ON images;
    DROP FUNCTION inherit_stats_owner();
    DROP FUNCTION inherit_owner();
    """)
    for table in _TOUCHED:
        op.execute(f"DROP TRIGGER touch_updated_at ON {table}")

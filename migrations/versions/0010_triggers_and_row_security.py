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

# What a caller may see. A row that belongs to another row is visible with it: the policy of the
# parent applies inside EXISTS, so ownership is said once, at the top.
_VISIBLE = {
    "profiles": "id = (SELECT caller_id())",
    "sessions": _OWN,
    "api_keys": _OWN,
    "projects": _OWN,
    "crawl_jobs": "EXISTS (SELECT FROM projects p WHERE p.id = project_id)",
    "crawl_chunks": "EXISTS (SELECT FROM crawl_jobs j WHERE j.id = crawl_job_id)",
    "fetch_failures": "EXISTS (SELECT FROM crawl_jobs j WHERE j.id = crawl_job_id)",
    "images": _OWN,
    "image_variants": "EXISTS (SELECT FROM images i WHERE i.id = image_id)",
    "models": _OWN,
    "predictions": _OWN,
    "image_analyses": "EXISTS (SELECT FROM images i WHERE i.id = image_id)",
    "job_stats": _OWN,
    "validation_jobs": "EXISTS (SELECT FROM crawl_jobs j WHERE j.id = crawl_job_id)",
    "validation_results": "EXISTS (SELECT FROM validation_jobs v WHERE v.id = validation_job_id)",
    "export_jobs": _OWN,
    "activity_logs": _OWN,
    "webhooks": _OWN,
    "webhook_deliveries": "EXISTS (SELECT FROM webhooks w WHERE w.id = webhook_id)",
    "idempotency_keys": _OWN,
}

# What must hold besides for a row that a caller writes: foreign keys ignore row security, so
# without this a caller could hang rows onto somebody else's.
_WRITABLE = {
    "images": "EXISTS (SELECT FROM projects p WHERE p.id = project_id)",
    "predictions": "EXISTS (SELECT FROM models m WHERE m.id = model_id)",
    "export_jobs": "EXISTS (SELECT FROM projects p WHERE p.id = project_id)",
}

_GRANTS = {
    "profiles": "SELECT, DELETE, UPDATE (email, hashed_password, full_name)",
    "activity_logs": "SELECT, INSERT",
}

_SYSTEM_ONLY = ("deliveries", "dead_letters")


def upgrade() -> None:
    for table in _TOUCHED:
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    op.execute("""
    CREATE FUNCTION inherit_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        parent record;
    BEGIN
        SELECT p.id, p.user_id INTO parent FROM projects p WHERE p.id = coalesce(
            (SELECT j.project_id FROM crawl_jobs j WHERE j.id = NEW.crawl_job_id),
            NEW.project_id);
        IF FOUND THEN
            NEW.project_id := parent.id;
            NEW.user_id := parent.user_id;
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
    for table, visible in _VISIBLE.items():
        writable = f"{visible} AND {_WRITABLE[table]}" if table in _WRITABLE else visible
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

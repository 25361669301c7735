"""Crawls that repeat."""

from alembic import op

from migrations.comments import comment_on

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_OWN = "EXISTS (SELECT FROM projects parent WHERE parent.id = crawl_schedules.project_id)"


def upgrade() -> None:
    # No row is in the index of crawl jobs yet: it is made by one pass, which writers await.
    op.execute(f"""
    CREATE TABLE crawl_schedules (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        source jsonb NOT NULL,
        keywords jsonb NOT NULL DEFAULT '[]',
        options jsonb NOT NULL,
        seconds integer NOT NULL,
        next_run_at timestamptz NOT NULL,
        tried_at timestamptz,
        last_run_at timestamptz,
        last_crawl_job_id uuid,
        missed_runs integer NOT NULL DEFAULT 0,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_schedules PRIMARY KEY (id),
        CONSTRAINT fk_crawl_schedules_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_crawl_schedules_seconds CHECK (seconds >= 3600),
        CONSTRAINT ck_crawl_schedules_missed_runs CHECK (missed_runs >= 0)
    );
    CREATE INDEX ix_crawl_schedules_project_id ON crawl_schedules (project_id, id);
    CREATE INDEX ix_crawl_schedules_next_run_at ON crawl_schedules (next_run_at);
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON crawl_schedules
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    ALTER TABLE crawl_schedules ENABLE ROW LEVEL SECURITY;
    ALTER TABLE crawl_schedules FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON crawl_schedules TO pixmill_caller
        USING ({_OWN}) WITH CHECK ({_OWN});
    CREATE POLICY system ON crawl_schedules TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON crawl_schedules TO pixmill_caller, pixmill_system;

    ALTER TABLE crawl_jobs
        ADD COLUMN schedule_id uuid,
        ADD COLUMN scheduled_for timestamptz;
    CREATE UNIQUE INDEX uq_crawl_jobs_schedule_id_scheduled_for
        ON crawl_jobs (schedule_id, scheduled_for) WHERE schedule_id IS NOT NULL;
    """)
    comment_on(
        "crawl_schedules",
        "Crawls that repeat",
        id="UUID version 7, so ids order rows by creation",
        project_id="Where its images go",
        name="What the owner calls it",
        source="urls, manifest, pages or keywords",
        keywords="Search words of the source",
        options="As its crawl jobs have them",
        seconds="From one due time to the next",
        next_run_at="The due time that comes",
        tried_at="When a run that is due could not begin",
        last_run_at="Due time of its latest job",
        last_crawl_job_id="Its latest job; no reference",
        missed_runs="Due times that brought no run",
        error="Why the latest due time brought no run, for a person",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )
    comment_on(
        "crawl_jobs",
        "Runs that turn a source into images; counters are sums over chunks",
        schedule_id="Schedule that it is a run of; no reference",
        scheduled_for="Due time that it is the run of",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE crawl_jobs DROP COLUMN scheduled_for, DROP COLUMN schedule_id;
    DROP TABLE crawl_schedules;
    """)

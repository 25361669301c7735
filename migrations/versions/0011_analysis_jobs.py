"""Analyses that wait, run and fail, and jobs of many of them."""

from alembic import op

from migrations.comments import comment_on

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
contracts = {
    "gone: policy caller of image_analyses": "it refers to jobs too; no release is older",
    "new: unique uq_image_analyses_version of image_analyses": "no release is older",
}

_VISIBLE = "EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = analysis_jobs.crawl_job_id)"
_OF_AN_IMAGE = "EXISTS (SELECT FROM images parent WHERE parent.id = image_analyses.image_id)"
_OF_A_MODEL = (
    "(image_analyses.model_id IS NULL OR"
    " EXISTS (SELECT FROM models parent WHERE parent.id = image_analyses.model_id))"
)
_OF_A_JOB = (
    "(image_analyses.analysis_job_id IS NULL OR EXISTS"
    " (SELECT FROM analysis_jobs parent WHERE parent.id = image_analyses.analysis_job_id))"
)


def upgrade() -> None:
    op.execute(f"""
    CREATE TABLE analysis_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        analyzer text NOT NULL,
        model_version text,
        force boolean NOT NULL DEFAULT false,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        analyzed_images integer NOT NULL DEFAULT 0,
        failed_images integer NOT NULL DEFAULT 0,
        skipped_images integer NOT NULL DEFAULT 0,
        position uuid,
        planned_at timestamptz,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_analysis_jobs PRIMARY KEY (id),
        CONSTRAINT fk_analysis_jobs_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_analysis_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_analysis_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_analysis_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_analysis_jobs_analyzed_images CHECK (analyzed_images >= 0),
        CONSTRAINT ck_analysis_jobs_failed_images CHECK (failed_images >= 0),
        CONSTRAINT ck_analysis_jobs_skipped_images CHECK (skipped_images >= 0)
    );
    CREATE INDEX ix_analysis_jobs_crawl_job_id_id ON analysis_jobs (crawl_job_id, id);
    CREATE UNIQUE INDEX uq_analysis_jobs_live ON analysis_jobs (crawl_job_id, analyzer)
        WHERE status IN ('pending', 'running');
    CREATE INDEX ix_analysis_jobs_unfinished ON analysis_jobs (updated_at)
        WHERE status IN ('pending', 'running');
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON analysis_jobs
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    ALTER TABLE analysis_jobs ENABLE ROW LEVEL SECURITY;
    ALTER TABLE analysis_jobs FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON analysis_jobs TO pixmill_caller
        USING ({_VISIBLE}) WITH CHECK ({_VISIBLE});
    CREATE POLICY system ON analysis_jobs TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON analysis_jobs TO pixmill_caller, pixmill_system;
    """)
    comment_on(
        "analysis_jobs",
        "Passes of an analyser over the images of a crawl job",
        id="UUID version 7, so ids order rows by creation",
        crawl_job_id="Whose images are analysed",
        analyzer="basic, gemini or model:<id>",
        model_version="Version that does it; set at start",
        force="True to analyse again what this version has analysed",
        status="pending, running, completed, failed or cancelled",
        progress="0 to 100",
        total_images="Images to analyse",
        analyzed_images="Images analysed",
        failed_images="Images whose analysis failed",
        skipped_images="Images that this version had analysed, or was analysing, already",
        position="Last image planned; planning continues after it",
        planned_at="All images have their analysis",
        error="Why the job failed, for a person",
        started_at="Planning began",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )
    op.execute("""
    ALTER TABLE image_analyses
        ADD COLUMN analysis_job_id uuid,
        ADD COLUMN repetition integer NOT NULL DEFAULT 1,
        ADD COLUMN status text NOT NULL DEFAULT 'completed',
        ADD COLUMN error_code text,
        ADD COLUMN error text,
        ADD COLUMN attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN lease_expires_at timestamptz,
        ADD CONSTRAINT fk_image_analyses_analysis_job_id FOREIGN KEY (analysis_job_id)
            REFERENCES analysis_jobs (id) ON DELETE SET NULL,
        ADD CONSTRAINT ck_image_analyses_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed')),
        ADD CONSTRAINT ck_image_analyses_repetition CHECK (repetition >= 1),
        ADD CONSTRAINT ck_image_analyses_attempts CHECK (attempts >= 0);
    -- What was analysed several times before this was noted counts as repeated.
    UPDATE image_analyses SET repetition = numbered.position FROM (
        SELECT id, row_number() OVER (
            PARTITION BY image_id, analyzer, model_version ORDER BY id) AS position
        FROM image_analyses
    ) numbered WHERE numbered.id = image_analyses.id AND numbered.position > 1;
    CREATE UNIQUE INDEX uq_image_analyses_version
        ON image_analyses (image_id, analyzer, model_version, repetition)
        WHERE status <> 'failed';
    CREATE INDEX ix_image_analyses_analysis_job_id ON image_analyses (analysis_job_id, status, id)
        WHERE analysis_job_id IS NOT NULL;
    CREATE INDEX ix_image_analyses_lease_expires_at ON image_analyses (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_image_analyses_pending ON image_analyses (updated_at)
        WHERE status = 'pending';
    DROP POLICY caller ON image_analyses;
    """)
    op.execute(f"""
    CREATE POLICY caller ON image_analyses TO pixmill_caller
        USING ({_OF_AN_IMAGE})
        WITH CHECK ({_OF_AN_IMAGE} AND {_OF_A_MODEL} AND {_OF_A_JOB})
    """)
    comment_on(
        "image_analyses",
        "Analysis results, one row per run",
        analysis_job_id="Job that asked; NULL where a person asked about this image",
        repetition="Counts from 1 the times that this version was to analyse the image",
        status="pending, running, completed or failed",
        error_code="Kind of failure",
        error="Why it failed, for a person",
        attempts="Leases so far; fences writes",
        lease_expires_at="When a running one may be handed out again",
    )


def downgrade() -> None:
    op.execute(f"""
    DROP POLICY caller ON image_analyses;
    CREATE POLICY caller ON image_analyses TO pixmill_caller
        USING ({_OF_AN_IMAGE}) WITH CHECK ({_OF_AN_IMAGE} AND {_OF_A_MODEL})
    """)
    op.execute("""
    DELETE FROM image_analyses WHERE status <> 'completed';
    ALTER TABLE image_analyses
        DROP COLUMN analysis_job_id, DROP COLUMN repetition, DROP COLUMN status,
        DROP COLUMN error_code, DROP COLUMN error, DROP COLUMN attempts,
        DROP COLUMN lease_expires_at;
    DROP TABLE analysis_jobs;
    """)

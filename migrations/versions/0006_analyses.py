"""Analyses and the statistics of attempts."""

from alembic import op

from migrations.comments import comment_on

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE image_analyses (
        id uuid NOT NULL DEFAULT new_id(),
        image_id uuid NOT NULL,
        analyzer text NOT NULL,
        model_id uuid,
        model_version text,
        description text,
        labels jsonb NOT NULL DEFAULT '[]',
        metrics jsonb NOT NULL DEFAULT '{}',
        processing_time_ms double precision,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_image_analyses PRIMARY KEY (id),
        CONSTRAINT fk_image_analyses_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE,
        CONSTRAINT fk_image_analyses_model_id FOREIGN KEY (model_id)
            REFERENCES models (id) ON DELETE SET NULL,
        CONSTRAINT ck_image_analyses_processing_time_ms CHECK (processing_time_ms >= 0)
    );
    CREATE INDEX ix_image_analyses_image_id_id ON image_analyses (image_id, id);
    CREATE INDEX ix_image_analyses_model_id ON image_analyses (model_id)
        WHERE model_id IS NOT NULL;
    CREATE INDEX ix_image_analyses_model_version ON image_analyses (model_version, created_at);
    """)
    comment_on(
        "image_analyses",
        "Analysis results, one row per run",
        id="UUID version 7, so ids order rows by creation",
        image_id="What was analysed",
        analyzer="basic, gemini or model:<id>",
        model_id="Registered model that was run",
        model_version="Version of the analyser or model, kept when the model goes",
        description="What the image shows, in words",
        labels="Names with scores",
        metrics="Measured values by name",
        processing_time_ms="Milliseconds",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE job_stats (
        id uuid NOT NULL DEFAULT new_id(),
        job_id text NOT NULL,
        operation text NOT NULL,
        user_id uuid NOT NULL,
        image_id uuid,
        crawl_job_id uuid,
        status text NOT NULL DEFAULT 'running',
        attempt integer NOT NULL DEFAULT 1,
        start_time timestamptz,
        end_time timestamptz,
        duration_ms double precision,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_job_stats PRIMARY KEY (id),
        CONSTRAINT fk_job_stats_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT fk_job_stats_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE SET NULL,
        CONSTRAINT fk_job_stats_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE SET NULL,
        CONSTRAINT uq_job_stats_job_id_image_id_attempt UNIQUE (job_id, image_id, attempt),
        CONSTRAINT ck_job_stats_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_job_stats_attempt CHECK (attempt >= 1),
        CONSTRAINT ck_job_stats_duration_ms CHECK (duration_ms >= 0)
    );
    CREATE INDEX ix_job_stats_crawl_job_id ON job_stats (crawl_job_id)
        WHERE crawl_job_id IS NOT NULL;
    CREATE INDEX ix_job_stats_created_at ON job_stats USING brin (created_at);
    CREATE INDEX ix_job_stats_image_id_id ON job_stats (image_id, id) WHERE image_id IS NOT NULL;
    CREATE INDEX ix_job_stats_start_time ON job_stats (start_time);
    CREATE INDEX ix_job_stats_user_id_id ON job_stats (user_id, id);
    CREATE INDEX ix_job_stats_user_id_status_id ON job_stats (user_id, status, id);
    """)
    comment_on(
        "job_stats",
        "Attempts at pieces of work; kept when their image goes",
        id="UUID version 7, so ids order rows by creation",
        job_id="Id of the message that asked for the work",
        operation="Function that did it",
        user_id="Owner; kept here because image and crawl job may both be gone",
        image_id="NULL once the image is gone",
        crawl_job_id="NULL once the job is gone",
        status="pending, running, completed, failed or cancelled",
        attempt="Counts from 1",
        start_time="Attempt began",
        end_time="Attempt ended",
        duration_ms="Milliseconds",
        error="Why it failed, for a person",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )


def downgrade() -> None:
    op.drop_table("job_stats")
    op.drop_table("image_analyses")

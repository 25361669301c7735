"""Validation and export jobs."""

from alembic import op

from migrations.comments import comment_on

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE validation_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        validated_images integer NOT NULL DEFAULT 0,
        invalid_images integer NOT NULL DEFAULT 0,
        validation_rules jsonb NOT NULL DEFAULT '{}',
        position uuid,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_validation_jobs PRIMARY KEY (id),
        CONSTRAINT fk_validation_jobs_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_validation_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_validation_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_validation_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_validation_jobs_validated_images CHECK (validated_images >= 0),
        CONSTRAINT ck_validation_jobs_invalid_images CHECK (invalid_images >= 0)
    );
    CREATE INDEX ix_validation_job_crawl_job_id ON validation_jobs (crawl_job_id, id);
    CREATE INDEX ix_validation_job_status ON validation_jobs (status);
    """)
    comment_on(
        "validation_jobs",
        "Checks of a crawl job's images against rules",
        id="UUID version 7, so ids order rows by creation",
        crawl_job_id="Whose images are checked",
        name="What the owner calls it",
        status="pending, running, completed, failed or cancelled",
        progress="0 to 100",
        total_images="Images to check",
        validated_images="Images checked",
        invalid_images="Images that broke a rule",
        validation_rules="Limits by rule name",
        position="Last image checked; work continues after it",
        error="Why the job failed, for a person",
        started_at="Checking began",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE validation_results (
        validation_job_id uuid NOT NULL,
        image_id uuid NOT NULL,
        is_valid boolean NOT NULL,
        violations jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_validation_results PRIMARY KEY (validation_job_id, image_id),
        CONSTRAINT fk_validation_results_validation_job_id FOREIGN KEY (validation_job_id)
            REFERENCES validation_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_validation_results_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_validation_results_image_id ON validation_results (image_id);
    CREATE INDEX ix_validation_results_valid
        ON validation_results (validation_job_id, is_valid, image_id);
    """)
    comment_on(
        "validation_results",
        "Findings, one row per validation job and image",
        validation_job_id="The check",
        image_id="The image",
        is_valid="True when it broke no rule",
        violations="Broken rules, each with rule, limit and actual",
        created_at="When the row was written",
    )

    op.execute("""
    CREATE TABLE export_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid,
        project_id uuid NOT NULL,
        user_id uuid NOT NULL,
        name text NOT NULL,
        format text NOT NULL DEFAULT 'zip',
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        exported_images integer NOT NULL DEFAULT 0,
        file_size bigint,
        sha256 text,
        object text,
        expires_at timestamptz,
        export_options jsonb NOT NULL DEFAULT '{}',
        state jsonb,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_export_jobs PRIMARY KEY (id),
        CONSTRAINT fk_export_jobs_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_export_jobs_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT fk_export_jobs_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_export_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_export_jobs_format
            CHECK (format IN ('zip', 'tar', 'csv', 'json', 'parquet')),
        CONSTRAINT ck_export_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_export_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_export_jobs_exported_images CHECK (exported_images >= 0),
        CONSTRAINT ck_export_jobs_file_size CHECK (file_size >= 0)
    );
    CREATE INDEX ix_export_job_crawl_job_id ON export_jobs (crawl_job_id);
    CREATE INDEX ix_export_job_status ON export_jobs (status);
    CREATE INDEX ix_export_job_user_id ON export_jobs (user_id, id);
    CREATE INDEX ix_export_jobs_expires_at ON export_jobs (expires_at) WHERE object IS NOT NULL;
    CREATE INDEX ix_export_jobs_project_id ON export_jobs (project_id);
    CREATE INDEX ix_export_jobs_user_id_status_id ON export_jobs (user_id, status, id);
    """)
    comment_on(
        "export_jobs",
        "Files built from a project's images",
        id="UUID version 7, so ids order rows by creation",
        crawl_job_id="Whose images; NULL for the whole project",
        project_id="The project; filled from the crawl job when left out",
        user_id="Owner of the project; filled from it when left out",
        name="What the owner calls it",
        format="zip, tar, csv, json or parquet",
        status="pending, running, completed, failed or cancelled",
        progress="0 to 100",
        total_images="Images to export",
        exported_images="Images written",
        file_size="Bytes of the file",
        sha256="SHA-256 hex of the file",
        object="Name of the stored file",
        expires_at="When the file is deleted",
        export_options="Layout, splits, variant, filters",
        state="Where a continued build stands; NULL when not begun",
        error="Why the job failed, for a person",
        started_at="Building began",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )


def downgrade() -> None:
    op.drop_table("export_jobs")
    op.drop_table("validation_results")
    op.drop_table("validation_jobs")

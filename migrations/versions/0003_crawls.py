"""Projects, crawl jobs, chunks and fetch failures."""

from alembic import op

from migrations.comments import comment_on

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE projects (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        name text NOT NULL,
        description text,
        status text NOT NULL DEFAULT 'active',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_projects PRIMARY KEY (id),
        CONSTRAINT fk_projects_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_projects_status CHECK (status IN ('active', 'archived'))
    );
    CREATE INDEX ix_project_user_id ON projects (user_id, id);
    """)
    comment_on(
        "projects",
        "Datasets and who owns them",
        id="UUID version 7, so ids order rows by creation",
        user_id="Owner",
        name="What the owner calls it",
        description="Free text",
        status="active or archived",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE crawl_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        keywords jsonb NOT NULL DEFAULT '[]',
        source jsonb NOT NULL DEFAULT '{}',
        options jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        downloaded_images integer NOT NULL DEFAULT 0,
        valid_images integer NOT NULL DEFAULT 0,
        duplicate_images integer NOT NULL DEFAULT 0,
        failed_images integer NOT NULL DEFAULT 0,
        total_chunks integer NOT NULL DEFAULT 0,
        active_chunks integer NOT NULL DEFAULT 0,
        completed_chunks integer NOT NULL DEFAULT 0,
        failed_chunks integer NOT NULL DEFAULT 0,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_jobs PRIMARY KEY (id),
        CONSTRAINT fk_crawl_jobs_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_crawl_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_crawl_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_crawl_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_crawl_jobs_downloaded_images CHECK (downloaded_images >= 0),
        CONSTRAINT ck_crawl_jobs_valid_images CHECK (valid_images >= 0),
        CONSTRAINT ck_crawl_jobs_duplicate_images CHECK (duplicate_images >= 0),
        CONSTRAINT ck_crawl_jobs_failed_images CHECK (failed_images >= 0),
        CONSTRAINT ck_crawl_jobs_total_chunks CHECK (total_chunks >= 0),
        CONSTRAINT ck_crawl_jobs_active_chunks CHECK (active_chunks >= 0),
        CONSTRAINT ck_crawl_jobs_completed_chunks CHECK (completed_chunks >= 0),
        CONSTRAINT ck_crawl_jobs_failed_chunks CHECK (failed_chunks >= 0)
    );
    CREATE INDEX ix_crawl_job_project_status ON crawl_jobs (project_id, status, id);
    CREATE INDEX ix_crawl_job_status ON crawl_jobs (status);
    CREATE INDEX ix_crawl_jobs_project_id ON crawl_jobs (project_id, id);
    """)
    comment_on(
        "crawl_jobs",
        "Runs that turn a source into images; counters are sums over chunks",
        id="UUID version 7, so ids order rows by creation",
        project_id="Where its images go",
        name="What the owner calls it",
        keywords="Search words of the source",
        source="urls, manifest, pages or keywords",
        options="Limits, dedup, variants, validation",
        status="pending, running, completed, failed or cancelled",
        progress="0 to 100, by settled chunks",
        total_images="URLs to fetch, known once planned",
        downloaded_images="Stored, first of their content; sum over chunks",
        valid_images="Stored images that break no rule",
        duplicate_images="Content the project already had; sum over chunks",
        failed_images="URLs that became no image; sum over chunks",
        total_chunks="Chunks planned",
        active_chunks="Chunks running",
        completed_chunks="Chunks that ended well",
        failed_chunks="Chunks given up",
        error="Why the job failed, for a person",
        started_at="First chunk handed out",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE crawl_chunks (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        position integer NOT NULL,
        kind text NOT NULL DEFAULT 'urls',
        status text NOT NULL DEFAULT 'pending',
        urls jsonb,
        urls_object text,
        url_count integer NOT NULL DEFAULT 0,
        downloaded integer NOT NULL DEFAULT 0,
        duplicate integer NOT NULL DEFAULT 0,
        failed integer NOT NULL DEFAULT 0,
        bytes bigint NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_chunks PRIMARY KEY (id),
        CONSTRAINT fk_crawl_chunks_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT uq_crawl_chunks_crawl_job_id_position UNIQUE (crawl_job_id, position),
        CONSTRAINT ck_crawl_chunks_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_crawl_chunks_kind CHECK (kind IN ('urls', 'manifest', 'pages', 'keywords')),
        CONSTRAINT ck_crawl_chunks_position CHECK (position >= 0),
        CONSTRAINT ck_crawl_chunks_url_count CHECK (url_count >= 0),
        CONSTRAINT ck_crawl_chunks_downloaded CHECK (downloaded >= 0),
        CONSTRAINT ck_crawl_chunks_duplicate CHECK (duplicate >= 0),
        CONSTRAINT ck_crawl_chunks_failed CHECK (failed >= 0),
        CONSTRAINT ck_crawl_chunks_bytes CHECK (bytes >= 0),
        CONSTRAINT ck_crawl_chunks_attempts CHECK (attempts >= 0),
        CONSTRAINT ck_crawl_chunks_urls CHECK (num_nonnulls(urls, urls_object) <= 1)
    );
    CREATE INDEX ix_crawl_chunks_crawl_job_id_id ON crawl_chunks (crawl_job_id, id);
    CREATE INDEX ix_crawl_chunks_crawl_job_id_status_id ON crawl_chunks (crawl_job_id, status, id);
    CREATE INDEX ix_crawl_chunks_lease_expires_at ON crawl_chunks (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_crawl_chunks_pending ON crawl_chunks (updated_at) WHERE status = 'pending';
    """)
    comment_on(
        "crawl_chunks",
        "Shares of a crawl job; each row carries its own counts",
        id="UUID version 7, so ids order rows by creation",
        crawl_job_id="The job it is part of",
        position="Order within the job, from 0",
        kind="What the chunk holds: urls to fetch, or pages, a manifest or keywords to expand",
        status="pending, running, completed, failed or cancelled",
        urls="What to fetch, when small; else see urls_object",
        urls_object="Name of the bucket object that lists what to fetch, when large",
        url_count="URLs in the chunk",
        downloaded="Stored, first of their content",
        duplicate="Content the project already had",
        failed="URLs that became no image",
        bytes="Bytes downloaded",
        attempts="Leases given out; also the fencing token of every write",
        lease_expires_at="Until when its handler may write; expired leases are handed out again",
        error="Why the chunk failed, for a person",
        started_at="First lease",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE fetch_failures (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        chunk_id uuid NOT NULL,
        url text NOT NULL,
        reason text NOT NULL,
        http_status integer,
        detail text,
        retryable boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_fetch_failures PRIMARY KEY (id),
        CONSTRAINT fk_fetch_failures_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_fetch_failures_chunk_id FOREIGN KEY (chunk_id)
            REFERENCES crawl_chunks (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_fetch_failures_chunk_id ON fetch_failures (chunk_id);
    CREATE INDEX ix_fetch_failures_crawl_job_id_reason ON fetch_failures (crawl_job_id, reason);
    CREATE INDEX ix_fetch_failures_retryable ON fetch_failures (crawl_job_id, chunk_id)
        WHERE retryable;
    """)
    comment_on(
        "fetch_failures",
        "URLs that became no image, with their reason",
        id="UUID version 7, so ids order rows by creation",
        crawl_job_id="The job that asked for it",
        chunk_id="The chunk that tried it",
        url="Address as given",
        reason="Kind of failure, from a closed list in code",
        http_status="Status of the last answer, if any",
        detail="The reason in words, for a person",
        retryable="True when it may pass",
        created_at="When the row was written",
    )


def downgrade() -> None:
    op.drop_table("fetch_failures")
    op.drop_table("crawl_chunks")
    op.drop_table("crawl_jobs")
    op.drop_table("projects")

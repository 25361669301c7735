"""Verification jobs: the origins of images are asked again."""

from alembic import op

from migrations.comments import comment_on

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_OF_PROJECT = "EXISTS (SELECT FROM projects parent WHERE parent.id = verification_jobs.project_id)"


def _sees(table: str, column: str, parent: str) -> str:
    return f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {table}.{column})"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE verification_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        filter jsonb NOT NULL DEFAULT '{}',
        max_distance integer NOT NULL,
        rights text,
        respect_robots boolean,
        total_images integer NOT NULL DEFAULT 0,
        same_bytes integer NOT NULL DEFAULT 0,
        same_picture integer NOT NULL DEFAULT 0,
        different_picture integer NOT NULL DEFAULT 0,
        gone integer NOT NULL DEFAULT 0,
        opted_out integer NOT NULL DEFAULT 0,
        unreachable integer NOT NULL DEFAULT 0,
        without_origin integer NOT NULL DEFAULT 0,
        position uuid,
        planned_at timestamptz,
        started_at timestamptz,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        error text,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_verification_jobs PRIMARY KEY (id),
        CONSTRAINT fk_verification_jobs_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_verification_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_verification_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_verification_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_verification_jobs_same_bytes CHECK (same_bytes >= 0),
        CONSTRAINT ck_verification_jobs_same_picture CHECK (same_picture >= 0),
        CONSTRAINT ck_verification_jobs_different_picture CHECK (different_picture >= 0),
        CONSTRAINT ck_verification_jobs_gone CHECK (gone >= 0),
        CONSTRAINT ck_verification_jobs_opted_out CHECK (opted_out >= 0),
        CONSTRAINT ck_verification_jobs_unreachable CHECK (unreachable >= 0),
        CONSTRAINT ck_verification_jobs_without_origin CHECK (without_origin >= 0),
        CONSTRAINT ck_verification_jobs_max_distance CHECK (max_distance BETWEEN 0 AND 16),
        CONSTRAINT ck_verification_jobs_rights
            CHECK (rights IN ('respect', 'opt_in_only', 'ignore'))
    );
    CREATE INDEX ix_verification_jobs_project_id_id ON verification_jobs (project_id, id);
    CREATE INDEX ix_verification_jobs_unfinished ON verification_jobs (updated_at)
        WHERE status IN ('pending', 'running');

    CREATE TABLE verification_chunks (
        id uuid NOT NULL DEFAULT new_id(),
        verification_job_id uuid NOT NULL,
        crawl_job_id uuid NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        lost_workers integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        error text,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_verification_chunks PRIMARY KEY (id),
        CONSTRAINT fk_verification_chunks_verification_job_id FOREIGN KEY (verification_job_id)
            REFERENCES verification_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_verification_chunks_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_verification_chunks_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_verification_chunks_attempts CHECK (attempts >= 0),
        CONSTRAINT ck_verification_chunks_lost_workers CHECK (lost_workers >= 0)
    );
    CREATE INDEX ix_verification_chunks_verification_job_id_status
        ON verification_chunks (verification_job_id, status);
    CREATE INDEX ix_verification_chunks_crawl_job_id ON verification_chunks (crawl_job_id);
    CREATE INDEX ix_verification_chunks_lease_expires_at ON verification_chunks (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_verification_chunks_pending ON verification_chunks (updated_at)
        WHERE status = 'pending';

    CREATE TABLE verification_results (
        verification_job_id uuid NOT NULL,
        image_id uuid NOT NULL,
        chunk_id uuid,
        host text NOT NULL,
        taken_at timestamptz NOT NULL,
        outcome text,
        reason text,
        detail text,
        http_status integer,
        redirected_to text,
        sha256 text,
        distance integer,
        rights_signal_ids uuid[],
        checked_at timestamptz,
        CONSTRAINT pk_verification_results PRIMARY KEY (verification_job_id, image_id),
        CONSTRAINT fk_verification_results_verification_job_id FOREIGN KEY (verification_job_id)
            REFERENCES verification_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_verification_results_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE,
        CONSTRAINT fk_verification_results_chunk_id FOREIGN KEY (chunk_id)
            REFERENCES verification_chunks (id) ON DELETE CASCADE,
        CONSTRAINT ck_verification_results_outcome CHECK (outcome IN ('same_bytes',
            'same_picture', 'different_picture', 'gone', 'opted_out', 'unreachable')),
        CONSTRAINT ck_verification_results_chunk_id CHECK (chunk_id IS NULL OR outcome IS NULL),
        CONSTRAINT ck_verification_results_distance CHECK (distance BETWEEN 0 AND 64)
    );
    CREATE INDEX ix_verification_results_outcome
        ON verification_results (verification_job_id, outcome, image_id);
    CREATE INDEX ix_verification_results_host
        ON verification_results (verification_job_id, host, image_id);
    CREATE INDEX ix_verification_results_image_id
        ON verification_results (image_id, verification_job_id);
    CREATE INDEX ix_verification_results_chunk_id ON verification_results (chunk_id)
        WHERE chunk_id IS NOT NULL;

    ALTER TABLE rights_signals ADD COLUMN verification_job_id uuid;
    """)
    of_job = _sees("verification_chunks", "verification_job_id", "verification_jobs")
    of_crawl = _sees("verification_chunks", "crawl_job_id", "crawl_jobs")
    result_of_job = _sees("verification_results", "verification_job_id", "verification_jobs")
    of_image = _sees("verification_results", "image_id", "images")
    of_chunk = _sees("verification_results", "chunk_id", "verification_chunks")
    in_any_chunk = f"(verification_results.chunk_id IS NULL OR {of_chunk})"
    for table, visible, writable in (
        ("verification_jobs", _OF_PROJECT, _OF_PROJECT),
        ("verification_chunks", of_job, f"{of_job} AND {of_crawl}"),
        (
            "verification_results",
            result_of_job,
            f"{result_of_job} AND {of_image} AND {in_any_chunk}",
        ),
    ):
        op.execute(f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON {table} TO pixmill_caller
            USING ({visible}) WITH CHECK ({writable});
        CREATE POLICY system ON {table} TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pixmill_caller, pixmill_system;
        """)
    for table in ("verification_jobs", "verification_chunks"):
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    comment_on(
        "verification_jobs",
        "Passes over the origins of a project's images",
        id="UUID version 7, so ids order rows by creation",
        project_id="Whose images are verified",
        name="What the owner calls it",
        filter="Which images; all when empty",
        max_distance="Differing bits of 64 up to which a picture is the same",
        rights="How wishes about the use are heeded; NULL as by the crawl of each image",
        respect_robots="Whether robots.txt is heeded; NULL as by the crawl of each image",
        total_images="Images with an origin; this and the next once it ended",
        same_bytes="Origins that serve the same bytes",
        same_picture="Origins that serve other bytes of the same picture",
        different_picture="Origins that serve something else",
        gone="Origins that serve it no more",
        opted_out="Origins that refuse it by now",
        unreachable="Origins of which nothing is known, for a passing reason",
        without_origin="Images that were uploaded, not in the total",
        position="Last image planned; planning continues after it",
        planned_at="All images are in a chunk",
        started_at="Planning began",
        status="pending, running, completed, failed or cancelled",
        progress="0 to 100",
        error="Why the job failed, for a person",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )
    comment_on(
        "verification_chunks",
        "Shares of a verification job; which images: verification_results",
        id="UUID version 7, so ids order rows by creation",
        verification_job_id="The job it is part of",
        crawl_job_id="The crawl that brought its images, on whose terms they are asked for",
        status="pending, running, completed, failed or cancelled",
        lost_workers="Workers that died while one image was alone in it",
        attempts="Leases given out; also the fencing token of every write",
        lease_expires_at="Until when its handler may write; expired leases are handed out again",
        error="Why the chunk failed, for a person",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )
    comment_on(
        "verification_results",
        "Images of verification jobs, with what became of their origins",
        verification_job_id="The job",
        image_id="The image",
        chunk_id="Chunk that is to ask for it; NULL once there is an outcome",
        host="Host of its origin",
        taken_at="When the image was taken from there",
        outcome="same_bytes, same_picture, different_picture, gone, opted_out or unreachable",
        reason="Kind of outcome, from a closed list in code; NULL for the same",
        detail="The reason in words, for a person",
        http_status="Status of the last answer, if any",
        redirected_to="Address that answered, where it is of another host",
        sha256="SHA-256 hex of what is served now",
        distance="Differing bits of 64 between the two perceptual hashes",
        rights_signal_ids="Signals about its use that were met; no reference",
        checked_at="When its origin was asked",
    )
    comment_on(
        "rights_signals",
        "Signals about the use of content, as crawls met them; append only",
        crawl_job_id="The crawl that met it, or that brought the images which are verified",
        verification_job_id="Verification that met it later, NULL for what the crawl met;"
        " no reference",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE rights_signals DROP COLUMN verification_job_id;
    DROP TABLE verification_results;
    DROP TABLE verification_chunks;
    DROP TABLE verification_jobs;
    """)
    comment_on(
        "rights_signals",
        "Signals about the use of content, as crawls met them; append only",
        crawl_job_id="The crawl that met it",
    )

"""Exports are built by several workers at once, each at a part of its own."""

from alembic import op

from migrations.comments import comment_on

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_OF_JOB = "EXISTS (SELECT FROM export_jobs parent WHERE parent.id = export_parts.export_job_id)"


def upgrade() -> None:
    op.execute(f"""
    CREATE TABLE export_parts (
        id uuid NOT NULL DEFAULT new_id(),
        export_job_id uuid NOT NULL,
        split text,
        shard text,
        after uuid,
        until uuid NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        lost_workers integer NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        making uuid,
        deaths jsonb NOT NULL DEFAULT '{{}}',
        exported_images integer NOT NULL DEFAULT 0,
        duplicate_images integer NOT NULL DEFAULT 0,
        failed_images integer NOT NULL DEFAULT 0,
        object text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_export_parts PRIMARY KEY (id),
        CONSTRAINT fk_export_parts_export_job_id FOREIGN KEY (export_job_id)
            REFERENCES export_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_export_parts_status CHECK (status IN ('pending', 'running', 'completed')),
        CONSTRAINT ck_export_parts_attempts CHECK (attempts >= 0),
        CONSTRAINT ck_export_parts_lost_workers CHECK (lost_workers >= 0),
        CONSTRAINT ck_export_parts_exported_images CHECK (exported_images >= 0),
        CONSTRAINT ck_export_parts_duplicate_images CHECK (duplicate_images >= 0),
        CONSTRAINT ck_export_parts_failed_images CHECK (failed_images >= 0)
    );
    CREATE INDEX ix_export_parts_export_job_id_status ON export_parts (export_job_id, status);
    CREATE INDEX ix_export_parts_lease_expires_at ON export_parts (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_export_parts_pending ON export_parts (updated_at) WHERE status = 'pending';

    ALTER TABLE export_parts ENABLE ROW LEVEL SECURITY;
    ALTER TABLE export_parts FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON export_parts TO pixmill_caller
        USING ({_OF_JOB}) WITH CHECK ({_OF_JOB});
    CREATE POLICY system ON export_parts TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON export_parts TO pixmill_caller, pixmill_system;
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON export_parts
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    """)
    comment_on(
        "export_parts",
        "Shares of exports that are being built",
        id="UUID version 7, so ids order rows by creation",
        export_job_id="The job it is part of",
        split="Split whose images it holds; NULL for all",
        shard="Shard that it lies in, if there are any",
        after="Image that it begins behind; no reference",
        until="Its last image; no reference",
        status="pending, running or completed",
        attempts="Leases given out; also the fencing token of every write",
        lost_workers="Workers that died over no image in particular",
        lease_expires_at="Until when its handler may write; expired leases are handed out again",
        making="Image that is to blame should the worker die now; no reference",
        deaths="Workers that died, by image",
        exported_images="Images written",
        duplicate_images="Images written that duplicate another",
        failed_images="Images that could not be written",
        object="Name of its object once it is completed",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )
    comment_on(
        "export_jobs",
        "Files built from a project's images",
        state="What all parts are built by; NULL when not planned, or ended",
    )


def downgrade() -> None:
    op.execute("DROP TABLE export_parts")
    comment_on(
        "export_jobs",
        "Files built from a project's images",
        state="Where a continued build stands; NULL when not begun",
    )

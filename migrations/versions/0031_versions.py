"""Versions of datasets, and the splits that images were given."""

from alembic import op

from migrations.comments import comment_on

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_OF_PROJECT = "EXISTS (SELECT FROM projects parent WHERE parent.id = versions.project_id)"
_OF_VERSION = "EXISTS (SELECT FROM versions parent WHERE parent.id = version_images.version_id)"

_OF_EXPORT = "EXISTS (SELECT FROM versions parent WHERE parent.id = export_jobs.version_id)"


def upgrade() -> None:
    op.execute(f"""
    CREATE TABLE split_blocks (
        project_id uuid NOT NULL,
        scheme text NOT NULL,
        number integer NOT NULL,
        image_ids bytea NOT NULL,
        splits bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_split_blocks PRIMARY KEY (project_id, scheme, number),
        CONSTRAINT fk_split_blocks_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE
    );
    GRANT SELECT, INSERT, DELETE ON split_blocks TO pixmill_system;

    CREATE TABLE versions (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        filter jsonb NOT NULL DEFAULT '{{}}',
        split_options jsonb NOT NULL DEFAULT '{{}}',
        hash text,
        image_count integer NOT NULL DEFAULT 0,
        splits jsonb NOT NULL DEFAULT '{{}}',
        warnings jsonb NOT NULL DEFAULT '[]',
        card jsonb NOT NULL DEFAULT '{{}}',
        state jsonb,
        started_at timestamptz,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        error text,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_versions PRIMARY KEY (id),
        CONSTRAINT fk_versions_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_versions_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_versions_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_versions_image_count CHECK (image_count >= 0)
    );
    CREATE INDEX ix_versions_project_id_id ON versions (project_id, id);
    CREATE INDEX ix_versions_unfinished ON versions (updated_at)
        WHERE status IN ('pending', 'running');
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON versions
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

    CREATE TABLE version_images (
        version_id uuid NOT NULL,
        sha256 bytea NOT NULL,
        image_id uuid NOT NULL,
        label text,
        caption text,
        split text,
        license text,
        attribution text,
        rights bytea,
        CONSTRAINT pk_version_images PRIMARY KEY (version_id, sha256, image_id),
        CONSTRAINT fk_version_images_version_id FOREIGN KEY (version_id)
            REFERENCES versions (id) ON DELETE CASCADE
    );

    ALTER TABLE versions ENABLE ROW LEVEL SECURITY;
    ALTER TABLE versions FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON versions TO pixmill_caller
        USING ({_OF_PROJECT}) WITH CHECK ({_OF_PROJECT});
    CREATE POLICY system ON versions TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON versions TO pixmill_caller, pixmill_system;
    ALTER TABLE version_images ENABLE ROW LEVEL SECURITY;
    ALTER TABLE version_images FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON version_images TO pixmill_caller
        USING ({_OF_VERSION}) WITH CHECK ({_OF_VERSION});
    CREATE POLICY system ON version_images TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON version_images TO pixmill_caller, pixmill_system;

    ALTER TABLE export_jobs
        ADD COLUMN version_id uuid,
        ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
        ADD CONSTRAINT fk_export_jobs_version_id FOREIGN KEY (version_id)
            REFERENCES versions (id) ON DELETE CASCADE;
    CREATE INDEX ix_export_jobs_version_id ON export_jobs (version_id)
        WHERE version_id IS NOT NULL;
    -- Beside the rule for all its other references.
    CREATE POLICY caller_version ON export_jobs AS RESTRICTIVE TO pixmill_caller
        USING (true) WITH CHECK (version_id IS NULL OR {_OF_EXPORT});
    """)
    comment_on(
        "split_blocks",
        "Splits that images were given, many in a row",
        project_id="Whose images",
        scheme="SHA-256 hex of the options that images are split by",
        number="Counts the blocks from 0",
        image_ids="Ids in their order, 16 bytes each; no references",
        splits="A byte for each: its split's number in the order of names",
        created_at="When the row was written",
    )
    comment_on(
        "versions",
        "Versions of datasets, frozen",
        id="UUID version 7, so ids order rows by creation",
        project_id="Whose images",
        name="What the owner calls it",
        filter="What selected its images",
        split_options="Shares of its splits, and its groups",
        hash="SHA-256 hex: the root of a Merkle tree of its images; NULL until it is complete",
        image_count="Images that it holds",
        splits="Images by split",
        warnings="What the dataset lacks, for a person",
        card="What exports say of the whole: name, classes, sources, rules, proof of splits",
        state="Where a continued build stands; NULL when not begun",
        started_at="Building began",
        status="pending, running, completed, failed or cancelled",
        progress="0 to 100",
        error="Why the job failed, for a person",
        completed_at="Final state reached",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )
    comment_on(
        "version_images",
        "Images of versions, as they were",
        version_id="Its version",
        sha256="SHA-256 of the content",
        image_id="The image; no reference, as it may be deleted",
        label="Class",
        caption="Description",
        split="Name of its split",
        license="Licence it is offered under",
        attribution="Whom to credit",
        rights="SHA-256 of the signals about its use that its crawl met; NULL without",
    )
    comment_on(
        "export_jobs",
        "Files built from a project's images",
        version_id="Version that is exported; NULL for what the project holds at the time",
        warnings="What the dataset lacks, for a person",
    )


def downgrade() -> None:
    op.execute("""
    DROP POLICY caller_version ON export_jobs;
    ALTER TABLE export_jobs DROP COLUMN warnings, DROP COLUMN version_id;
    DROP TABLE version_images;
    DROP TABLE versions;
    DROP TABLE split_blocks;
    """)

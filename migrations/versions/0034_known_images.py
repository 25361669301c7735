"""The memory of projects: what addresses brought, and what people have deleted."""

from alembic import op

from migrations.comments import comment_on

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_OWN = "EXISTS (SELECT FROM projects parent WHERE parent.id = {table}.project_id)"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE image_sources (
        project_id uuid NOT NULL,
        address bytea NOT NULL,
        sha256 text NOT NULL,
        phash bigint NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        response_address bytea,
        response_headers jsonb,
        rights text NOT NULL DEFAULT 'respect',
        respect_robots boolean NOT NULL DEFAULT true,
        checked_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_image_sources PRIMARY KEY (project_id, address),
        CONSTRAINT fk_image_sources_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_image_sources_address CHECK (octet_length(address) = 32),
        CONSTRAINT ck_image_sources_rights CHECK (rights IN ('ignore', 'respect', 'opt_in_only')),
        CONSTRAINT ck_image_sources_width CHECK (width >= 1),
        CONSTRAINT ck_image_sources_height CHECK (height >= 1)
    );
    CREATE TABLE deleted_images (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        sha256 text NOT NULL,
        phash bigint,
        phash_high integer GENERATED ALWAYS AS (((phash >> 43) & 2097151)::integer) STORED,
        phash_middle integer GENERATED ALWAYS AS (((phash >> 22) & 2097151)::integer) STORED,
        phash_low integer GENERATED ALWAYS AS ((phash & 4194303)::integer) STORED,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_deleted_images PRIMARY KEY (id),
        CONSTRAINT fk_deleted_images_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT uq_deleted_images_project_id_sha256 UNIQUE (project_id, sha256)
    );
    CREATE INDEX ix_deleted_images_project_id_phash_high
        ON deleted_images (project_id, phash_high) WHERE phash_high IS NOT NULL;
    CREATE INDEX ix_deleted_images_project_id_phash_middle
        ON deleted_images (project_id, phash_middle) WHERE phash_middle IS NOT NULL;
    CREATE INDEX ix_deleted_images_project_id_phash_low
        ON deleted_images (project_id, phash_low) WHERE phash_low IS NOT NULL;
    """)
    for table in ("image_sources", "deleted_images"):
        own = _OWN.format(table=table)
        op.execute(f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON {table} TO pixmill_caller USING ({own}) WITH CHECK ({own});
        CREATE POLICY system ON {table} TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pixmill_caller, pixmill_system;
        """)
    # One short row for each project; hourly upkeep lists their images in batches.
    op.execute("""
    CREATE TABLE source_listings (
        project_id uuid NOT NULL,
        position uuid NOT NULL,
        CONSTRAINT pk_source_listings PRIMARY KEY (project_id),
        CONSTRAINT fk_source_listings_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE
    );
    GRANT SELECT, UPDATE, DELETE ON source_listings TO pixmill_system;
    INSERT INTO source_listings (project_id, position)
        SELECT id, '00000000-0000-0000-0000-000000000000' FROM projects;
    """)
    comment_on(
        "image_sources",
        "What addresses brought into projects when they were asked last",
        project_id="Dataset that asked for it",
        address="SHA-256 of the normalised URL, 32 bytes",
        sha256="SHA-256 hex of the content that it brought last",
        phash="Perceptual hash of that content, as a signed integer",
        width="Pixels",
        height="Pixels",
        response_address="SHA-256 of the URL that answered, after redirects",
        response_headers="Validators and wishes of that answer, to ask it again",
        rights="How wishes about its use were heeded: ignore, respect or opt_in_only",
        respect_robots="Whether robots.txt was heeded",
        checked_at="When it answered last",
    )
    comment_on(
        "deleted_images",
        "Contents that were deleted and stay away; hashes only",
        id="UUID version 7, so ids order rows by creation",
        project_id="Dataset that it stays away from",
        sha256="SHA-256 hex of the content",
        phash="64-bit perceptual hash, as a signed integer",
        phash_high="Top 21 bits of phash, for near-duplicate search",
        phash_middle="Middle 21 bits of phash, for near-duplicate search",
        phash_low="Low 22 bits of phash, for near-duplicate search",
        created_at="When the row was written",
    )
    comment_on(
        "source_listings",
        "Projects whose older images are yet to become image_sources",
        project_id="Dataset whose images are being listed",
        position="Last image whose address is listed",
    )


def downgrade() -> None:
    op.drop_table("source_listings")
    op.drop_table("deleted_images")
    op.drop_table("image_sources")

"""Images and their variants."""

from alembic import op

from migrations.comments import comment_on

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE images (
        id uuid NOT NULL DEFAULT new_id(),
        image_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
        project_id uuid NOT NULL,
        crawl_job_id uuid,
        user_id uuid NOT NULL,
        original_url text,
        source_page text,
        file_name text,
        file_path text,
        bucket text,
        generation bigint,
        processed_path text,
        image_hash text,
        sha256 text,
        phash bigint,
        phash_high integer GENERATED ALWAYS AS (((phash >> 43) & 2097151)::integer) STORED,
        phash_middle integer GENERATED ALWAYS AS (((phash >> 22) & 2097151)::integer) STORED,
        phash_low integer GENERATED ALWAYS AS ((phash & 4194303)::integer) STORED,
        mime_type text,
        format text,
        file_size bigint,
        width integer,
        height integer,
        channels integer,
        frames integer,
        sharpness double precision,
        brightness double precision,
        darkness double precision,
        uniformity double precision,
        exif jsonb,
        label text,
        caption text,
        license text,
        attribution text,
        status text NOT NULL DEFAULT 'processing',
        is_valid boolean NOT NULL DEFAULT true,
        is_duplicate boolean NOT NULL DEFAULT false,
        duplicate_of uuid,
        failure_reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_images PRIMARY KEY (id),
        CONSTRAINT fk_images_duplicate_of FOREIGN KEY (project_id, duplicate_of)
            REFERENCES images (project_id, id) ON DELETE SET NULL (duplicate_of),
        CONSTRAINT fk_images_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT fk_images_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_images_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT uq_images_project_id_id UNIQUE (project_id, id),
        CONSTRAINT uq_images_project_id_image_hash UNIQUE (project_id, image_hash),
        CONSTRAINT ck_images_status CHECK (status IN ('processing', 'completed', 'failed')),
        CONSTRAINT ck_images_width CHECK (width >= 1),
        CONSTRAINT ck_images_height CHECK (height >= 1),
        CONSTRAINT ck_images_channels CHECK (channels >= 1),
        CONSTRAINT ck_images_frames CHECK (frames >= 1),
        CONSTRAINT ck_images_file_size CHECK (file_size >= 0),
        CONSTRAINT ck_images_sharpness CHECK (sharpness >= 0),
        CONSTRAINT ck_images_brightness CHECK (brightness BETWEEN 0 AND 1),
        CONSTRAINT ck_images_darkness CHECK (darkness BETWEEN 0 AND 1),
        CONSTRAINT ck_images_uniformity CHECK (uniformity BETWEEN 0 AND 1),
        CONSTRAINT ck_images_duplicate_of CHECK (duplicate_of <> id)
    );
    CREATE INDEX idx_user_id ON images (user_id, created_at);
    CREATE INDEX ix_image_crawl_job_id ON images (crawl_job_id, id);
    CREATE INDEX ix_images_duplicate_of ON images (duplicate_of) WHERE duplicate_of IS NOT NULL;
    CREATE INDEX ix_images_image_id ON images (image_id);
    CREATE INDEX ix_images_project_id_duplicate ON images (project_id, id) WHERE is_duplicate;
    CREATE INDEX ix_images_project_id_format_id ON images (project_id, format, id);
    CREATE INDEX ix_images_project_id_invalid ON images (project_id, id) WHERE NOT is_valid;
    CREATE INDEX ix_images_project_id_label_id ON images (project_id, label, id)
        WHERE label IS NOT NULL;
    CREATE INDEX ix_images_project_id_phash_high ON images (project_id, phash_high)
        WHERE phash_high IS NOT NULL;
    CREATE INDEX ix_images_project_id_phash_low ON images (project_id, phash_low)
        WHERE phash_low IS NOT NULL;
    CREATE INDEX ix_images_project_id_phash_middle ON images (project_id, phash_middle)
        WHERE phash_middle IS NOT NULL;
    CREATE INDEX ix_images_project_id_sha256 ON images (project_id, sha256);
    CREATE INDEX ix_images_project_id_status_id ON images (project_id, status, id)
        WHERE status <> 'completed';
    CREATE INDEX ix_images_unfinished ON images (status, created_at) WHERE status <> 'completed';
    """)
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        id="UUID version 7, so ids order rows by creation",
        image_id="The id under its other name",
        project_id="Dataset it belongs to; filled from the crawl job when left out",
        crawl_job_id="NULL for uploads",
        user_id="Owner of the project; filled from it when left out",
        original_url="Where it was downloaded from",
        source_page="Page that shows or describes it",
        file_name="Name at its origin",
        file_path="Name of the stored object",
        bucket="Bucket of the stored object",
        generation="Generation of the stored object",
        processed_path="Object name of the processed version",
        image_hash="SHA-256 hex of owner and content; only on the first image of its content",
        sha256="SHA-256 hex of the content",
        phash="64-bit perceptual hash, as a signed integer",
        phash_high="Top 21 bits of phash, for near-duplicate search",
        phash_middle="Middle 21 bits of phash, for near-duplicate search",
        phash_low="Low 22 bits of phash, for near-duplicate search",
        mime_type="Media type, from the decoder",
        format="jpeg, png, webp, …, from the decoder",
        file_size="Bytes",
        width="Pixels",
        height="Pixels",
        channels="1 is grey, 3 colour, 4 with alpha",
        frames="More than 1 is animated",
        sharpness="Variance of the Laplacian; 0 is flat",
        brightness="Mean luma, 0 to 1",
        darkness="1 minus the luma of the brightest pixels, 0 to 1",
        uniformity="Share of the commonest colour, 0 to 1",
        exif="Camera metadata of the original",
        label="Class, for training",
        caption="Description, for training",
        license="Licence it is offered under",
        attribution="Whom to credit",
        status="processing, completed or failed",
        is_valid="False once it failed or broke a rule of its latest validation",
        is_duplicate="True when the project already had its content",
        duplicate_of="First image of the project with the same content",
        failure_reason="Why it failed, for a person",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE image_variants (
        id uuid NOT NULL DEFAULT new_id(),
        image_id uuid NOT NULL,
        name text NOT NULL,
        spec jsonb NOT NULL DEFAULT '{}',
        object text NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        file_size bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_image_variants PRIMARY KEY (id),
        CONSTRAINT fk_image_variants_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE,
        CONSTRAINT uq_image_variants_image_id_name UNIQUE (image_id, name),
        CONSTRAINT ck_image_variants_width CHECK (width >= 1),
        CONSTRAINT ck_image_variants_height CHECK (height >= 1),
        CONSTRAINT ck_image_variants_file_size CHECK (file_size >= 0)
    );
    """)
    comment_on(
        "image_variants",
        "Resized or converted copies of images",
        id="UUID version 7, so ids order rows by creation",
        image_id="The original",
        name="What the owner calls it, such as thumbnail",
        spec="Size, fit, format, quality, watermark",
        object="Name of the stored object",
        width="Pixels",
        height="Pixels",
        file_size="Bytes",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )


def downgrade() -> None:
    op.drop_table("image_variants")
    op.drop_table("images")

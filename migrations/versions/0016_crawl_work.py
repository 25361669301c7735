"""Work that a crawl job owes once all is fetched, and counts that tell duplicates apart."""

from alembic import op

from migrations.comments import comment_on

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
contracts = {
    "new: constraint ck_crawl_chunks_kind of crawl_chunks": "it allows more than what it replaces"
}


def upgrade() -> None:
    op.execute("""
    ALTER TABLE crawl_jobs
        ADD COLUMN stage text DEFAULT 'fetching' NOT NULL,
        ADD COLUMN work jsonb DEFAULT '{}' NOT NULL,
        ADD COLUMN invalid_images integer DEFAULT 0 NOT NULL,
        ADD CONSTRAINT ck_crawl_jobs_stage
            CHECK (stage IN ('fetching', 'validating', 'analyzing')) NOT VALID,
        ADD CONSTRAINT ck_crawl_jobs_invalid_images CHECK (invalid_images >= 0) NOT VALID;
    ALTER TABLE crawl_chunks
        DROP CONSTRAINT ck_crawl_chunks_kind,
        ADD CONSTRAINT ck_crawl_chunks_kind
            CHECK (kind IN ('urls', 'manifest', 'pages', 'keywords', 'variants')) NOT VALID;
    ALTER TABLE fetch_failures ADD COLUMN image_id uuid;
    ALTER TABLE validation_jobs
        ADD COLUMN for_crawl boolean DEFAULT false NOT NULL,
        ADD COLUMN duplicate_images integer DEFAULT 0 NOT NULL,
        ADD COLUMN invalid_duplicates integer DEFAULT 0 NOT NULL,
        ADD CONSTRAINT ck_validation_jobs_duplicate_images
            CHECK (duplicate_images >= 0) NOT VALID,
        ADD CONSTRAINT ck_validation_jobs_invalid_duplicates
            CHECK (invalid_duplicates >= 0) NOT VALID;
    ALTER TABLE analysis_jobs ADD COLUMN for_crawl boolean DEFAULT false NOT NULL;
    """)
    comment_on(
        "crawl_jobs",
        "Runs that turn a source into images; counters are sums over chunks",
        stage="Step of a running job: fetching, then validating, then analyzing",
        work="What became of the variants, validation and analyses asked for, once it has ended",
        valid_images="Originals that break no rule",
        invalid_images="Originals that break a rule",
    )
    comment_on(
        "crawl_chunks",
        "Shares of a crawl job; each row carries its own counts",
        kind="What it holds: urls to fetch, pages to read, variants to make",
    )
    comment_on(
        "fetch_failures",
        "URLs that became no image, with their reason",
        image_id="Image whose variants failed, NULL for an address; no reference",
    )
    comment_on(
        "validation_jobs",
        "Checks of a crawl job's images against rules",
        for_crawl="True when the crawl job asked for it and waits for it",
        total_images="Originals to check",
        validated_images="Originals checked",
        invalid_images="Originals that broke a rule",
        duplicate_images="Duplicates checked",
        invalid_duplicates="Duplicates that broke a rule",
    )
    comment_on(
        "analysis_jobs",
        "Passes of an analyser over the images of a crawl job",
        for_crawl="True when the crawl job asked for it and waits for it",
    )
    op.execute(
        "COMMENT ON COLUMN input_counts.bucket IS"
        " 'Range of values: the number of its histogram''s bucket'"
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE analysis_jobs DROP COLUMN for_crawl;
    ALTER TABLE validation_jobs
        DROP COLUMN for_crawl,
        DROP COLUMN duplicate_images,
        DROP COLUMN invalid_duplicates;
    ALTER TABLE fetch_failures DROP COLUMN image_id;
    DELETE FROM crawl_chunks WHERE kind = 'variants';
    ALTER TABLE crawl_chunks
        DROP CONSTRAINT ck_crawl_chunks_kind,
        ADD CONSTRAINT ck_crawl_chunks_kind
            CHECK (kind IN ('urls', 'manifest', 'pages', 'keywords'));
    ALTER TABLE crawl_jobs DROP COLUMN stage, DROP COLUMN work, DROP COLUMN invalid_images;
    """)
    comment_on(
        "crawl_jobs",
        "Runs that turn a source into images; counters are sums over chunks",
        valid_images="Stored images that break no rule",
    )
    comment_on(
        "crawl_chunks",
        "Shares of a crawl job; each row carries its own counts",
        kind="What the chunk holds: urls to fetch, or pages, a manifest or keywords to expand",
    )
    comment_on(
        "validation_jobs",
        "Checks of a crawl job's images against rules",
        total_images="Images to check",
        validated_images="Images checked",
        invalid_images="Images that broke a rule",
    )

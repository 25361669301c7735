"""Crawl jobs that their owners have deleted, while their images are being removed."""

from alembic import op

from migrations.comments import comment_on

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No row is in the index yet: it is made by one pass over the table, which writers await.
    op.execute("""
    ALTER TABLE crawl_jobs ADD COLUMN deleted_at timestamptz;
    CREATE INDEX ix_crawl_jobs_deleted_at ON crawl_jobs (deleted_at) WHERE deleted_at IS NOT NULL;
    """)
    comment_on(
        "crawl_jobs",
        "Runs that turn a source into images; counters are sums over chunks",
        deleted_at="When its owner deleted it; its rows are being removed",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE crawl_jobs DROP COLUMN deleted_at")

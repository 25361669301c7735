"""Counts the workers that died over a chunk, apart from its leases."""

from alembic import op

from migrations.comments import comment_on

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE crawl_chunks ADD COLUMN lost_workers integer DEFAULT 0 NOT NULL")
    comment_on(
        "crawl_chunks",
        "Shares of a crawl job; each row carries its own counts",
        lost_workers="Workers that died while it was alone in its chunk",
    )


def downgrade() -> None:
    op.drop_column("crawl_chunks", "lost_workers")

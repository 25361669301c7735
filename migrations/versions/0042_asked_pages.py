"""Pages are asked again, each once in a verification job, for what they say of their images."""

from alembic import op

from migrations.comments import comment_on

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No row is in the new index yet: it is made by one pass.
    op.execute("""
    ALTER TABLE verification_results
        ADD COLUMN page_key uuid,
        ADD COLUMN page_refusal text,
        ADD COLUMN page_signal_ids uuid[];
    CREATE INDEX ix_verification_results_page_key
        ON verification_results (verification_job_id, page_key, image_id)
        WHERE page_key IS NOT NULL;
    """)
    comment_on(
        "verification_results",
        "Images of verification jobs, with what became of their origins",
        page_key="MD5 of its crawl job and the page that showed it; NULL where no page was read",
        page_refusal="Why that page gives no images by now, where it was asked with this one",
        page_signal_ids="What that page said, where it was asked with this one; no reference",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE verification_results
        DROP COLUMN page_signal_ids, DROP COLUMN page_refusal, DROP COLUMN page_key;
    """)

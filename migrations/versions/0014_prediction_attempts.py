"""Count how often a waiting prediction was sent again."""

from alembic import op

from migrations.comments import comment_on

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE predictions
        ADD COLUMN attempts integer DEFAULT 0 NOT NULL,
        ADD CONSTRAINT ck_predictions_attempts CHECK (attempts >= 0);
    """)
    comment_on(
        "predictions",
        "Log of model runs, partitioned by month",
        attempts="How often its message was sent again",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE predictions DROP COLUMN attempts")

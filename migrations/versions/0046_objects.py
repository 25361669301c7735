"""Analyses have the objects that they found, with boxes."""

from alembic import op

from migrations.comments import comment_on

revision = "0046"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE image_analyses ADD COLUMN objects jsonb")
    comment_on(
        "image_analyses",
        "Analysis results, one row per run",
        objects="Objects with labels and boxes; NULL where the analyser gives none",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE image_analyses DROP COLUMN objects")

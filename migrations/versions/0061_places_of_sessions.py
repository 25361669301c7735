"""Sessions know to which program and address they were issued."""

from alembic import op

from migrations.comments import comment_on

revision = "0061"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sessions ADD COLUMN ip_address text, ADD COLUMN user_agent text")
    comment_on(
        "sessions",
        "Issued token pairs; only hashes are stored",
        ip_address="Address that it was issued to",
        user_agent="Program that it was issued to",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE sessions DROP COLUMN user_agent, DROP COLUMN ip_address")

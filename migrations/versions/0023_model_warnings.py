"""Keeps what the owner of a model should know of it although it serves."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE models ADD COLUMN warnings JSONB DEFAULT '[]' NOT NULL;
    COMMENT ON COLUMN models.warnings
        IS 'What in its file is not as it is served, for a person';
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE models DROP COLUMN warnings;")

"""Projects that their owners have deleted, while their rows are being removed."""

from alembic import op

from migrations.comments import comment_on

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No row is in the index yet: it is made by one pass over the table, which writers await.
    op.execute("""
    ALTER TABLE projects ADD COLUMN deleted_at timestamptz;
    CREATE INDEX ix_projects_deleted_at ON projects (deleted_at) WHERE deleted_at IS NOT NULL;
    """)
    comment_on(
        "projects",
        "Datasets and who owns them",
        deleted_at="When its owner deleted it; its rows are being removed",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE projects DROP COLUMN deleted_at")

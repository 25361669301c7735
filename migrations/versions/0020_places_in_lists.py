"""Add the place at which a failed address stands in the list of its request."""

from alembic import op

from migrations.comments import comment_on

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE fetch_failures ADD COLUMN position integer")
    comment_on(
        "fetch_failures",
        "URLs that became no image, with their reason",
        url="Address as given, without user information",
        position="Place in the list of the request, from 0; NULL for what pages lead to",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE fetch_failures DROP COLUMN position")
    comment_on(
        "fetch_failures", "URLs that became no image, with their reason", url="Address as given"
    )

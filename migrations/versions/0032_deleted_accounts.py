"""Accounts that their owners have deleted, while their rows are being removed."""

from alembic import op

from migrations.comments import comment_on

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE profiles ADD COLUMN deleted_at timestamptz;
    CREATE INDEX ix_profiles_deleted_at ON profiles (deleted_at) WHERE deleted_at IS NOT NULL;
    -- Who deletes the account locks it out; nobody who is locked out can call.
    GRANT UPDATE (is_active, deleted_at) ON profiles TO pixmill_caller;
    """)
    comment_on(
        "profiles",
        "People who sign in; the view users shows them under other column names",
        deleted_at="When its owner deleted it; its rows are being removed",
    )


def downgrade() -> None:
    op.execute("""
    REVOKE UPDATE (is_active) ON profiles FROM pixmill_caller;
    ALTER TABLE profiles DROP COLUMN deleted_at;
    """)

"""Finds rejected images by indexes, and holds all rows to the rules of the step before."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

contracts = {
    "new: constraint ck_images_rejected of images": "the step before has it for all new rows",
    "new: constraint fk_images_rejected_with of images": "the step before has it for all new rows",
}


def upgrade() -> None:
    # No row is in these indexes yet: each is made by one pass over the table, which writers await.
    op.execute("""
    ALTER TABLE images VALIDATE CONSTRAINT ck_images_rejected;
    ALTER TABLE images VALIDATE CONSTRAINT fk_images_rejected_with;
    CREATE INDEX ix_images_project_id_rejected ON images (project_id, id) WHERE rejected;
    CREATE INDEX ix_images_rejected_with ON images (rejected_with)
        WHERE rejected_with IS NOT NULL;
    """)


def downgrade() -> None:
    op.execute("""
    DROP INDEX ix_images_rejected_with;
    DROP INDEX ix_images_project_id_rejected;
    """)

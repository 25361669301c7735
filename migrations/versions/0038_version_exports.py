"""Versions keep all that exports say of their images."""

from alembic import op

from migrations.comments import comment_on

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE version_images ADD COLUMN leaf bytea, ADD COLUMN record jsonb;
    CREATE INDEX ix_version_images_version_id_sha256_leaf
        ON version_images (version_id, sha256, leaf);
    CREATE INDEX ix_version_images_version_id_image_id ON version_images (version_id, image_id);
    """)
    comment_on(
        "versions",
        "Versions of datasets, frozen",
        card="What exports say of the whole: name, sources, rules, proof of splits",
    )
    comment_on(
        "version_images",
        "Images of versions, as they were",
        leaf="Leaf of the version's Merkle tree: SHA-256 of all but record",
        record="What exports say of it beside: its file, its origin, signals about its use",
    )


def downgrade() -> None:
    op.execute("""
    DROP INDEX ix_version_images_version_id_image_id;
    DROP INDEX ix_version_images_version_id_sha256_leaf;
    ALTER TABLE version_images DROP COLUMN record, DROP COLUMN leaf;
    """)

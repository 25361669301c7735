"""Versions keep digests of ranges of what they hold, so that equal ranges need not be compared."""

from alembic import op

from migrations.comments import comment_on

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_OF_VERSION = "EXISTS (SELECT FROM versions parent WHERE parent.id = version_ranges.version_id)"


def upgrade() -> None:
    op.execute(f"""
    CREATE TABLE version_ranges (
        version_id uuid NOT NULL,
        first smallint NOT NULL,
        digest bytea NOT NULL,
        digests bytea NOT NULL,
        CONSTRAINT pk_version_ranges PRIMARY KEY (version_id, first),
        CONSTRAINT fk_version_ranges_version_id FOREIGN KEY (version_id)
            REFERENCES versions (id) ON DELETE CASCADE,
        CONSTRAINT ck_version_ranges_first CHECK (first BETWEEN 0 AND 255),
        CONSTRAINT ck_version_ranges_digests CHECK (octet_length(digests) = 8192)
    );

    ALTER TABLE version_ranges ENABLE ROW LEVEL SECURITY;
    ALTER TABLE version_ranges FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON version_ranges TO pixmill_caller
        USING ({_OF_VERSION}) WITH CHECK ({_OF_VERSION});
    CREATE POLICY system ON version_ranges TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON version_ranges TO pixmill_caller, pixmill_system;
    """)
    comment_on(
        "version_ranges",
        "Digests of versions, range by range",
        version_id="Its version",
        first="First byte of the contents' SHA-256",
        digest="SHA-256 of the digests",
        digests="By second byte, 32 bytes each: SHA-256 of contents and leaves; zeros for none",
    )


def downgrade() -> None:
    op.execute("DROP TABLE version_ranges")

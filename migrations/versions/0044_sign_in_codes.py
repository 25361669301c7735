"""Codes with which somebody who is signed in elsewhere signs a browser in."""

from alembic import op

from migrations.comments import comment_on

revision = "0044"
down_revision = "0046"  # which was there first
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE sign_in_codes (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        code_hash text NOT NULL,
        expires_at timestamptz NOT NULL,
        is_reusable boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_sign_in_codes PRIMARY KEY (id),
        CONSTRAINT uq_sign_in_codes_code_hash UNIQUE (code_hash),
        CONSTRAINT fk_sign_in_codes_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_sign_in_codes_user_id ON sign_in_codes (user_id, expires_at);
    CREATE INDEX ix_sign_in_codes_expires_at ON sign_in_codes (expires_at);

    ALTER TABLE sign_in_codes ENABLE ROW LEVEL SECURITY;
    ALTER TABLE sign_in_codes FORCE ROW LEVEL SECURITY;
    -- A sub-select is evaluated once per statement; a bare function call, once per row.
    CREATE POLICY caller ON sign_in_codes TO pixmill_caller
        USING (user_id = (SELECT caller_id()))
        WITH CHECK (user_id = (SELECT caller_id()) AND NOT is_reusable);
    CREATE POLICY system ON sign_in_codes TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, DELETE ON sign_in_codes TO pixmill_caller;
    GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_codes TO pixmill_system;
    """)
    comment_on(
        "sign_in_codes",
        "Codes that sign a browser in; only hashes are stored",
        id="UUID version 7, so ids order rows by creation",
        user_id="Whose account it opens",
        code_hash="SHA-256 hex of the code",
        expires_at="Until when it works",
        is_reusable="True for the local system's own, which works until that ends",
        created_at="When the row was written",
    )


def downgrade() -> None:
    op.execute("DROP TABLE sign_in_codes")

"""People, their sessions and API keys."""

from alembic import op

from migrations.comments import comment_on

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE profiles (
        id uuid NOT NULL DEFAULT new_id(),
        email text NOT NULL,
        hashed_password text,
        full_name text,
        role text NOT NULL DEFAULT 'user',
        is_active boolean NOT NULL DEFAULT true,
        is_admin boolean NOT NULL GENERATED ALWAYS AS (role = 'admin') STORED,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_profiles PRIMARY KEY (id),
        CONSTRAINT ck_profiles_role CHECK (role IN ('user', 'admin'))
    );
    CREATE INDEX idx_users_is_active ON profiles (is_active) WHERE NOT is_active;
    CREATE INDEX ix_profiles_email ON profiles (email);
    CREATE UNIQUE INDEX uq_profiles_email_lower ON profiles (lower(email));
    """)
    comment_on(
        "profiles",
        "People who sign in; the view users shows them under other column names",
        id="UUID version 7, so ids order rows by creation",
        email="Address as typed; unique whatever its case",
        hashed_password="argon2id hash; NULL when the person cannot sign in by password",
        full_name="Display name",
        role="user or admin",
        is_active="False locks the account out",
        is_admin="Derived from role",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE sessions (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        family uuid NOT NULL,
        refresh_hash text NOT NULL,
        access_hash text NOT NULL,
        access_expires_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_sessions PRIMARY KEY (id),
        CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT uq_sessions_refresh_hash UNIQUE (refresh_hash),
        CONSTRAINT uq_sessions_access_hash UNIQUE (access_hash)
    );
    CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
    CREATE INDEX ix_sessions_family ON sessions (family);
    CREATE INDEX ix_sessions_user_id ON sessions (user_id);
    """)
    comment_on(
        "sessions",
        "Issued token pairs; only hashes are stored",
        id="UUID version 7, so ids order rows by creation",
        user_id="Who signed in",
        family="Shared by all pairs that descend from one sign-in; reuse ends them together",
        refresh_hash="SHA-256 hex of the refresh token",
        access_hash="SHA-256 hex of the access token",
        access_expires_at="End of the access token",
        expires_at="End of the refresh token",
        used_at="When the refresh token was exchanged; it works once",
        revoked_at="When the family was ended",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE api_keys (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        prefix text NOT NULL,
        key_hash text NOT NULL,
        name text,
        is_active boolean NOT NULL DEFAULT true,
        last_used_at timestamptz,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_api_keys PRIMARY KEY (id),
        CONSTRAINT fk_api_keys_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE INDEX idx_api_keys_is_active ON api_keys (is_active) WHERE NOT is_active;
    CREATE UNIQUE INDEX idx_api_keys_key_hash ON api_keys (key_hash);
    CREATE INDEX idx_api_keys_user_id ON api_keys (user_id, id);
    """)
    comment_on(
        "api_keys",
        "API keys; only hashes are stored",
        id="UUID version 7, so ids order rows by creation",
        user_id="Whose key it is",
        prefix="First characters, shown to recognise the key",
        key_hash="SHA-256 hex of the key",
        name="What the owner calls it",
        is_active="False once revoked",
        last_used_at="Last accepted request",
        expires_at="NULL never expires",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("sessions")
    op.drop_table("profiles")

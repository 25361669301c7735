"""Tries of passwords are counted before they are judged, and known places are remembered."""

from alembic import op

from migrations.comments import comment_on

revision = "0060"
down_revision = "0065"  # which was there first
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE guess_counts (
        key text NOT NULL,
        level double precision NOT NULL DEFAULT 0,
        open_at timestamptz NOT NULL DEFAULT '-infinity',
        counted_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_guess_counts PRIMARY KEY (key)
    ) WITH (fillfactor = 50);
    CREATE INDEX ix_guess_counts_counted_at ON guess_counts (counted_at);
    GRANT SELECT, INSERT, UPDATE, DELETE ON guess_counts TO pixmill_system;

    CREATE TABLE known_places (
        user_id uuid NOT NULL,
        mark text NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_known_places PRIMARY KEY (user_id, mark),
        CONSTRAINT fk_known_places_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_known_places_seen_at ON known_places (seen_at);
    ALTER TABLE known_places ENABLE ROW LEVEL SECURITY;
    ALTER TABLE known_places FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON known_places TO pixmill_caller
        USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
    CREATE POLICY system ON known_places TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT ON known_places TO pixmill_caller;
    GRANT SELECT, INSERT, UPDATE, DELETE ON known_places TO pixmill_system;

    CREATE FUNCTION count_guess(counted text, free integer, longest integer, forgives integer)
        RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
        found guess_counts;
        moment timestamptz;
        now_at double precision;
    BEGIN
        INSERT INTO guess_counts (key) VALUES (counted) ON CONFLICT DO NOTHING;
        SELECT * INTO found FROM guess_counts WHERE key = counted FOR UPDATE;
        moment := clock_timestamp();
        now_at := least(2 * free + 80, 1 + greatest(0,
            found.level - extract(epoch FROM moment - found.counted_at) / forgives));
        IF found.open_at <= moment THEN
            UPDATE guess_counts SET level = now_at, counted_at = moment,
                open_at = CASE WHEN round(now_at) < free THEN moment ELSE moment + make_interval(
                    secs => least(longest, 5 * 2 ^ least(20, round(now_at) - free))) END
            WHERE key = counted;
            RETURN 0;
        END IF;
        UPDATE guess_counts SET level = now_at, counted_at = moment WHERE key = counted;
        RETURN ceil(extract(epoch FROM found.open_at - moment));
    END
    $$;
    COMMENT ON FUNCTION count_guess(text, integer, integer, integer) IS
        'Counts a try; returns the seconds until one is judged again, 0 where this one is';

    CREATE FUNCTION forgive_guess(counted text, whole boolean)
        RETURNS void LANGUAGE sql AS $$
        UPDATE guess_counts
        SET level = CASE WHEN whole THEN 0 ELSE greatest(0, level - 1) END,
            open_at = CASE WHEN whole THEN '-infinity' ELSE open_at END
        WHERE key = counted
    $$;
    COMMENT ON FUNCTION forgive_guess(text, boolean) IS
        'Takes back a try that was right, or all of them';

    DROP INDEX ix_activity_logs_refused_sign_ins;
    """)
    comment_on(
        "guess_counts",
        "Tries to guess a secret; only count_guess and forgive_guess write it",
        key="SHA-256 hex of what is counted; no account need stand behind it",
        level="Tries, less those that time has forgiven",
        open_at="When the next try is judged",
        counted_at="When it was last tried",
    )
    comment_on(
        "known_places",
        "Places that an account is signed in from; only hashes are stored",
        user_id="Whose account",
        mark="SHA-256 hex of the account and the address, or a device's token",
        seen_at="When it last signed in, give or take a day",
    )


def downgrade() -> None:
    op.execute("""
    CREATE INDEX ix_activity_logs_refused_sign_ins ON activity_logs (ip_address, timestamp)
        WHERE action = 'session.create_refused';
    DROP FUNCTION forgive_guess(text, boolean);
    DROP FUNCTION count_guess(text, integer, integer, integer);
    DROP TABLE known_places;
    DROP TABLE guess_counts;
    """)

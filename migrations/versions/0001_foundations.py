"""Roles, and the functions that tables and queries lean on."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Roles belong to the whole cluster: another database's migration may make them meanwhile.
    # The owner of the tables must be able to become them, and inherits from pixmill_system what
    # its own data migrations need under FORCE ROW LEVEL SECURITY. A superuser can do so anyway.
    op.execute("""
    DO $$
    DECLARE
        wanted text;
        membership text := CASE
            WHEN current_setting('server_version_num')::integer >= 160000
            THEN 'GRANT %I TO CURRENT_USER WITH INHERIT TRUE, SET TRUE'
            ELSE 'GRANT %I TO CURRENT_USER'
        END;
    BEGIN
        FOREACH wanted IN ARRAY ARRAY['pixmill_caller', 'pixmill_system'] LOOP
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                    EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
            BEGIN
                IF NOT pg_has_role(wanted, 'USAGE') THEN
                    EXECUTE format(membership, wanted);
                END IF;
            EXCEPTION WHEN unique_violation THEN
                NULL;
            END;
        END LOOP;
    END
    $$
    """)
    op.execute("""
    CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
        SELECT encode(
            set_bit(set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    PLACING substring(
                        int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
                    )
                    FROM 1 FOR 6
                ), 52, 1), 53, 1),
            'hex')::uuid
    $$;
    COMMENT ON FUNCTION new_id() IS 'A UUID version 7, for rows written in SQL';

    CREATE FUNCTION caller_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT nullif(current_setting('pixmill.user_id', true), '')::uuid
    $$;
    COMMENT ON FUNCTION caller_id() IS 'The signed-in caller of this transaction, or NULL';

    CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.updated_at := now();
        RETURN NEW;
    END
    $$;
    COMMENT ON FUNCTION touch_updated_at() IS 'Trigger: note the time of a change';

    CREATE FUNCTION phash_distance(a bigint, b bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT bit_count((a # b)::bit(64))::integer
    $$;
    COMMENT ON FUNCTION phash_distance(bigint, bigint) IS 'Bits in which two hashes differ';

    CREATE FUNCTION phash_probes(band integer, bits integer) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT band || array_agg(band # (1 << bit)) FROM generate_series(0, bits - 1) AS bit
    $$;
    COMMENT ON FUNCTION phash_probes(integer, integer) IS
        'A band of a hash, and all bands that differ from it in one bit';
    """)
    op.execute("""
    CREATE FUNCTION ensure_partitions(table_name text, months_ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT SET timezone = 'UTC' AS $$
    DECLARE
        month timestamptz := date_trunc('month', now());
        last_month timestamptz := month + make_interval(months => months_ahead);
        partition text;
        made integer := 0;
    BEGIN
        IF to_regclass(table_name || '_default') IS NULL THEN
            RAISE EXCEPTION '% has no default partition', table_name;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('ensure_partitions ' || table_name, 0));
        WHILE month <= last_month LOOP
            partition := table_name || to_char(month, '_YYYY_MM');
            IF to_regclass(partition) IS NULL THEN
                -- Rows that came before their partition wait in the default one. Attaching a
                -- filled table locks readers out of the default partition only.
                EXECUTE format(
                    'CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES)',
                    partition, table_name);
                EXECUTE format(
                    'WITH moved AS (DELETE FROM %I WHERE created_at >= %L AND created_at < %L '
                    'RETURNING *) INSERT INTO %I SELECT * FROM moved',
                    table_name || '_default', month, month + interval '1 month', partition);
                EXECUTE format(
                    'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    table_name, partition, month, month + interval '1 month');
                made := made + 1;
            END IF;
            month := month + interval '1 month';
        END LOOP;
        RETURN made;
    END
    $$;
    COMMENT ON FUNCTION ensure_partitions(text, integer) IS
        'Make the monthly partitions from this month on that are missing; returns how many';
    REVOKE ALL ON FUNCTION ensure_partitions(text, integer) FROM PUBLIC;
    """)


def downgrade() -> None:
    # The roles stay: other databases of the cluster may use them, and alone they can do nothing.
    op.execute("""
    DROP FUNCTION ensure_partitions(text, integer);
    DROP FUNCTION phash_probes(integer, integer);
    DROP FUNCTION phash_distance(bigint, bigint);
    DROP FUNCTION touch_updated_at();
    DROP FUNCTION caller_id();
    DROP FUNCTION new_id();
    """)

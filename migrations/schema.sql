-- Revision 0061, written by `python -m migrations.document`; do not edit.
BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

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
    $$;

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
        'A band of a hash, and all bands that differ from it in one bit';;

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
    REVOKE ALL ON FUNCTION ensure_partitions(text, integer) FROM PUBLIC;;

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;

COMMIT;

BEGIN;

-- Running upgrade 0001 -> 0002

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
    CREATE UNIQUE INDEX uq_profiles_email_lower ON profiles (lower(email));;

COMMENT ON TABLE profiles IS 'People who sign in; the view users shows them under other column names';

COMMENT ON COLUMN profiles.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN profiles.email IS 'Address as typed; unique whatever its case';

COMMENT ON COLUMN profiles.hashed_password IS 'argon2id hash; NULL when the person cannot sign in by password';

COMMENT ON COLUMN profiles.full_name IS 'Display name';

COMMENT ON COLUMN profiles.role IS 'user or admin';

COMMENT ON COLUMN profiles.is_active IS 'False locks the account out';

COMMENT ON COLUMN profiles.is_admin IS 'Derived from role';

COMMENT ON COLUMN profiles.created_at IS 'When the row was written';

COMMENT ON COLUMN profiles.updated_at IS 'When the row last changed; kept by a trigger';

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
    CREATE INDEX ix_sessions_user_id ON sessions (user_id);;

COMMENT ON TABLE sessions IS 'Issued token pairs; only hashes are stored';

COMMENT ON COLUMN sessions.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN sessions.user_id IS 'Who signed in';

COMMENT ON COLUMN sessions.family IS 'Shared by all pairs that descend from one sign-in; reuse ends them together';

COMMENT ON COLUMN sessions.refresh_hash IS 'SHA-256 hex of the refresh token';

COMMENT ON COLUMN sessions.access_hash IS 'SHA-256 hex of the access token';

COMMENT ON COLUMN sessions.access_expires_at IS 'End of the access token';

COMMENT ON COLUMN sessions.expires_at IS 'End of the refresh token';

COMMENT ON COLUMN sessions.used_at IS 'When the refresh token was exchanged; it works once';

COMMENT ON COLUMN sessions.revoked_at IS 'When the family was ended';

COMMENT ON COLUMN sessions.created_at IS 'When the row was written';

COMMENT ON COLUMN sessions.updated_at IS 'When the row last changed; kept by a trigger';

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
    CREATE INDEX idx_api_keys_user_id ON api_keys (user_id, id);;

COMMENT ON TABLE api_keys IS 'API keys; only hashes are stored';

COMMENT ON COLUMN api_keys.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN api_keys.user_id IS 'Whose key it is';

COMMENT ON COLUMN api_keys.prefix IS 'First characters, shown to recognise the key';

COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 hex of the key';

COMMENT ON COLUMN api_keys.name IS 'What the owner calls it';

COMMENT ON COLUMN api_keys.is_active IS 'False once revoked';

COMMENT ON COLUMN api_keys.last_used_at IS 'Last accepted request';

COMMENT ON COLUMN api_keys.expires_at IS 'NULL never expires';

COMMENT ON COLUMN api_keys.created_at IS 'When the row was written';

COMMENT ON COLUMN api_keys.updated_at IS 'When the row last changed; kept by a trigger';

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

COMMIT;

BEGIN;

-- Running upgrade 0002 -> 0003

CREATE TABLE projects (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        name text NOT NULL,
        description text,
        status text NOT NULL DEFAULT 'active',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_projects PRIMARY KEY (id),
        CONSTRAINT fk_projects_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_projects_status CHECK (status IN ('active', 'archived'))
    );
    CREATE INDEX ix_project_user_id ON projects (user_id, id);;

COMMENT ON TABLE projects IS 'Datasets and who owns them';

COMMENT ON COLUMN projects.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN projects.user_id IS 'Owner';

COMMENT ON COLUMN projects.name IS 'What the owner calls it';

COMMENT ON COLUMN projects.description IS 'Free text';

COMMENT ON COLUMN projects.status IS 'active or archived';

COMMENT ON COLUMN projects.created_at IS 'When the row was written';

COMMENT ON COLUMN projects.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE crawl_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        keywords jsonb NOT NULL DEFAULT '[]',
        source jsonb NOT NULL DEFAULT '{}',
        options jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        downloaded_images integer NOT NULL DEFAULT 0,
        valid_images integer NOT NULL DEFAULT 0,
        duplicate_images integer NOT NULL DEFAULT 0,
        failed_images integer NOT NULL DEFAULT 0,
        total_chunks integer NOT NULL DEFAULT 0,
        active_chunks integer NOT NULL DEFAULT 0,
        completed_chunks integer NOT NULL DEFAULT 0,
        failed_chunks integer NOT NULL DEFAULT 0,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_jobs PRIMARY KEY (id),
        CONSTRAINT fk_crawl_jobs_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_crawl_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_crawl_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_crawl_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_crawl_jobs_downloaded_images CHECK (downloaded_images >= 0),
        CONSTRAINT ck_crawl_jobs_valid_images CHECK (valid_images >= 0),
        CONSTRAINT ck_crawl_jobs_duplicate_images CHECK (duplicate_images >= 0),
        CONSTRAINT ck_crawl_jobs_failed_images CHECK (failed_images >= 0),
        CONSTRAINT ck_crawl_jobs_total_chunks CHECK (total_chunks >= 0),
        CONSTRAINT ck_crawl_jobs_active_chunks CHECK (active_chunks >= 0),
        CONSTRAINT ck_crawl_jobs_completed_chunks CHECK (completed_chunks >= 0),
        CONSTRAINT ck_crawl_jobs_failed_chunks CHECK (failed_chunks >= 0)
    );
    CREATE INDEX ix_crawl_job_project_status ON crawl_jobs (project_id, status, id);
    CREATE INDEX ix_crawl_job_status ON crawl_jobs (status);
    CREATE INDEX ix_crawl_jobs_project_id ON crawl_jobs (project_id, id);;

COMMENT ON TABLE crawl_jobs IS 'Runs that turn a source into images; counters are sums over chunks';

COMMENT ON COLUMN crawl_jobs.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN crawl_jobs.project_id IS 'Where its images go';

COMMENT ON COLUMN crawl_jobs.name IS 'What the owner calls it';

COMMENT ON COLUMN crawl_jobs.keywords IS 'Search words of the source';

COMMENT ON COLUMN crawl_jobs.source IS 'urls, manifest, pages or keywords';

COMMENT ON COLUMN crawl_jobs.options IS 'Limits, dedup, variants, validation';

COMMENT ON COLUMN crawl_jobs.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN crawl_jobs.progress IS '0 to 100, by settled chunks';

COMMENT ON COLUMN crawl_jobs.total_images IS 'URLs to fetch, known once planned';

COMMENT ON COLUMN crawl_jobs.downloaded_images IS 'Stored, first of their content; sum over chunks';

COMMENT ON COLUMN crawl_jobs.valid_images IS 'Stored images that break no rule';

COMMENT ON COLUMN crawl_jobs.duplicate_images IS 'Content the project already had; sum over chunks';

COMMENT ON COLUMN crawl_jobs.failed_images IS 'URLs that became no image; sum over chunks';

COMMENT ON COLUMN crawl_jobs.total_chunks IS 'Chunks planned';

COMMENT ON COLUMN crawl_jobs.active_chunks IS 'Chunks running';

COMMENT ON COLUMN crawl_jobs.completed_chunks IS 'Chunks that ended well';

COMMENT ON COLUMN crawl_jobs.failed_chunks IS 'Chunks given up';

COMMENT ON COLUMN crawl_jobs.error IS 'Why the job failed, for a person';

COMMENT ON COLUMN crawl_jobs.started_at IS 'First chunk handed out';

COMMENT ON COLUMN crawl_jobs.completed_at IS 'Final state reached';

COMMENT ON COLUMN crawl_jobs.created_at IS 'When the row was written';

COMMENT ON COLUMN crawl_jobs.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE crawl_chunks (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        position integer NOT NULL,
        kind text NOT NULL DEFAULT 'urls',
        status text NOT NULL DEFAULT 'pending',
        urls jsonb,
        urls_object text,
        url_count integer NOT NULL DEFAULT 0,
        downloaded integer NOT NULL DEFAULT 0,
        duplicate integer NOT NULL DEFAULT 0,
        failed integer NOT NULL DEFAULT 0,
        bytes bigint NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_chunks PRIMARY KEY (id),
        CONSTRAINT fk_crawl_chunks_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT uq_crawl_chunks_crawl_job_id_position UNIQUE (crawl_job_id, position),
        CONSTRAINT ck_crawl_chunks_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_crawl_chunks_kind CHECK (kind IN ('urls', 'manifest', 'pages', 'keywords')),
        CONSTRAINT ck_crawl_chunks_position CHECK (position >= 0),
        CONSTRAINT ck_crawl_chunks_url_count CHECK (url_count >= 0),
        CONSTRAINT ck_crawl_chunks_downloaded CHECK (downloaded >= 0),
        CONSTRAINT ck_crawl_chunks_duplicate CHECK (duplicate >= 0),
        CONSTRAINT ck_crawl_chunks_failed CHECK (failed >= 0),
        CONSTRAINT ck_crawl_chunks_bytes CHECK (bytes >= 0),
        CONSTRAINT ck_crawl_chunks_attempts CHECK (attempts >= 0),
        CONSTRAINT ck_crawl_chunks_urls CHECK (num_nonnulls(urls, urls_object) <= 1)
    );
    CREATE INDEX ix_crawl_chunks_crawl_job_id_id ON crawl_chunks (crawl_job_id, id);
    CREATE INDEX ix_crawl_chunks_crawl_job_id_status_id ON crawl_chunks (crawl_job_id, status, id);
    CREATE INDEX ix_crawl_chunks_lease_expires_at ON crawl_chunks (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_crawl_chunks_pending ON crawl_chunks (updated_at) WHERE status = 'pending';;

COMMENT ON TABLE crawl_chunks IS 'Shares of a crawl job; each row carries its own counts';

COMMENT ON COLUMN crawl_chunks.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN crawl_chunks.crawl_job_id IS 'The job it is part of';

COMMENT ON COLUMN crawl_chunks.position IS 'Order within the job, from 0';

COMMENT ON COLUMN crawl_chunks.kind IS 'What the chunk holds: urls to fetch, or pages, a manifest or keywords to expand';

COMMENT ON COLUMN crawl_chunks.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN crawl_chunks.urls IS 'What to fetch, when small; else see urls_object';

COMMENT ON COLUMN crawl_chunks.urls_object IS 'Name of the bucket object that lists what to fetch, when large';

COMMENT ON COLUMN crawl_chunks.url_count IS 'URLs in the chunk';

COMMENT ON COLUMN crawl_chunks.downloaded IS 'Stored, first of their content';

COMMENT ON COLUMN crawl_chunks.duplicate IS 'Content the project already had';

COMMENT ON COLUMN crawl_chunks.failed IS 'URLs that became no image';

COMMENT ON COLUMN crawl_chunks.bytes IS 'Bytes downloaded';

COMMENT ON COLUMN crawl_chunks.attempts IS 'Leases given out; also the fencing token of every write';

COMMENT ON COLUMN crawl_chunks.lease_expires_at IS 'Until when its handler may write; expired leases are handed out again';

COMMENT ON COLUMN crawl_chunks.error IS 'Why the chunk failed, for a person';

COMMENT ON COLUMN crawl_chunks.started_at IS 'First lease';

COMMENT ON COLUMN crawl_chunks.completed_at IS 'Final state reached';

COMMENT ON COLUMN crawl_chunks.created_at IS 'When the row was written';

COMMENT ON COLUMN crawl_chunks.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE fetch_failures (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        chunk_id uuid NOT NULL,
        url text NOT NULL,
        reason text NOT NULL,
        http_status integer,
        detail text,
        retryable boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_fetch_failures PRIMARY KEY (id),
        CONSTRAINT fk_fetch_failures_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_fetch_failures_chunk_id FOREIGN KEY (chunk_id)
            REFERENCES crawl_chunks (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_fetch_failures_chunk_id ON fetch_failures (chunk_id);
    CREATE INDEX ix_fetch_failures_crawl_job_id_reason ON fetch_failures (crawl_job_id, reason);
    CREATE INDEX ix_fetch_failures_retryable ON fetch_failures (crawl_job_id, chunk_id)
        WHERE retryable;;

COMMENT ON TABLE fetch_failures IS 'URLs that became no image, with their reason';

COMMENT ON COLUMN fetch_failures.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN fetch_failures.crawl_job_id IS 'The job that asked for it';

COMMENT ON COLUMN fetch_failures.chunk_id IS 'The chunk that tried it';

COMMENT ON COLUMN fetch_failures.url IS 'Address as given';

COMMENT ON COLUMN fetch_failures.reason IS 'Kind of failure, from a closed list in code';

COMMENT ON COLUMN fetch_failures.http_status IS 'Status of the last answer, if any';

COMMENT ON COLUMN fetch_failures.detail IS 'The reason in words, for a person';

COMMENT ON COLUMN fetch_failures.retryable IS 'True when it may pass';

COMMENT ON COLUMN fetch_failures.created_at IS 'When the row was written';

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';

COMMIT;

BEGIN;

-- Running upgrade 0003 -> 0004

CREATE TABLE images (
        id uuid NOT NULL DEFAULT new_id(),
        image_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
        project_id uuid NOT NULL,
        crawl_job_id uuid,
        user_id uuid NOT NULL,
        original_url text,
        source_page text,
        file_name text,
        file_path text,
        bucket text,
        generation bigint,
        processed_path text,
        image_hash text,
        sha256 text,
        phash bigint,
        phash_high integer GENERATED ALWAYS AS (((phash >> 43) & 2097151)::integer) STORED,
        phash_middle integer GENERATED ALWAYS AS (((phash >> 22) & 2097151)::integer) STORED,
        phash_low integer GENERATED ALWAYS AS ((phash & 4194303)::integer) STORED,
        mime_type text,
        format text,
        file_size bigint,
        width integer,
        height integer,
        channels integer,
        frames integer,
        sharpness double precision,
        brightness double precision,
        darkness double precision,
        uniformity double precision,
        exif jsonb,
        label text,
        caption text,
        license text,
        attribution text,
        status text NOT NULL DEFAULT 'processing',
        is_valid boolean NOT NULL DEFAULT true,
        is_duplicate boolean NOT NULL DEFAULT false,
        duplicate_of uuid,
        failure_reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_images PRIMARY KEY (id),
        CONSTRAINT fk_images_duplicate_of FOREIGN KEY (project_id, duplicate_of)
            REFERENCES images (project_id, id) ON DELETE SET NULL (duplicate_of),
        CONSTRAINT fk_images_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT fk_images_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_images_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT uq_images_project_id_id UNIQUE (project_id, id),
        CONSTRAINT uq_images_project_id_image_hash UNIQUE (project_id, image_hash),
        CONSTRAINT ck_images_status CHECK (status IN ('processing', 'completed', 'failed')),
        CONSTRAINT ck_images_width CHECK (width >= 1),
        CONSTRAINT ck_images_height CHECK (height >= 1),
        CONSTRAINT ck_images_channels CHECK (channels >= 1),
        CONSTRAINT ck_images_frames CHECK (frames >= 1),
        CONSTRAINT ck_images_file_size CHECK (file_size >= 0),
        CONSTRAINT ck_images_sharpness CHECK (sharpness >= 0),
        CONSTRAINT ck_images_brightness CHECK (brightness BETWEEN 0 AND 1),
        CONSTRAINT ck_images_darkness CHECK (darkness BETWEEN 0 AND 1),
        CONSTRAINT ck_images_uniformity CHECK (uniformity BETWEEN 0 AND 1),
        CONSTRAINT ck_images_duplicate_of CHECK (duplicate_of <> id)
    );
    CREATE INDEX idx_user_id ON images (user_id, created_at);
    CREATE INDEX ix_image_crawl_job_id ON images (crawl_job_id, id);
    CREATE INDEX ix_images_duplicate_of ON images (duplicate_of) WHERE duplicate_of IS NOT NULL;
    CREATE INDEX ix_images_image_id ON images (image_id);
    CREATE INDEX ix_images_project_id_duplicate ON images (project_id, id) WHERE is_duplicate;
    CREATE INDEX ix_images_project_id_format_id ON images (project_id, format, id);
    CREATE INDEX ix_images_project_id_invalid ON images (project_id, id) WHERE NOT is_valid;
    CREATE INDEX ix_images_project_id_label_id ON images (project_id, label, id)
        WHERE label IS NOT NULL;
    CREATE INDEX ix_images_project_id_phash_high ON images (project_id, phash_high)
        WHERE phash_high IS NOT NULL;
    CREATE INDEX ix_images_project_id_phash_low ON images (project_id, phash_low)
        WHERE phash_low IS NOT NULL;
    CREATE INDEX ix_images_project_id_phash_middle ON images (project_id, phash_middle)
        WHERE phash_middle IS NOT NULL;
    CREATE INDEX ix_images_project_id_sha256 ON images (project_id, sha256);
    CREATE INDEX ix_images_project_id_status_id ON images (project_id, status, id)
        WHERE status <> 'completed';
    CREATE INDEX ix_images_unfinished ON images (status, created_at) WHERE status <> 'completed';;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN images.image_id IS 'The id under its other name';

COMMENT ON COLUMN images.project_id IS 'Dataset it belongs to; filled from the crawl job when left out';

COMMENT ON COLUMN images.crawl_job_id IS 'NULL for uploads';

COMMENT ON COLUMN images.user_id IS 'Owner of the project; filled from it when left out';

COMMENT ON COLUMN images.original_url IS 'Where it was downloaded from';

COMMENT ON COLUMN images.source_page IS 'Page that shows or describes it';

COMMENT ON COLUMN images.file_name IS 'Name at its origin';

COMMENT ON COLUMN images.file_path IS 'Name of the stored object';

COMMENT ON COLUMN images.bucket IS 'Bucket of the stored object';

COMMENT ON COLUMN images.generation IS 'Generation of the stored object';

COMMENT ON COLUMN images.processed_path IS 'Object name of the processed version';

COMMENT ON COLUMN images.image_hash IS 'SHA-256 hex of owner and content; only on the first image of its content';

COMMENT ON COLUMN images.sha256 IS 'SHA-256 hex of the content';

COMMENT ON COLUMN images.phash IS '64-bit perceptual hash, as a signed integer';

COMMENT ON COLUMN images.phash_high IS 'Top 21 bits of phash, for near-duplicate search';

COMMENT ON COLUMN images.phash_middle IS 'Middle 21 bits of phash, for near-duplicate search';

COMMENT ON COLUMN images.phash_low IS 'Low 22 bits of phash, for near-duplicate search';

COMMENT ON COLUMN images.mime_type IS 'Media type, from the decoder';

COMMENT ON COLUMN images.format IS 'jpeg, png, webp, …, from the decoder';

COMMENT ON COLUMN images.file_size IS 'Bytes';

COMMENT ON COLUMN images.width IS 'Pixels';

COMMENT ON COLUMN images.height IS 'Pixels';

COMMENT ON COLUMN images.channels IS '1 is grey, 3 colour, 4 with alpha';

COMMENT ON COLUMN images.frames IS 'More than 1 is animated';

COMMENT ON COLUMN images.sharpness IS 'Variance of the Laplacian; 0 is flat';

COMMENT ON COLUMN images.brightness IS 'Mean luma, 0 to 1';

COMMENT ON COLUMN images.darkness IS '1 minus the luma of the brightest pixels, 0 to 1';

COMMENT ON COLUMN images.uniformity IS 'Share of the commonest colour, 0 to 1';

COMMENT ON COLUMN images.exif IS 'Camera metadata of the original';

COMMENT ON COLUMN images.label IS 'Class, for training';

COMMENT ON COLUMN images.caption IS 'Description, for training';

COMMENT ON COLUMN images.license IS 'Licence it is offered under';

COMMENT ON COLUMN images.attribution IS 'Whom to credit';

COMMENT ON COLUMN images.status IS 'processing, completed or failed';

COMMENT ON COLUMN images.is_valid IS 'False once it failed or broke a rule of its latest validation';

COMMENT ON COLUMN images.is_duplicate IS 'True when the project already had its content';

COMMENT ON COLUMN images.duplicate_of IS 'First image of the project with the same content';

COMMENT ON COLUMN images.failure_reason IS 'Why it failed, for a person';

COMMENT ON COLUMN images.created_at IS 'When the row was written';

COMMENT ON COLUMN images.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE image_variants (
        id uuid NOT NULL DEFAULT new_id(),
        image_id uuid NOT NULL,
        name text NOT NULL,
        spec jsonb NOT NULL DEFAULT '{}',
        object text NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        file_size bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_image_variants PRIMARY KEY (id),
        CONSTRAINT fk_image_variants_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE,
        CONSTRAINT uq_image_variants_image_id_name UNIQUE (image_id, name),
        CONSTRAINT ck_image_variants_width CHECK (width >= 1),
        CONSTRAINT ck_image_variants_height CHECK (height >= 1),
        CONSTRAINT ck_image_variants_file_size CHECK (file_size >= 0)
    );;

COMMENT ON TABLE image_variants IS 'Resized or converted copies of images';

COMMENT ON COLUMN image_variants.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN image_variants.image_id IS 'The original';

COMMENT ON COLUMN image_variants.name IS 'What the owner calls it, such as thumbnail';

COMMENT ON COLUMN image_variants.spec IS 'Size, fit, format, quality, watermark';

COMMENT ON COLUMN image_variants.object IS 'Name of the stored object';

COMMENT ON COLUMN image_variants.width IS 'Pixels';

COMMENT ON COLUMN image_variants.height IS 'Pixels';

COMMENT ON COLUMN image_variants.file_size IS 'Bytes';

COMMENT ON COLUMN image_variants.created_at IS 'When the row was written';

COMMENT ON COLUMN image_variants.updated_at IS 'When the row last changed; kept by a trigger';

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';

COMMIT;

BEGIN;

-- Running upgrade 0004 -> 0005

CREATE TABLE models (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        name text NOT NULL,
        description text,
        model_type text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        file_path text NOT NULL,
        file_size bigint,
        sha256 text,
        status text NOT NULL DEFAULT 'active',
        error text,
        input_schema jsonb,
        output_schema jsonb,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_models PRIMARY KEY (id),
        CONSTRAINT fk_models_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT unique_user_model_version UNIQUE (user_id, name, version),
        CONSTRAINT ck_models_model_type
            CHECK (model_type IN ('onnx', 'sklearn', 'pytorch', 'tensorflow')),
        CONSTRAINT ck_models_status
            CHECK (status IN ('pending', 'active', 'deprecated', 'archived', 'rejected')),
        CONSTRAINT ck_models_version CHECK (version >= 1),
        CONSTRAINT ck_models_file_size CHECK (file_size >= 0)
    );
    CREATE INDEX idx_models_created_at ON models (created_at DESC);
    CREATE INDEX idx_models_metadata ON models USING gin (metadata);
    CREATE INDEX idx_models_status ON models (status);
    CREATE INDEX idx_models_user_id ON models (user_id, id);
    CREATE INDEX ix_models_user_id_status_id ON models (user_id, status, id);;

COMMENT ON TABLE models IS 'Registered models, one row per version';

COMMENT ON COLUMN models.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN models.user_id IS 'Owner';

COMMENT ON COLUMN models.name IS 'Shared by all its versions';

COMMENT ON COLUMN models.description IS 'Free text';

COMMENT ON COLUMN models.model_type IS 'onnx, sklearn, pytorch or tensorflow';

COMMENT ON COLUMN models.version IS 'Counts from 1 within a name';

COMMENT ON COLUMN models.file_path IS 'Name of the stored object';

COMMENT ON COLUMN models.file_size IS 'Bytes';

COMMENT ON COLUMN models.sha256 IS 'SHA-256 hex of the file';

COMMENT ON COLUMN models.status IS 'pending, active, deprecated, archived or rejected';

COMMENT ON COLUMN models.error IS 'Why it was rejected, for a person';

COMMENT ON COLUMN models.input_schema IS 'Expected inputs';

COMMENT ON COLUMN models.output_schema IS 'Produced outputs';

COMMENT ON COLUMN models.metadata IS 'Further facts';

COMMENT ON COLUMN models.created_at IS 'When the row was written';

COMMENT ON COLUMN models.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE predictions (
        id uuid NOT NULL DEFAULT new_id(),
        model_id uuid NOT NULL,
        user_id uuid NOT NULL,
        input_data jsonb NOT NULL,
        output_data jsonb,
        inference_time_ms double precision,
        status text NOT NULL DEFAULT 'success',
        error_message text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_predictions PRIMARY KEY (id, created_at),
        CONSTRAINT fk_predictions_model_id FOREIGN KEY (model_id)
            REFERENCES models (id) ON DELETE CASCADE,
        CONSTRAINT fk_predictions_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_predictions_status CHECK (status IN ('pending', 'success', 'failed')),
        CONSTRAINT ck_predictions_inference_time_ms CHECK (inference_time_ms >= 0)
    ) PARTITION BY RANGE (created_at);
    CREATE INDEX idx_predictions_created_at ON predictions (created_at DESC);
    CREATE INDEX idx_predictions_model_id ON predictions (model_id, id);
    CREATE INDEX idx_predictions_status ON predictions (status);
    CREATE INDEX idx_predictions_user_id ON predictions (user_id, id);
    CREATE INDEX ix_predictions_user_id_created_at ON predictions (user_id, created_at);
    CREATE INDEX ix_predictions_user_id_status_id ON predictions (user_id, status, id)
        WHERE status <> 'success';;

COMMENT ON TABLE predictions IS 'Log of model runs, partitioned by month';

COMMENT ON COLUMN predictions.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN predictions.model_id IS 'What was run';

COMMENT ON COLUMN predictions.user_id IS 'Who ran it';

COMMENT ON COLUMN predictions.input_data IS 'Inputs, or the images'' ids';

COMMENT ON COLUMN predictions.output_data IS 'Outputs';

COMMENT ON COLUMN predictions.inference_time_ms IS 'Milliseconds';

COMMENT ON COLUMN predictions.status IS 'pending, success or failed';

COMMENT ON COLUMN predictions.error_message IS 'Why it failed, for a person';

COMMENT ON COLUMN predictions.created_at IS 'When it was asked for; decides the partition';

CREATE TABLE predictions_default PARTITION OF predictions DEFAULT;
    COMMENT ON TABLE predictions_default IS 'Predictions of months that have no partition yet';
    SELECT ensure_partitions('predictions', 3);;

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';

COMMIT;

BEGIN;

-- Running upgrade 0005 -> 0006

CREATE TABLE image_analyses (
        id uuid NOT NULL DEFAULT new_id(),
        image_id uuid NOT NULL,
        analyzer text NOT NULL,
        model_id uuid,
        model_version text,
        description text,
        labels jsonb NOT NULL DEFAULT '[]',
        metrics jsonb NOT NULL DEFAULT '{}',
        processing_time_ms double precision,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_image_analyses PRIMARY KEY (id),
        CONSTRAINT fk_image_analyses_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE,
        CONSTRAINT fk_image_analyses_model_id FOREIGN KEY (model_id)
            REFERENCES models (id) ON DELETE SET NULL,
        CONSTRAINT ck_image_analyses_processing_time_ms CHECK (processing_time_ms >= 0)
    );
    CREATE INDEX ix_image_analyses_image_id_id ON image_analyses (image_id, id);
    CREATE INDEX ix_image_analyses_model_id ON image_analyses (model_id)
        WHERE model_id IS NOT NULL;
    CREATE INDEX ix_image_analyses_model_version ON image_analyses (model_version, created_at);;

COMMENT ON TABLE image_analyses IS 'Analysis results, one row per run';

COMMENT ON COLUMN image_analyses.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN image_analyses.image_id IS 'What was analysed';

COMMENT ON COLUMN image_analyses.analyzer IS 'basic, gemini or model:<id>';

COMMENT ON COLUMN image_analyses.model_id IS 'Registered model that was run';

COMMENT ON COLUMN image_analyses.model_version IS 'Version of the analyser or model, kept when the model goes';

COMMENT ON COLUMN image_analyses.description IS 'What the image shows, in words';

COMMENT ON COLUMN image_analyses.labels IS 'Names with scores';

COMMENT ON COLUMN image_analyses.metrics IS 'Measured values by name';

COMMENT ON COLUMN image_analyses.processing_time_ms IS 'Milliseconds';

COMMENT ON COLUMN image_analyses.created_at IS 'When the row was written';

COMMENT ON COLUMN image_analyses.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE job_stats (
        id uuid NOT NULL DEFAULT new_id(),
        job_id text NOT NULL,
        operation text NOT NULL,
        user_id uuid NOT NULL,
        image_id uuid,
        crawl_job_id uuid,
        status text NOT NULL DEFAULT 'running',
        attempt integer NOT NULL DEFAULT 1,
        start_time timestamptz,
        end_time timestamptz,
        duration_ms double precision,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_job_stats PRIMARY KEY (id),
        CONSTRAINT fk_job_stats_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT fk_job_stats_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE SET NULL,
        CONSTRAINT fk_job_stats_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE SET NULL,
        CONSTRAINT uq_job_stats_job_id_image_id_attempt UNIQUE (job_id, image_id, attempt),
        CONSTRAINT ck_job_stats_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_job_stats_attempt CHECK (attempt >= 1),
        CONSTRAINT ck_job_stats_duration_ms CHECK (duration_ms >= 0)
    );
    CREATE INDEX ix_job_stats_crawl_job_id ON job_stats (crawl_job_id)
        WHERE crawl_job_id IS NOT NULL;
    CREATE INDEX ix_job_stats_created_at ON job_stats USING brin (created_at);
    CREATE INDEX ix_job_stats_image_id_id ON job_stats (image_id, id) WHERE image_id IS NOT NULL;
    CREATE INDEX ix_job_stats_start_time ON job_stats (start_time);
    CREATE INDEX ix_job_stats_user_id_id ON job_stats (user_id, id);
    CREATE INDEX ix_job_stats_user_id_status_id ON job_stats (user_id, status, id);;

COMMENT ON TABLE job_stats IS 'Attempts at pieces of work; kept when their image goes';

COMMENT ON COLUMN job_stats.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN job_stats.job_id IS 'Id of the message that asked for the work';

COMMENT ON COLUMN job_stats.operation IS 'Function that did it';

COMMENT ON COLUMN job_stats.user_id IS 'Owner; kept here because image and crawl job may both be gone';

COMMENT ON COLUMN job_stats.image_id IS 'NULL once the image is gone';

COMMENT ON COLUMN job_stats.crawl_job_id IS 'NULL once the job is gone';

COMMENT ON COLUMN job_stats.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN job_stats.attempt IS 'Counts from 1';

COMMENT ON COLUMN job_stats.start_time IS 'Attempt began';

COMMENT ON COLUMN job_stats.end_time IS 'Attempt ended';

COMMENT ON COLUMN job_stats.duration_ms IS 'Milliseconds';

COMMENT ON COLUMN job_stats.error IS 'Why it failed, for a person';

COMMENT ON COLUMN job_stats.created_at IS 'When the row was written';

COMMENT ON COLUMN job_stats.updated_at IS 'When the row last changed; kept by a trigger';

UPDATE alembic_version SET version_num='0006' WHERE alembic_version.version_num = '0005';

COMMIT;

BEGIN;

-- Running upgrade 0006 -> 0007

CREATE TABLE validation_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        validated_images integer NOT NULL DEFAULT 0,
        invalid_images integer NOT NULL DEFAULT 0,
        validation_rules jsonb NOT NULL DEFAULT '{}',
        position uuid,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_validation_jobs PRIMARY KEY (id),
        CONSTRAINT fk_validation_jobs_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_validation_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_validation_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_validation_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_validation_jobs_validated_images CHECK (validated_images >= 0),
        CONSTRAINT ck_validation_jobs_invalid_images CHECK (invalid_images >= 0)
    );
    CREATE INDEX ix_validation_job_crawl_job_id ON validation_jobs (crawl_job_id, id);
    CREATE INDEX ix_validation_job_status ON validation_jobs (status);;

COMMENT ON TABLE validation_jobs IS 'Checks of a crawl job''s images against rules';

COMMENT ON COLUMN validation_jobs.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN validation_jobs.crawl_job_id IS 'Whose images are checked';

COMMENT ON COLUMN validation_jobs.name IS 'What the owner calls it';

COMMENT ON COLUMN validation_jobs.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN validation_jobs.progress IS '0 to 100';

COMMENT ON COLUMN validation_jobs.total_images IS 'Images to check';

COMMENT ON COLUMN validation_jobs.validated_images IS 'Images checked';

COMMENT ON COLUMN validation_jobs.invalid_images IS 'Images that broke a rule';

COMMENT ON COLUMN validation_jobs.validation_rules IS 'Limits by rule name';

COMMENT ON COLUMN validation_jobs.position IS 'Last image checked; work continues after it';

COMMENT ON COLUMN validation_jobs.error IS 'Why the job failed, for a person';

COMMENT ON COLUMN validation_jobs.started_at IS 'Checking began';

COMMENT ON COLUMN validation_jobs.completed_at IS 'Final state reached';

COMMENT ON COLUMN validation_jobs.created_at IS 'When the row was written';

COMMENT ON COLUMN validation_jobs.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE validation_results (
        validation_job_id uuid NOT NULL,
        image_id uuid NOT NULL,
        is_valid boolean NOT NULL,
        violations jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_validation_results PRIMARY KEY (validation_job_id, image_id),
        CONSTRAINT fk_validation_results_validation_job_id FOREIGN KEY (validation_job_id)
            REFERENCES validation_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_validation_results_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_validation_results_image_id ON validation_results (image_id);
    CREATE INDEX ix_validation_results_valid
        ON validation_results (validation_job_id, is_valid, image_id);;

COMMENT ON TABLE validation_results IS 'Findings, one row per validation job and image';

COMMENT ON COLUMN validation_results.validation_job_id IS 'The check';

COMMENT ON COLUMN validation_results.image_id IS 'The image';

COMMENT ON COLUMN validation_results.is_valid IS 'True when it broke no rule';

COMMENT ON COLUMN validation_results.violations IS 'Broken rules, each with rule, limit and actual';

COMMENT ON COLUMN validation_results.created_at IS 'When the row was written';

CREATE TABLE export_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid,
        project_id uuid NOT NULL,
        user_id uuid NOT NULL,
        name text NOT NULL,
        format text NOT NULL DEFAULT 'zip',
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        exported_images integer NOT NULL DEFAULT 0,
        file_size bigint,
        sha256 text,
        object text,
        expires_at timestamptz,
        export_options jsonb NOT NULL DEFAULT '{}',
        state jsonb,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_export_jobs PRIMARY KEY (id),
        CONSTRAINT fk_export_jobs_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_export_jobs_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT fk_export_jobs_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_export_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_export_jobs_format
            CHECK (format IN ('zip', 'tar', 'csv', 'json', 'parquet')),
        CONSTRAINT ck_export_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_export_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_export_jobs_exported_images CHECK (exported_images >= 0),
        CONSTRAINT ck_export_jobs_file_size CHECK (file_size >= 0)
    );
    CREATE INDEX ix_export_job_crawl_job_id ON export_jobs (crawl_job_id);
    CREATE INDEX ix_export_job_status ON export_jobs (status);
    CREATE INDEX ix_export_job_user_id ON export_jobs (user_id, id);
    CREATE INDEX ix_export_jobs_expires_at ON export_jobs (expires_at) WHERE object IS NOT NULL;
    CREATE INDEX ix_export_jobs_project_id ON export_jobs (project_id);
    CREATE INDEX ix_export_jobs_user_id_status_id ON export_jobs (user_id, status, id);;

COMMENT ON TABLE export_jobs IS 'Files built from a project''s images';

COMMENT ON COLUMN export_jobs.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN export_jobs.crawl_job_id IS 'Whose images; NULL for the whole project';

COMMENT ON COLUMN export_jobs.project_id IS 'The project; filled from the crawl job when left out';

COMMENT ON COLUMN export_jobs.user_id IS 'Owner of the project; filled from it when left out';

COMMENT ON COLUMN export_jobs.name IS 'What the owner calls it';

COMMENT ON COLUMN export_jobs.format IS 'zip, tar, csv, json or parquet';

COMMENT ON COLUMN export_jobs.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN export_jobs.progress IS '0 to 100';

COMMENT ON COLUMN export_jobs.total_images IS 'Images to export';

COMMENT ON COLUMN export_jobs.exported_images IS 'Images written';

COMMENT ON COLUMN export_jobs.file_size IS 'Bytes of the file';

COMMENT ON COLUMN export_jobs.sha256 IS 'SHA-256 hex of the file';

COMMENT ON COLUMN export_jobs.object IS 'Name of the stored file';

COMMENT ON COLUMN export_jobs.expires_at IS 'When the file is deleted';

COMMENT ON COLUMN export_jobs.export_options IS 'Layout, splits, variant, filters';

COMMENT ON COLUMN export_jobs.state IS 'Where a continued build stands; NULL when not begun';

COMMENT ON COLUMN export_jobs.error IS 'Why the job failed, for a person';

COMMENT ON COLUMN export_jobs.started_at IS 'Building began';

COMMENT ON COLUMN export_jobs.completed_at IS 'Final state reached';

COMMENT ON COLUMN export_jobs.created_at IS 'When the row was written';

COMMENT ON COLUMN export_jobs.updated_at IS 'When the row last changed; kept by a trigger';

UPDATE alembic_version SET version_num='0007' WHERE alembic_version.version_num = '0006';

COMMIT;

BEGIN;

-- Running upgrade 0007 -> 0008

CREATE TABLE activity_logs (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid,
        action text NOT NULL,
        resource_type text,
        resource_id text,
        metadata jsonb NOT NULL DEFAULT '{}',
        ip_address text,
        user_agent text,
        timestamp timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_activity_logs PRIMARY KEY (id),
        CONSTRAINT fk_activity_logs_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE SET NULL
    );
    CREATE INDEX ix_activity_log_timestamp ON activity_logs (timestamp);
    CREATE INDEX ix_activity_log_user_id ON activity_logs (user_id, id);
    CREATE INDEX ix_activity_logs_refused_sign_ins ON activity_logs (ip_address, timestamp)
        WHERE action = 'session.create_refused';
    CREATE INDEX ix_activity_logs_user_id_action_id ON activity_logs (user_id, action, id);
    CREATE INDEX ix_activity_logs_user_id_resource_type_id
        ON activity_logs (user_id, resource_type, id);
    CREATE INDEX ix_activity_logs_user_id_timestamp ON activity_logs (user_id, timestamp);;

COMMENT ON TABLE activity_logs IS 'Who did what; kept without its person when the person goes';

COMMENT ON COLUMN activity_logs.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN activity_logs.user_id IS 'NULL once the person is gone';

COMMENT ON COLUMN activity_logs.action IS 'What was done, such as project.create';

COMMENT ON COLUMN activity_logs.resource_type IS 'Kind of thing it was done to';

COMMENT ON COLUMN activity_logs.resource_id IS 'Id of that thing';

COMMENT ON COLUMN activity_logs.metadata IS 'Further facts';

COMMENT ON COLUMN activity_logs.ip_address IS 'Address of the caller';

COMMENT ON COLUMN activity_logs.user_agent IS 'Program of the caller';

COMMENT ON COLUMN activity_logs.timestamp IS 'When';

CREATE TABLE webhooks (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        url text NOT NULL,
        events text[] NOT NULL,
        secret text NOT NULL,
        is_active boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_webhooks PRIMARY KEY (id),
        CONSTRAINT fk_webhooks_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_webhooks_user_id_id ON webhooks (user_id, id);;

COMMENT ON TABLE webhooks IS 'Addresses that want to hear of events';

COMMENT ON COLUMN webhooks.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN webhooks.user_id IS 'Owner';

COMMENT ON COLUMN webhooks.url IS 'Where deliveries are posted';

COMMENT ON COLUMN webhooks.events IS 'Event types wanted, such as crawl_job.completed';

COMMENT ON COLUMN webhooks.secret IS 'Signing key, as needed to sign; shown once';

COMMENT ON COLUMN webhooks.is_active IS 'False stops deliveries';

COMMENT ON COLUMN webhooks.created_at IS 'When the row was written';

COMMENT ON COLUMN webhooks.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE webhook_deliveries (
        id uuid NOT NULL DEFAULT new_id(),
        webhook_id uuid NOT NULL,
        event_id uuid NOT NULL,
        event text NOT NULL,
        payload jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        response_status integer,
        error text,
        next_attempt_at timestamptz,
        delivered_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
        CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY (webhook_id)
            REFERENCES webhooks (id) ON DELETE CASCADE,
        CONSTRAINT uq_webhook_deliveries_webhook_id_event_id UNIQUE (webhook_id, event_id),
        CONSTRAINT ck_webhook_deliveries_status
            CHECK (status IN ('pending', 'completed', 'failed')),
        CONSTRAINT ck_webhook_deliveries_attempts CHECK (attempts >= 0)
    );
    CREATE INDEX ix_webhook_deliveries_pending ON webhook_deliveries (next_attempt_at)
        WHERE status = 'pending';;

COMMENT ON TABLE webhook_deliveries IS 'Events on their way to webhooks';

COMMENT ON COLUMN webhook_deliveries.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN webhook_deliveries.webhook_id IS 'Where it goes';

COMMENT ON COLUMN webhook_deliveries.event_id IS 'Id of the event, the webhook-id header; the same on every attempt';

COMMENT ON COLUMN webhook_deliveries.event IS 'Event type, such as crawl_job.completed';

COMMENT ON COLUMN webhook_deliveries.payload IS 'Body that is posted';

COMMENT ON COLUMN webhook_deliveries.status IS 'pending, completed or failed';

COMMENT ON COLUMN webhook_deliveries.attempts IS 'Posts tried';

COMMENT ON COLUMN webhook_deliveries.response_status IS 'HTTP status of the last answer';

COMMENT ON COLUMN webhook_deliveries.error IS 'Why the last post failed, for a person';

COMMENT ON COLUMN webhook_deliveries.next_attempt_at IS 'When to try again';

COMMENT ON COLUMN webhook_deliveries.delivered_at IS 'When it was accepted';

COMMENT ON COLUMN webhook_deliveries.created_at IS 'When the row was written';

COMMENT ON COLUMN webhook_deliveries.updated_at IS 'When the row last changed; kept by a trigger';

UPDATE alembic_version SET version_num='0008' WHERE alembic_version.version_num = '0007';

COMMIT;

BEGIN;

-- Running upgrade 0008 -> 0009

CREATE TABLE outbox (
        id uuid NOT NULL DEFAULT new_id(),
        topic text NOT NULL,
        message jsonb NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        sent_at timestamptz,
        attempts integer NOT NULL DEFAULT 0,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_outbox PRIMARY KEY (id),
        CONSTRAINT ck_outbox_attempts CHECK (attempts >= 0)
    );
    CREATE INDEX ix_outbox_sent_at ON outbox (sent_at) WHERE sent_at IS NOT NULL;
    CREATE INDEX ix_outbox_unsent ON outbox (created_at) WHERE sent_at IS NULL;;

COMMENT ON TABLE outbox IS 'Messages to publish; its id is the message''s identity for consumers';

COMMENT ON COLUMN outbox.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN outbox.topic IS 'Topic it is published to';

COMMENT ON COLUMN outbox.message IS 'Body';

COMMENT ON COLUMN outbox.attributes IS 'Pub/Sub attributes';

COMMENT ON COLUMN outbox.sent_at IS 'NULL until published';

COMMENT ON COLUMN outbox.attempts IS 'Publishes tried';

COMMENT ON COLUMN outbox.last_error IS 'Why the last publish failed';

COMMENT ON COLUMN outbox.created_at IS 'When the row was written';

CREATE TABLE deliveries (
        function text NOT NULL,
        message_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_deliveries PRIMARY KEY (function, message_id)
    );
    CREATE INDEX ix_deliveries_created_at ON deliveries (created_at);;

COMMENT ON TABLE deliveries IS 'Messages already handled, so that a repeat does nothing';

COMMENT ON COLUMN deliveries.function IS 'Function that handled it';

COMMENT ON COLUMN deliveries.message_id IS 'Outbox id or event id';

COMMENT ON COLUMN deliveries.created_at IS 'When the row was written';

CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        key text NOT NULL,
        function text NOT NULL,
        request_hash text NOT NULL,
        status text NOT NULL DEFAULT 'running',
        response_status integer,
        response_body jsonb,
        response_headers jsonb,
        expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key),
        CONSTRAINT fk_idempotency_keys_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_idempotency_keys_status CHECK (status IN ('running', 'done')),
        CONSTRAINT ck_idempotency_keys_response
            CHECK (status <> 'done' OR response_status IS NOT NULL)
    );
    CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (expires_at);;

COMMENT ON TABLE idempotency_keys IS 'Answers to repeatable requests, one per caller and key';

COMMENT ON COLUMN idempotency_keys.user_id IS 'Caller';

COMMENT ON COLUMN idempotency_keys.key IS 'Idempotency-Key header';

COMMENT ON COLUMN idempotency_keys.function IS 'Function that was called';

COMMENT ON COLUMN idempotency_keys.request_hash IS 'SHA-256 hex of what was asked';

COMMENT ON COLUMN idempotency_keys.status IS 'running or done';

COMMENT ON COLUMN idempotency_keys.response_status IS 'HTTP status answered';

COMMENT ON COLUMN idempotency_keys.response_body IS 'Body answered';

COMMENT ON COLUMN idempotency_keys.response_headers IS 'Headers answered';

COMMENT ON COLUMN idempotency_keys.expires_at IS 'When the answer is forgotten';

COMMENT ON COLUMN idempotency_keys.created_at IS 'When the row was written';

CREATE TABLE dead_letters (
        id uuid NOT NULL DEFAULT new_id(),
        topic text,
        subscription text,
        function text,
        message jsonb NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        reason text,
        delivery_attempts integer,
        redriven_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_dead_letters PRIMARY KEY (id),
        CONSTRAINT ck_dead_letters_delivery_attempts CHECK (delivery_attempts >= 0)
    );
    CREATE INDEX ix_dead_letters_waiting ON dead_letters (id) WHERE redriven_at IS NULL;;

COMMENT ON TABLE dead_letters IS 'Messages given up, kept for a person to read and send again';

COMMENT ON COLUMN dead_letters.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN dead_letters.topic IS 'Topic it was published to';

COMMENT ON COLUMN dead_letters.subscription IS 'Subscription that gave up';

COMMENT ON COLUMN dead_letters.function IS 'Function that could not handle it';

COMMENT ON COLUMN dead_letters.message IS 'Body';

COMMENT ON COLUMN dead_letters.attributes IS 'Pub/Sub attributes';

COMMENT ON COLUMN dead_letters.reason IS 'Last error, for a person';

COMMENT ON COLUMN dead_letters.delivery_attempts IS 'Deliveries tried';

COMMENT ON COLUMN dead_letters.redriven_at IS 'When it was sent again';

COMMENT ON COLUMN dead_letters.created_at IS 'When the row was written';

UPDATE alembic_version SET version_num='0009' WHERE alembic_version.version_num = '0008';

COMMIT;

BEGIN;

-- Running upgrade 0009 -> 0010

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON profiles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON projects FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON crawl_jobs FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON crawl_chunks FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON images FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON image_variants FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON models FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON image_analyses FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON job_stats FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON validation_jobs FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON export_jobs FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON webhooks FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE FUNCTION inherit_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.crawl_job_id IS NOT NULL THEN
            SELECT project_id INTO NEW.project_id FROM crawl_jobs WHERE id = NEW.crawl_job_id;
        END IF;
        SELECT user_id INTO NEW.user_id FROM projects WHERE id = NEW.project_id;
        IF NOT FOUND THEN
            RAISE foreign_key_violation
                USING MESSAGE = 'the project or crawl job does not exist', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END
    $$;
    COMMENT ON FUNCTION inherit_owner() IS
        'Trigger: project from the crawl job, owner from the project, whatever was given';

    CREATE FUNCTION inherit_stats_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.user_id := coalesce(
            (SELECT i.user_id FROM images i WHERE i.id = NEW.image_id),
            (SELECT p.user_id FROM crawl_jobs j JOIN projects p ON p.id = j.project_id
             WHERE j.id = NEW.crawl_job_id),
            NEW.user_id);
        RETURN NEW;
    END
    $$;
    COMMENT ON FUNCTION inherit_stats_owner() IS
        'Trigger: owner from the image or the crawl job while there is one';

    CREATE TRIGGER inherit_owner
        BEFORE INSERT OR UPDATE OF crawl_job_id, project_id, user_id ON images
        FOR EACH ROW EXECUTE FUNCTION inherit_owner();
    CREATE TRIGGER inherit_owner
        BEFORE INSERT OR UPDATE OF crawl_job_id, project_id, user_id ON export_jobs
        FOR EACH ROW EXECUTE FUNCTION inherit_owner();
    CREATE TRIGGER inherit_stats_owner BEFORE INSERT ON job_stats
        FOR EACH ROW EXECUTE FUNCTION inherit_stats_owner();

    CREATE VIEW users WITH (security_invoker = true) AS
        SELECT id, email, hashed_password, hashed_password AS password_hash,
            full_name, full_name AS name, is_active, is_admin, created_at, updated_at
        FROM profiles;
    COMMENT ON VIEW users IS 'Profiles under the column names of the other two designs';;

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
        ALTER TABLE profiles FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON profiles TO pixmill_caller
            USING (id = (SELECT caller_id())) WITH CHECK (id = (SELECT caller_id()));
        CREATE POLICY system ON profiles TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, DELETE, UPDATE (email, hashed_password, full_name) ON profiles TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON profiles TO pixmill_system;;

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
        ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON sessions TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON sessions TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO pixmill_system;;

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
        ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON api_keys TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON api_keys TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys TO pixmill_system;;

ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
        ALTER TABLE projects FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON projects TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON projects TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON projects TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON projects TO pixmill_system;;

ALTER TABLE crawl_jobs ENABLE ROW LEVEL SECURITY;
        ALTER TABLE crawl_jobs FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON crawl_jobs TO pixmill_caller
            USING (EXISTS (SELECT FROM projects parent WHERE parent.id = crawl_jobs.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = crawl_jobs.project_id));
        CREATE POLICY system ON crawl_jobs TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON crawl_jobs TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON crawl_jobs TO pixmill_system;;

ALTER TABLE crawl_chunks ENABLE ROW LEVEL SECURITY;
        ALTER TABLE crawl_chunks FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON crawl_chunks TO pixmill_caller
            USING (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = crawl_chunks.crawl_job_id)) WITH CHECK (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = crawl_chunks.crawl_job_id));
        CREATE POLICY system ON crawl_chunks TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON crawl_chunks TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON crawl_chunks TO pixmill_system;;

ALTER TABLE fetch_failures ENABLE ROW LEVEL SECURITY;
        ALTER TABLE fetch_failures FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON fetch_failures TO pixmill_caller
            USING (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = fetch_failures.crawl_job_id)) WITH CHECK (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = fetch_failures.crawl_job_id) AND (fetch_failures.chunk_id IS NULL OR EXISTS (SELECT FROM crawl_chunks parent WHERE parent.id = fetch_failures.chunk_id)));
        CREATE POLICY system ON fetch_failures TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON fetch_failures TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON fetch_failures TO pixmill_system;;

ALTER TABLE images ENABLE ROW LEVEL SECURITY;
        ALTER TABLE images FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON images TO pixmill_caller
            USING (EXISTS (SELECT FROM projects parent WHERE parent.id = images.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = images.project_id) AND (images.crawl_job_id IS NULL OR EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = images.crawl_job_id)));
        CREATE POLICY system ON images TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON images TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON images TO pixmill_system;;

ALTER TABLE image_variants ENABLE ROW LEVEL SECURITY;
        ALTER TABLE image_variants FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON image_variants TO pixmill_caller
            USING (EXISTS (SELECT FROM images parent WHERE parent.id = image_variants.image_id)) WITH CHECK (EXISTS (SELECT FROM images parent WHERE parent.id = image_variants.image_id));
        CREATE POLICY system ON image_variants TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON image_variants TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON image_variants TO pixmill_system;;

ALTER TABLE models ENABLE ROW LEVEL SECURITY;
        ALTER TABLE models FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON models TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON models TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON models TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON models TO pixmill_system;;

ALTER TABLE predictions ENABLE ROW LEVEL SECURITY;
        ALTER TABLE predictions FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON predictions TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()) AND (predictions.model_id IS NULL OR EXISTS (SELECT FROM models parent WHERE parent.id = predictions.model_id)));
        CREATE POLICY system ON predictions TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON predictions TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON predictions TO pixmill_system;;

ALTER TABLE image_analyses ENABLE ROW LEVEL SECURITY;
        ALTER TABLE image_analyses FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON image_analyses TO pixmill_caller
            USING (EXISTS (SELECT FROM images parent WHERE parent.id = image_analyses.image_id)) WITH CHECK (EXISTS (SELECT FROM images parent WHERE parent.id = image_analyses.image_id) AND (image_analyses.model_id IS NULL OR EXISTS (SELECT FROM models parent WHERE parent.id = image_analyses.model_id)));
        CREATE POLICY system ON image_analyses TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON image_analyses TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON image_analyses TO pixmill_system;;

ALTER TABLE job_stats ENABLE ROW LEVEL SECURITY;
        ALTER TABLE job_stats FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON job_stats TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()) AND (job_stats.image_id IS NULL OR EXISTS (SELECT FROM images parent WHERE parent.id = job_stats.image_id)) AND (job_stats.crawl_job_id IS NULL OR EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = job_stats.crawl_job_id)));
        CREATE POLICY system ON job_stats TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON job_stats TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON job_stats TO pixmill_system;;

ALTER TABLE validation_jobs ENABLE ROW LEVEL SECURITY;
        ALTER TABLE validation_jobs FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON validation_jobs TO pixmill_caller
            USING (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = validation_jobs.crawl_job_id)) WITH CHECK (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = validation_jobs.crawl_job_id));
        CREATE POLICY system ON validation_jobs TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON validation_jobs TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON validation_jobs TO pixmill_system;;

ALTER TABLE validation_results ENABLE ROW LEVEL SECURITY;
        ALTER TABLE validation_results FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON validation_results TO pixmill_caller
            USING (EXISTS (SELECT FROM validation_jobs parent WHERE parent.id = validation_results.validation_job_id)) WITH CHECK (EXISTS (SELECT FROM validation_jobs parent WHERE parent.id = validation_results.validation_job_id) AND (validation_results.image_id IS NULL OR EXISTS (SELECT FROM images parent WHERE parent.id = validation_results.image_id)));
        CREATE POLICY system ON validation_results TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON validation_results TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON validation_results TO pixmill_system;;

ALTER TABLE export_jobs ENABLE ROW LEVEL SECURITY;
        ALTER TABLE export_jobs FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON export_jobs TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()) AND (export_jobs.project_id IS NULL OR EXISTS (SELECT FROM projects parent WHERE parent.id = export_jobs.project_id)) AND (export_jobs.crawl_job_id IS NULL OR EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = export_jobs.crawl_job_id)));
        CREATE POLICY system ON export_jobs TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON export_jobs TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON export_jobs TO pixmill_system;;

ALTER TABLE activity_logs ENABLE ROW LEVEL SECURITY;
        ALTER TABLE activity_logs FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON activity_logs TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON activity_logs TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT ON activity_logs TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON activity_logs TO pixmill_system;;

ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
        ALTER TABLE webhooks FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON webhooks TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON webhooks TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO pixmill_system;;

ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
        ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON webhook_deliveries TO pixmill_caller
            USING (EXISTS (SELECT FROM webhooks parent WHERE parent.id = webhook_deliveries.webhook_id)) WITH CHECK (EXISTS (SELECT FROM webhooks parent WHERE parent.id = webhook_deliveries.webhook_id));
        CREATE POLICY system ON webhook_deliveries TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO pixmill_system;;

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
        ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON idempotency_keys TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON idempotency_keys TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO pixmill_system;;

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO pixmill_system;

GRANT SELECT, INSERT, UPDATE, DELETE ON deliveries TO pixmill_system;

GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letters TO pixmill_system;

-- A caller's transaction writes messages; only the system reads, marks and deletes them.
    GRANT INSERT, SELECT (id, created_at) ON outbox TO pixmill_caller;
    GRANT SELECT ON users TO pixmill_caller, pixmill_system;
    GRANT SELECT ON alembic_version TO pixmill_system;
    GRANT EXECUTE ON FUNCTION ensure_partitions(text, integer) TO pixmill_system;;

UPDATE alembic_version SET version_num='0010' WHERE alembic_version.version_num = '0009';

COMMIT;

BEGIN;

-- Running upgrade 0010 -> 0011

CREATE TABLE analysis_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        analyzer text NOT NULL,
        model_version text,
        force boolean NOT NULL DEFAULT false,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        total_images integer NOT NULL DEFAULT 0,
        analyzed_images integer NOT NULL DEFAULT 0,
        failed_images integer NOT NULL DEFAULT 0,
        skipped_images integer NOT NULL DEFAULT 0,
        position uuid,
        planned_at timestamptz,
        error text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_analysis_jobs PRIMARY KEY (id),
        CONSTRAINT fk_analysis_jobs_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_analysis_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_analysis_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_analysis_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_analysis_jobs_analyzed_images CHECK (analyzed_images >= 0),
        CONSTRAINT ck_analysis_jobs_failed_images CHECK (failed_images >= 0),
        CONSTRAINT ck_analysis_jobs_skipped_images CHECK (skipped_images >= 0)
    );
    CREATE INDEX ix_analysis_jobs_crawl_job_id_id ON analysis_jobs (crawl_job_id, id);
    CREATE UNIQUE INDEX uq_analysis_jobs_live ON analysis_jobs (crawl_job_id, analyzer)
        WHERE status IN ('pending', 'running');
    CREATE INDEX ix_analysis_jobs_unfinished ON analysis_jobs (updated_at)
        WHERE status IN ('pending', 'running');
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON analysis_jobs
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    ALTER TABLE analysis_jobs ENABLE ROW LEVEL SECURITY;
    ALTER TABLE analysis_jobs FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON analysis_jobs TO pixmill_caller
        USING (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = analysis_jobs.crawl_job_id)) WITH CHECK (EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = analysis_jobs.crawl_job_id));
    CREATE POLICY system ON analysis_jobs TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON analysis_jobs TO pixmill_caller, pixmill_system;;

COMMENT ON TABLE analysis_jobs IS 'Passes of an analyser over the images of a crawl job';

COMMENT ON COLUMN analysis_jobs.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN analysis_jobs.crawl_job_id IS 'Whose images are analysed';

COMMENT ON COLUMN analysis_jobs.analyzer IS 'basic, gemini or model:<id>';

COMMENT ON COLUMN analysis_jobs.model_version IS 'Version that does it; set at start';

COMMENT ON COLUMN analysis_jobs.force IS 'True to analyse again what this version has analysed';

COMMENT ON COLUMN analysis_jobs.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN analysis_jobs.progress IS '0 to 100';

COMMENT ON COLUMN analysis_jobs.total_images IS 'Images to analyse';

COMMENT ON COLUMN analysis_jobs.analyzed_images IS 'Images analysed';

COMMENT ON COLUMN analysis_jobs.failed_images IS 'Images whose analysis failed';

COMMENT ON COLUMN analysis_jobs.skipped_images IS 'Images that this version had analysed, or was analysing, already';

COMMENT ON COLUMN analysis_jobs.position IS 'Last image planned; planning continues after it';

COMMENT ON COLUMN analysis_jobs.planned_at IS 'All images have their analysis';

COMMENT ON COLUMN analysis_jobs.error IS 'Why the job failed, for a person';

COMMENT ON COLUMN analysis_jobs.started_at IS 'Planning began';

COMMENT ON COLUMN analysis_jobs.completed_at IS 'Final state reached';

COMMENT ON COLUMN analysis_jobs.created_at IS 'When the row was written';

COMMENT ON COLUMN analysis_jobs.updated_at IS 'When the row last changed; kept by a trigger';

ALTER TABLE image_analyses
        ADD COLUMN analysis_job_id uuid,
        ADD COLUMN repetition integer NOT NULL DEFAULT 1,
        ADD COLUMN status text NOT NULL DEFAULT 'completed',
        ADD COLUMN error_code text,
        ADD COLUMN error text,
        ADD COLUMN attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN lease_expires_at timestamptz,
        ADD CONSTRAINT fk_image_analyses_analysis_job_id FOREIGN KEY (analysis_job_id)
            REFERENCES analysis_jobs (id) ON DELETE SET NULL,
        ADD CONSTRAINT ck_image_analyses_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed')),
        ADD CONSTRAINT ck_image_analyses_repetition CHECK (repetition >= 1),
        ADD CONSTRAINT ck_image_analyses_attempts CHECK (attempts >= 0);
    -- What was analysed several times before this was noted counts as repeated.
    UPDATE image_analyses SET repetition = numbered.position FROM (
        SELECT id, row_number() OVER (
            PARTITION BY image_id, analyzer, model_version ORDER BY id) AS position
        FROM image_analyses
    ) numbered WHERE numbered.id = image_analyses.id AND numbered.position > 1;
    CREATE UNIQUE INDEX uq_image_analyses_version
        ON image_analyses (image_id, analyzer, model_version, repetition)
        WHERE status <> 'failed';
    CREATE INDEX ix_image_analyses_analysis_job_id ON image_analyses (analysis_job_id, status, id)
        WHERE analysis_job_id IS NOT NULL;
    CREATE INDEX ix_image_analyses_lease_expires_at ON image_analyses (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_image_analyses_pending ON image_analyses (updated_at)
        WHERE status = 'pending';
    DROP POLICY caller ON image_analyses;;

CREATE POLICY caller ON image_analyses TO pixmill_caller
        USING (EXISTS (SELECT FROM images parent WHERE parent.id = image_analyses.image_id))
        WITH CHECK (EXISTS (SELECT FROM images parent WHERE parent.id = image_analyses.image_id) AND (image_analyses.model_id IS NULL OR EXISTS (SELECT FROM models parent WHERE parent.id = image_analyses.model_id)) AND (image_analyses.analysis_job_id IS NULL OR EXISTS (SELECT FROM analysis_jobs parent WHERE parent.id = image_analyses.analysis_job_id)));

COMMENT ON TABLE image_analyses IS 'Analysis results, one row per run';

COMMENT ON COLUMN image_analyses.analysis_job_id IS 'Job that asked; NULL where a person asked about this image';

COMMENT ON COLUMN image_analyses.repetition IS 'Counts from 1 the times that this version was to analyse the image';

COMMENT ON COLUMN image_analyses.status IS 'pending, running, completed or failed';

COMMENT ON COLUMN image_analyses.error_code IS 'Kind of failure';

COMMENT ON COLUMN image_analyses.error IS 'Why it failed, for a person';

COMMENT ON COLUMN image_analyses.attempts IS 'Leases so far; fences writes';

COMMENT ON COLUMN image_analyses.lease_expires_at IS 'When a running one may be handed out again';

UPDATE alembic_version SET version_num='0011' WHERE alembic_version.version_num = '0010';

COMMIT;

BEGIN;

-- Running upgrade 0011 -> 0012

ALTER TABLE predictions
        ADD COLUMN error_code text,
        ADD COLUMN api_key_id uuid,
        ADD COLUMN input_profile jsonb;

    CREATE TABLE prediction_counts (
        id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
        user_id uuid NOT NULL,
        day date NOT NULL,
        model_id uuid NOT NULL,
        api_key_id uuid,
        status text NOT NULL,
        error_code text,
        bucket smallint,
        count bigint NOT NULL,
        sum_ms double precision NOT NULL,
        is_merged boolean NOT NULL DEFAULT false,
        CONSTRAINT pk_prediction_counts PRIMARY KEY (user_id, day, id),
        CONSTRAINT fk_prediction_counts_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_prediction_counts_status CHECK (status IN ('pending', 'success', 'failed'))
    );
    CREATE UNIQUE INDEX uq_prediction_counts_merged ON prediction_counts
        (user_id, day, model_id, api_key_id, status, error_code, bucket)
        NULLS NOT DISTINCT WHERE is_merged;
    CREATE INDEX ix_prediction_counts_unmerged ON prediction_counts (id) WHERE NOT is_merged;

    CREATE TABLE input_counts (
        id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
        user_id uuid NOT NULL,
        day date NOT NULL,
        model_id uuid NOT NULL,
        input text NOT NULL,
        bucket smallint NOT NULL,
        count bigint NOT NULL,
        is_merged boolean NOT NULL DEFAULT false,
        CONSTRAINT pk_input_counts PRIMARY KEY (user_id, day, id),
        CONSTRAINT fk_input_counts_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE UNIQUE INDEX uq_input_counts_merged ON input_counts
        (user_id, model_id, day, input, bucket) WHERE is_merged;
    CREATE INDEX ix_input_counts_unmerged ON input_counts (id) WHERE NOT is_merged;

    CREATE TABLE storage_counts (
        id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
        user_id uuid NOT NULL,
        day date NOT NULL,
        images bigint NOT NULL,
        bytes bigint NOT NULL,
        is_merged boolean NOT NULL DEFAULT false,
        CONSTRAINT pk_storage_counts PRIMARY KEY (user_id, day, id),
        CONSTRAINT fk_storage_counts_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE UNIQUE INDEX uq_storage_counts_merged ON storage_counts (user_id, day)
        WHERE is_merged;
    CREATE INDEX ix_storage_counts_unmerged ON storage_counts (id) WHERE NOT is_merged;;

COMMENT ON TABLE predictions IS 'Log of model runs, partitioned by month';

COMMENT ON COLUMN predictions.error_code IS 'Kind of failure, for statistics';

COMMENT ON COLUMN predictions.api_key_id IS 'Key it was asked with; NULL for a session';

COMMENT ON COLUMN predictions.input_profile IS 'Histogram of the values of each input';

COMMENT ON TABLE prediction_counts IS 'Sums over predictions by day, model, key and outcome';

COMMENT ON COLUMN prediction_counts.id IS 'Tells rows of one day apart';

COMMENT ON COLUMN prediction_counts.user_id IS 'Owner';

COMMENT ON COLUMN prediction_counts.day IS 'Day in UTC; old days lie on the first of their month';

COMMENT ON COLUMN prediction_counts.is_merged IS 'True for the one row that others of its key are added to';

COMMENT ON COLUMN prediction_counts.model_id IS 'What was run; no key: sums outlive their log';

COMMENT ON COLUMN prediction_counts.api_key_id IS 'With which key; NULL for a session';

COMMENT ON COLUMN prediction_counts.status IS 'pending, success or failed';

COMMENT ON COLUMN prediction_counts.error_code IS 'Kind of failure';

COMMENT ON COLUMN prediction_counts.bucket IS 'latency_bucket of the inference time; NULL where it is not known';

COMMENT ON COLUMN prediction_counts.count IS 'Predictions; negative where they left this key';

COMMENT ON COLUMN prediction_counts.sum_ms IS 'Their inference times, milliseconds';

COMMENT ON TABLE input_counts IS 'Sums over the inputs of predictions by day and model';

COMMENT ON COLUMN input_counts.id IS 'Tells rows of one day apart';

COMMENT ON COLUMN input_counts.user_id IS 'Owner';

COMMENT ON COLUMN input_counts.day IS 'Day in UTC; old days lie on the first of their month';

COMMENT ON COLUMN input_counts.is_merged IS 'True for the one row that others of its key are added to';

COMMENT ON COLUMN input_counts.model_id IS 'What was run';

COMMENT ON COLUMN input_counts.input IS 'Name of the input';

COMMENT ON COLUMN input_counts.bucket IS 'Range of values, see shared/statistics/histograms.py';

COMMENT ON COLUMN input_counts.count IS 'Values within it';

COMMENT ON TABLE storage_counts IS 'Sums over stored images by day';

COMMENT ON COLUMN storage_counts.id IS 'Tells rows of one day apart';

COMMENT ON COLUMN storage_counts.user_id IS 'Owner';

COMMENT ON COLUMN storage_counts.day IS 'Day in UTC; old days lie on the first of their month';

COMMENT ON COLUMN storage_counts.is_merged IS 'True for the one row that others of its key are added to';

COMMENT ON COLUMN storage_counts.images IS 'Images with content of their own';

COMMENT ON COLUMN storage_counts.bytes IS 'What they take in the bucket';

CREATE FUNCTION latency_bucket(ms double precision) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE
            WHEN ms <= 0.001 THEN 0
            WHEN ms > 0.001 THEN ceil(8 * ln(ms * 1000) / ln(2.0::float8))
        END::smallint
    $$;
    COMMENT ON FUNCTION latency_bucket(double precision) IS
        'Which of 8 ranges to the doubling a time lies in; bucket n ends at 2^(n/8) microseconds';

    CREATE FUNCTION count_predictions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO prediction_counts
                (user_id, day, model_id, api_key_id, status, error_code, bucket, count, sum_ms)
            SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, model_id, api_key_id, status,
                error_code, latency_bucket(inference_time_ms), count(*),
                coalesce(sum(inference_time_ms), 0)
            FROM new_rows GROUP BY 1, 2, 3, 4, 5, 6, 7;
            INSERT INTO input_counts (user_id, day, model_id, input, bucket, count)
            SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, model_id, input.key,
                bucket.key::smallint, sum(bucket.value::bigint)
            FROM new_rows, jsonb_each(input_profile) input, jsonb_each_text(input.value) bucket
            WHERE input_profile IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
        ELSE
            INSERT INTO prediction_counts
                (user_id, day, model_id, api_key_id, status, error_code, bucket, count, sum_ms)
            SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, model_id, api_key_id, status,
                error_code, latency_bucket(inference_time_ms), sum(sign),
                sum(sign * coalesce(inference_time_ms, 0))
            FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) changed
            GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(sign) <> 0;
            INSERT INTO input_counts (user_id, day, model_id, input, bucket, count)
            SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, model_id, input.key,
                bucket.key::smallint, sum(sign * bucket.value::bigint)
            FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) changed,
                jsonb_each(input_profile) input, jsonb_each_text(input.value) bucket
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign * bucket.value::bigint) <> 0;
        END IF;
        RETURN NULL;
    END
    $$;
    COMMENT ON FUNCTION count_predictions() IS
        'Trigger: add what a statement logged, or changed in the log, to the sums';

    CREATE TRIGGER count_inserted AFTER INSERT ON predictions
        REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION count_predictions();
    CREATE TRIGGER count_updated AFTER UPDATE ON predictions
        REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION count_predictions();

    CREATE FUNCTION count_stored_images() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_LEVEL = 'STATEMENT' THEN
            INSERT INTO storage_counts (user_id, day, images, bytes)
            SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, count(*), sum(file_size)
            FROM new_rows
            WHERE status = 'completed' AND image_hash IS NOT NULL AND file_size IS NOT NULL
            GROUP BY 1, 2;
        ELSE
            INSERT INTO storage_counts (user_id, day, images, bytes)
            VALUES (NEW.user_id, (NEW.created_at AT TIME ZONE 'UTC')::date, 1,
                coalesce(NEW.file_size, 0));
        END IF;
        RETURN NULL;
    END
    $$;
    COMMENT ON FUNCTION count_stored_images() IS
        'Trigger: add images whose content was new to their project to the sums';

    CREATE TRIGGER count_stored AFTER INSERT ON images
        REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION count_stored_images();
    -- An upload's row is there before its content. By row: a statement's changes to images are
    -- otherwise never copied for a trigger.
    CREATE TRIGGER count_arrived AFTER UPDATE OF status ON images
        FOR EACH ROW
        WHEN (OLD.status <> 'completed' AND NEW.status = 'completed' AND NEW.image_hash IS NOT NULL)
        EXECUTE FUNCTION count_stored_images();

    CREATE FUNCTION drop_partitions(table_name text, until timestamptz) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
    DECLARE
        partition text;
        dropped integer := 0;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('ensure_partitions ' || table_name, 0));
        FOR partition IN
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = table_name::regclass
                AND c.relname ~ ('^' || table_name || '_\d{4}_\d{2}$')
                AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= until
            ORDER BY 1
        LOOP
            EXECUTE format('DROP TABLE %I', partition);
            dropped := dropped + 1;
        END LOOP;
        RETURN dropped;
    END
    $$;
    COMMENT ON FUNCTION drop_partitions(text, timestamptz) IS
        'Drop the monthly partitions that end by then; returns how many';
    REVOKE ALL ON FUNCTION drop_partitions(text, timestamptz) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION drop_partitions(text, timestamptz) TO pixmill_system;;

ALTER TABLE prediction_counts ENABLE ROW LEVEL SECURITY;
        ALTER TABLE prediction_counts FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON prediction_counts TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON prediction_counts TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT ON prediction_counts TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON prediction_counts TO pixmill_system;;

ALTER TABLE input_counts ENABLE ROW LEVEL SECURITY;
        ALTER TABLE input_counts FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON input_counts TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON input_counts TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT ON input_counts TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON input_counts TO pixmill_system;;

ALTER TABLE storage_counts ENABLE ROW LEVEL SECURITY;
        ALTER TABLE storage_counts FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON storage_counts TO pixmill_caller
            USING (user_id = (SELECT caller_id())) WITH CHECK (user_id = (SELECT caller_id()));
        CREATE POLICY system ON storage_counts TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT ON storage_counts TO pixmill_caller;
        GRANT SELECT, INSERT, UPDATE, DELETE ON storage_counts TO pixmill_system;;

INSERT INTO prediction_counts
        (user_id, day, model_id, status, bucket, count, sum_ms)
    SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, model_id, status,
        latency_bucket(inference_time_ms), count(*), coalesce(sum(inference_time_ms), 0)
    FROM predictions GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO storage_counts (user_id, day, images, bytes)
    SELECT user_id, (created_at AT TIME ZONE 'UTC')::date, count(*), sum(file_size)
    FROM images WHERE status = 'completed' AND image_hash IS NOT NULL AND file_size IS NOT NULL
    GROUP BY 1, 2;;

UPDATE alembic_version SET version_num='0012' WHERE alembic_version.version_num = '0011';

COMMIT;

BEGIN;

-- Running upgrade 0012 -> 0013

ALTER TABLE models
        ADD COLUMN file_name text,
        ADD COLUMN generation bigint,
        ADD COLUMN runtime text,
        ADD COLUMN deprecated_at timestamptz,
        ADD CONSTRAINT ck_models_runtime CHECK (runtime IN ('onnx', 'litert', 'skops'));
    ALTER TABLE predictions
        ADD COLUMN batch_size integer,
        ADD COLUMN input_object text,
        ADD COLUMN output_object text,
        ADD CONSTRAINT ck_predictions_batch_size CHECK (batch_size >= 0);;

COMMENT ON TABLE models IS 'Registered models, one row per version';

COMMENT ON COLUMN models.file_name IS 'Name of the file that was uploaded';

COMMENT ON COLUMN models.generation IS 'Generation of the stored object that was verified; no other is loaded';

COMMENT ON COLUMN models.runtime IS 'What runs it: onnx, litert or skops';

COMMENT ON COLUMN models.deprecated_at IS 'When it was deprecated';

COMMENT ON TABLE predictions IS 'Log of model runs, partitioned by month';

COMMENT ON COLUMN predictions.batch_size IS 'Rows or images';

COMMENT ON COLUMN predictions.input_object IS 'Name of the stored object with large inputs';

COMMENT ON COLUMN predictions.output_object IS 'Name of the stored object with large outputs';

CREATE TABLE model_aliases (
        user_id uuid NOT NULL,
        name text NOT NULL,
        alias text NOT NULL,
        model_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_model_aliases PRIMARY KEY (user_id, name, alias),
        CONSTRAINT fk_model_aliases_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT fk_model_aliases_model_id FOREIGN KEY (model_id)
            REFERENCES models (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_model_aliases_model_id ON model_aliases (model_id);
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON model_aliases
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    ALTER TABLE model_aliases ENABLE ROW LEVEL SECURITY;
    ALTER TABLE model_aliases FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON model_aliases TO pixmill_caller
        USING (model_aliases.user_id = (SELECT caller_id())) WITH CHECK (model_aliases.user_id = (SELECT caller_id()) AND EXISTS (SELECT FROM models parent WHERE parent.id = model_aliases.model_id));
    CREATE POLICY system ON model_aliases TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON model_aliases TO pixmill_caller, pixmill_system;;

COMMENT ON TABLE model_aliases IS 'Names that people give to versions of a model, such as champion';

COMMENT ON COLUMN model_aliases.user_id IS 'Owner';

COMMENT ON COLUMN model_aliases.name IS 'The model''s name, shared by all its versions';

COMMENT ON COLUMN model_aliases.alias IS 'Stands for one version at a time';

COMMENT ON COLUMN model_aliases.model_id IS 'That version';

COMMENT ON COLUMN model_aliases.created_at IS 'When the row was written';

COMMENT ON COLUMN model_aliases.updated_at IS 'When the row last changed; kept by a trigger';

UPDATE alembic_version SET version_num='0013' WHERE alembic_version.version_num = '0012';

COMMIT;

BEGIN;

-- Running upgrade 0013 -> 0014

ALTER TABLE predictions
        ADD COLUMN attempts integer DEFAULT 0 NOT NULL,
        ADD CONSTRAINT ck_predictions_attempts CHECK (attempts >= 0);;

COMMENT ON TABLE predictions IS 'Log of model runs, partitioned by month';

COMMENT ON COLUMN predictions.attempts IS 'How often its message was sent again';

UPDATE alembic_version SET version_num='0014' WHERE alembic_version.version_num = '0013';

COMMIT;

BEGIN;

-- Running upgrade 0014 -> 0015

DO $$
    DECLARE log text;
    BEGIN
        FOR log IN 
    SELECT c.relname FROM pg_class c WHERE c.oid = 'predictions'::regclass
        OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'predictions'::regclass)
 LOOP
            EXECUTE format('CREATE STATISTICS %I (dependencies) ON user_id, model_id FROM %I',
                log || '_user_id_model_id_stat', log);
        END LOOP;
    END
    $$;
    ANALYZE predictions;;

UPDATE alembic_version SET version_num='0015' WHERE alembic_version.version_num = '0014';

COMMIT;

BEGIN;

-- Running upgrade 0015 -> 0016

ALTER TABLE crawl_jobs
        ADD COLUMN stage text DEFAULT 'fetching' NOT NULL,
        ADD COLUMN work jsonb DEFAULT '{}' NOT NULL,
        ADD COLUMN invalid_images integer DEFAULT 0 NOT NULL,
        ADD CONSTRAINT ck_crawl_jobs_stage
            CHECK (stage IN ('fetching', 'validating', 'analyzing')) NOT VALID,
        ADD CONSTRAINT ck_crawl_jobs_invalid_images CHECK (invalid_images >= 0) NOT VALID;
    ALTER TABLE crawl_chunks
        DROP CONSTRAINT ck_crawl_chunks_kind,
        ADD CONSTRAINT ck_crawl_chunks_kind
            CHECK (kind IN ('urls', 'manifest', 'pages', 'keywords', 'variants')) NOT VALID;
    ALTER TABLE fetch_failures ADD COLUMN image_id uuid;
    ALTER TABLE validation_jobs
        ADD COLUMN for_crawl boolean DEFAULT false NOT NULL,
        ADD COLUMN duplicate_images integer DEFAULT 0 NOT NULL,
        ADD COLUMN invalid_duplicates integer DEFAULT 0 NOT NULL,
        ADD CONSTRAINT ck_validation_jobs_duplicate_images
            CHECK (duplicate_images >= 0) NOT VALID,
        ADD CONSTRAINT ck_validation_jobs_invalid_duplicates
            CHECK (invalid_duplicates >= 0) NOT VALID;
    ALTER TABLE analysis_jobs ADD COLUMN for_crawl boolean DEFAULT false NOT NULL;;

COMMENT ON TABLE crawl_jobs IS 'Runs that turn a source into images; counters are sums over chunks';

COMMENT ON COLUMN crawl_jobs.stage IS 'Step of a running job: fetching, then validating, then analyzing';

COMMENT ON COLUMN crawl_jobs.work IS 'What became of the variants, validation and analyses asked for, once it has ended';

COMMENT ON COLUMN crawl_jobs.valid_images IS 'Originals that break no rule';

COMMENT ON COLUMN crawl_jobs.invalid_images IS 'Originals that break a rule';

COMMENT ON TABLE crawl_chunks IS 'Shares of a crawl job; each row carries its own counts';

COMMENT ON COLUMN crawl_chunks.kind IS 'What it holds: urls to fetch, pages to read, variants to make';

COMMENT ON TABLE fetch_failures IS 'URLs that became no image, with their reason';

COMMENT ON COLUMN fetch_failures.image_id IS 'Image whose variants failed, NULL for an address; no reference';

COMMENT ON TABLE validation_jobs IS 'Checks of a crawl job''s images against rules';

COMMENT ON COLUMN validation_jobs.for_crawl IS 'True when the crawl job asked for it and waits for it';

COMMENT ON COLUMN validation_jobs.total_images IS 'Originals to check';

COMMENT ON COLUMN validation_jobs.validated_images IS 'Originals checked';

COMMENT ON COLUMN validation_jobs.invalid_images IS 'Originals that broke a rule';

COMMENT ON COLUMN validation_jobs.duplicate_images IS 'Duplicates checked';

COMMENT ON COLUMN validation_jobs.invalid_duplicates IS 'Duplicates that broke a rule';

COMMENT ON TABLE analysis_jobs IS 'Passes of an analyser over the images of a crawl job';

COMMENT ON COLUMN analysis_jobs.for_crawl IS 'True when the crawl job asked for it and waits for it';

COMMENT ON COLUMN input_counts.bucket IS 'Range of values: the number of its histogram''s bucket';

UPDATE alembic_version SET version_num='0016' WHERE alembic_version.version_num = '0015';

COMMIT;

BEGIN;

-- Running upgrade 0016 -> 0017

ALTER TABLE crawl_jobs
        VALIDATE CONSTRAINT ck_crawl_jobs_stage,
        VALIDATE CONSTRAINT ck_crawl_jobs_invalid_images;
    ALTER TABLE crawl_chunks VALIDATE CONSTRAINT ck_crawl_chunks_kind;
    ALTER TABLE validation_jobs
        VALIDATE CONSTRAINT ck_validation_jobs_duplicate_images,
        VALIDATE CONSTRAINT ck_validation_jobs_invalid_duplicates;;

UPDATE alembic_version SET version_num='0017' WHERE alembic_version.version_num = '0016';

COMMIT;

BEGIN;

-- Running upgrade 0017 -> 0018

ALTER TABLE images
        ADD COLUMN crawl_chunk_id uuid,
        ADD COLUMN metadata jsonb DEFAULT '{}' NOT NULL,
        ADD COLUMN rejected boolean DEFAULT false NOT NULL,
        ADD COLUMN reject_reason text,
        ADD COLUMN rejected_with uuid,
        ADD CONSTRAINT ck_images_rejected
            CHECK (rejected OR reject_reason IS NULL) NOT VALID,
        ADD CONSTRAINT fk_images_rejected_with FOREIGN KEY (project_id, rejected_with)
            REFERENCES images (project_id, id) ON DELETE SET NULL (rejected_with) NOT VALID;;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.crawl_chunk_id IS 'Chunk that counts it, as long as there is that chunk; no reference';

COMMENT ON COLUMN images.metadata IS 'Further facts from its source';

COMMENT ON COLUMN images.rejected IS 'True while it is kept out of exports and later crawls';

COMMENT ON COLUMN images.reject_reason IS 'Why it is rejected, for a person';

COMMENT ON COLUMN images.rejected_with IS 'Rejected image that it equals or looks like; NULL when rejected itself';

COMMENT ON COLUMN images.duplicate_of IS 'Best image of the project that has the same content or looks the same';

COMMENT ON COLUMN images.is_duplicate IS 'True when the project has a better image of the same content or looks';

UPDATE alembic_version SET version_num='0018' WHERE alembic_version.version_num = '0017';

COMMIT;

BEGIN;

-- Running upgrade 0018 -> 0019

ALTER TABLE images VALIDATE CONSTRAINT ck_images_rejected;
    ALTER TABLE images VALIDATE CONSTRAINT fk_images_rejected_with;
    CREATE INDEX ix_images_project_id_rejected ON images (project_id, id) WHERE rejected;
    CREATE INDEX ix_images_rejected_with ON images (rejected_with)
        WHERE rejected_with IS NOT NULL;;

UPDATE alembic_version SET version_num='0019' WHERE alembic_version.version_num = '0018';

COMMIT;

BEGIN;

-- Running upgrade 0019 -> 0020

ALTER TABLE fetch_failures ADD COLUMN position integer;

COMMENT ON TABLE fetch_failures IS 'URLs that became no image, with their reason';

COMMENT ON COLUMN fetch_failures.url IS 'Address as given, without user information';

COMMENT ON COLUMN fetch_failures.position IS 'Place in the list of the request, from 0; NULL for what pages lead to';

UPDATE alembic_version SET version_num='0020' WHERE alembic_version.version_num = '0019';

COMMIT;

BEGIN;

-- Running upgrade 0020 -> 0021

ALTER TABLE export_jobs
        ADD COLUMN duplicate_images integer DEFAULT 0 NOT NULL,
        ADD COLUMN failed_images integer DEFAULT 0 NOT NULL,
        ADD COLUMN failures jsonb DEFAULT '[]' NOT NULL,
        ADD CONSTRAINT ck_export_jobs_duplicate_images
            CHECK (duplicate_images >= 0) NOT VALID,
        ADD CONSTRAINT ck_export_jobs_failed_images CHECK (failed_images >= 0) NOT VALID;;

COMMENT ON TABLE export_jobs IS 'Files built from a project''s images';

COMMENT ON COLUMN export_jobs.duplicate_images IS 'Images written that duplicate another';

COMMENT ON COLUMN export_jobs.failed_images IS 'Images that could not be written';

COMMENT ON COLUMN export_jobs.failures IS 'Why images could not be written, of the first 100';

UPDATE alembic_version SET version_num='0021' WHERE alembic_version.version_num = '0020';

COMMIT;

BEGIN;

-- Running upgrade 0021 -> 0022

ALTER TABLE export_jobs
        VALIDATE CONSTRAINT ck_export_jobs_duplicate_images,
        VALIDATE CONSTRAINT ck_export_jobs_failed_images;;

UPDATE alembic_version SET version_num='0022' WHERE alembic_version.version_num = '0021';

COMMIT;

BEGIN;

-- Running upgrade 0022 -> 0023

ALTER TABLE models ADD COLUMN warnings JSONB DEFAULT '[]' NOT NULL;
    COMMENT ON COLUMN models.warnings
        IS 'What in its file is not as it is served, for a person';;

UPDATE alembic_version SET version_num='0023' WHERE alembic_version.version_num = '0022';

COMMIT;

BEGIN;

-- Running upgrade 0023 -> 0024

ALTER TABLE crawl_jobs ADD COLUMN deleted_at timestamptz;
    CREATE INDEX ix_crawl_jobs_deleted_at ON crawl_jobs (deleted_at) WHERE deleted_at IS NOT NULL;;

COMMENT ON TABLE crawl_jobs IS 'Runs that turn a source into images; counters are sums over chunks';

COMMENT ON COLUMN crawl_jobs.deleted_at IS 'When its owner deleted it; its rows are being removed';

UPDATE alembic_version SET version_num='0024' WHERE alembic_version.version_num = '0023';

COMMIT;

BEGIN;

-- Running upgrade 0024 -> 0025

CREATE TABLE rights_signals (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        address text NOT NULL,
        host text NOT NULL,
        source text NOT NULL,
        value text NOT NULL,
        allows boolean,
        evidence_hash text,
        decision text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_rights_signals PRIMARY KEY (id),
        CONSTRAINT fk_rights_signals_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_rights_signals_decision CHECK (decision IN ('allowed', 'refused'))
    );
    CREATE INDEX ix_rights_signals_crawl_job_id_host ON rights_signals (crawl_job_id, host);
    CREATE TABLE site_files (
        sha256 text NOT NULL,
        content bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_site_files PRIMARY KEY (sha256)
    );
    ALTER TABLE images ADD COLUMN rights_signal_ids uuid[];

    ALTER TABLE rights_signals ENABLE ROW LEVEL SECURITY;
    ALTER TABLE rights_signals FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON rights_signals TO pixmill_caller USING (
        EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = rights_signals.crawl_job_id)
    );
    CREATE POLICY system ON rights_signals TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT ON rights_signals TO pixmill_caller;
    GRANT SELECT, INSERT ON rights_signals, site_files TO pixmill_system;;

COMMENT ON TABLE rights_signals IS 'Signals about the use of content, as crawls met them; append only';

COMMENT ON COLUMN rights_signals.id IS 'Follows from the job and the content';

COMMENT ON COLUMN rights_signals.crawl_job_id IS 'The crawl that met it';

COMMENT ON COLUMN rights_signals.address IS 'Where it stands';

COMMENT ON COLUMN rights_signals.host IS 'Host of that address';

COMMENT ON COLUMN rights_signals.source IS 'Kind of signal, from a closed list in code';

COMMENT ON COLUMN rights_signals.value IS 'Its words';

COMMENT ON COLUMN rights_signals.allows IS 'Whether it allows training; NULL when it is about other things';

COMMENT ON COLUMN rights_signals.evidence_hash IS 'SHA-256 hex of the site''s file that said so; no reference';

COMMENT ON COLUMN rights_signals.decision IS 'allowed or refused';

COMMENT ON COLUMN rights_signals.created_at IS 'When the row was written';

COMMENT ON TABLE site_files IS 'Files of sites that rights_signals name as evidence, each content once';

COMMENT ON COLUMN site_files.sha256 IS 'SHA-256 hex of the content';

COMMENT ON COLUMN site_files.content IS 'The bytes';

COMMENT ON COLUMN site_files.created_at IS 'When the row was written';

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.rights_signal_ids IS 'Signals about its use that its crawl met; no reference';

UPDATE alembic_version SET version_num='0025' WHERE alembic_version.version_num = '0024';

COMMIT;

BEGIN;

-- Running upgrade 0025 -> 0026

ALTER TABLE projects ADD COLUMN deleted_at timestamptz;
    CREATE INDEX ix_projects_deleted_at ON projects (deleted_at) WHERE deleted_at IS NOT NULL;;

COMMENT ON TABLE projects IS 'Datasets and who owns them';

COMMENT ON COLUMN projects.deleted_at IS 'When its owner deleted it; its rows are being removed';

UPDATE alembic_version SET version_num='0026' WHERE alembic_version.version_num = '0025';

COMMIT;

BEGIN;

-- Running upgrade 0026 -> 0027

ALTER TABLE crawl_chunks ADD COLUMN lost_workers integer DEFAULT 0 NOT NULL;

COMMENT ON TABLE crawl_chunks IS 'Shares of a crawl job; each row carries its own counts';

COMMENT ON COLUMN crawl_chunks.lost_workers IS 'Workers that died while it was alone in its chunk';

UPDATE alembic_version SET version_num='0027' WHERE alembic_version.version_num = '0026';

COMMIT;

BEGIN;

-- Running upgrade 0027 -> 0028

CREATE TABLE verification_jobs (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        filter jsonb NOT NULL DEFAULT '{}',
        max_distance integer NOT NULL,
        rights text,
        respect_robots boolean,
        total_images integer NOT NULL DEFAULT 0,
        same_bytes integer NOT NULL DEFAULT 0,
        same_picture integer NOT NULL DEFAULT 0,
        different_picture integer NOT NULL DEFAULT 0,
        gone integer NOT NULL DEFAULT 0,
        opted_out integer NOT NULL DEFAULT 0,
        unreachable integer NOT NULL DEFAULT 0,
        without_origin integer NOT NULL DEFAULT 0,
        position uuid,
        planned_at timestamptz,
        started_at timestamptz,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        error text,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_verification_jobs PRIMARY KEY (id),
        CONSTRAINT fk_verification_jobs_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_verification_jobs_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_verification_jobs_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_verification_jobs_total_images CHECK (total_images >= 0),
        CONSTRAINT ck_verification_jobs_same_bytes CHECK (same_bytes >= 0),
        CONSTRAINT ck_verification_jobs_same_picture CHECK (same_picture >= 0),
        CONSTRAINT ck_verification_jobs_different_picture CHECK (different_picture >= 0),
        CONSTRAINT ck_verification_jobs_gone CHECK (gone >= 0),
        CONSTRAINT ck_verification_jobs_opted_out CHECK (opted_out >= 0),
        CONSTRAINT ck_verification_jobs_unreachable CHECK (unreachable >= 0),
        CONSTRAINT ck_verification_jobs_without_origin CHECK (without_origin >= 0),
        CONSTRAINT ck_verification_jobs_max_distance CHECK (max_distance BETWEEN 0 AND 16),
        CONSTRAINT ck_verification_jobs_rights
            CHECK (rights IN ('respect', 'opt_in_only', 'ignore'))
    );
    CREATE INDEX ix_verification_jobs_project_id_id ON verification_jobs (project_id, id);
    CREATE INDEX ix_verification_jobs_unfinished ON verification_jobs (updated_at)
        WHERE status IN ('pending', 'running');

    CREATE TABLE verification_chunks (
        id uuid NOT NULL DEFAULT new_id(),
        verification_job_id uuid NOT NULL,
        crawl_job_id uuid NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        lost_workers integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        error text,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_verification_chunks PRIMARY KEY (id),
        CONSTRAINT fk_verification_chunks_verification_job_id FOREIGN KEY (verification_job_id)
            REFERENCES verification_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_verification_chunks_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_verification_chunks_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_verification_chunks_attempts CHECK (attempts >= 0),
        CONSTRAINT ck_verification_chunks_lost_workers CHECK (lost_workers >= 0)
    );
    CREATE INDEX ix_verification_chunks_verification_job_id_status
        ON verification_chunks (verification_job_id, status);
    CREATE INDEX ix_verification_chunks_crawl_job_id ON verification_chunks (crawl_job_id);
    CREATE INDEX ix_verification_chunks_lease_expires_at ON verification_chunks (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_verification_chunks_pending ON verification_chunks (updated_at)
        WHERE status = 'pending';

    CREATE TABLE verification_results (
        verification_job_id uuid NOT NULL,
        image_id uuid NOT NULL,
        chunk_id uuid,
        host text NOT NULL,
        taken_at timestamptz NOT NULL,
        outcome text,
        reason text,
        detail text,
        http_status integer,
        redirected_to text,
        sha256 text,
        distance integer,
        rights_signal_ids uuid[],
        checked_at timestamptz,
        CONSTRAINT pk_verification_results PRIMARY KEY (verification_job_id, image_id),
        CONSTRAINT fk_verification_results_verification_job_id FOREIGN KEY (verification_job_id)
            REFERENCES verification_jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_verification_results_image_id FOREIGN KEY (image_id)
            REFERENCES images (id) ON DELETE CASCADE,
        CONSTRAINT fk_verification_results_chunk_id FOREIGN KEY (chunk_id)
            REFERENCES verification_chunks (id) ON DELETE CASCADE,
        CONSTRAINT ck_verification_results_outcome CHECK (outcome IN ('same_bytes',
            'same_picture', 'different_picture', 'gone', 'opted_out', 'unreachable')),
        CONSTRAINT ck_verification_results_chunk_id CHECK (chunk_id IS NULL OR outcome IS NULL),
        CONSTRAINT ck_verification_results_distance CHECK (distance BETWEEN 0 AND 64)
    );
    CREATE INDEX ix_verification_results_outcome
        ON verification_results (verification_job_id, outcome, image_id);
    CREATE INDEX ix_verification_results_host
        ON verification_results (verification_job_id, host, image_id);
    CREATE INDEX ix_verification_results_image_id
        ON verification_results (image_id, verification_job_id);
    CREATE INDEX ix_verification_results_chunk_id ON verification_results (chunk_id)
        WHERE chunk_id IS NOT NULL;

    ALTER TABLE rights_signals ADD COLUMN verification_job_id uuid;;

ALTER TABLE verification_jobs ENABLE ROW LEVEL SECURITY;
        ALTER TABLE verification_jobs FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON verification_jobs TO pixmill_caller
            USING (EXISTS (SELECT FROM projects parent WHERE parent.id = verification_jobs.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = verification_jobs.project_id));
        CREATE POLICY system ON verification_jobs TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON verification_jobs TO pixmill_caller, pixmill_system;;

ALTER TABLE verification_chunks ENABLE ROW LEVEL SECURITY;
        ALTER TABLE verification_chunks FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON verification_chunks TO pixmill_caller
            USING (EXISTS (SELECT FROM verification_jobs parent WHERE parent.id = verification_chunks.verification_job_id)) WITH CHECK (EXISTS (SELECT FROM verification_jobs parent WHERE parent.id = verification_chunks.verification_job_id) AND EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = verification_chunks.crawl_job_id));
        CREATE POLICY system ON verification_chunks TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON verification_chunks TO pixmill_caller, pixmill_system;;

ALTER TABLE verification_results ENABLE ROW LEVEL SECURITY;
        ALTER TABLE verification_results FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON verification_results TO pixmill_caller
            USING (EXISTS (SELECT FROM verification_jobs parent WHERE parent.id = verification_results.verification_job_id)) WITH CHECK (EXISTS (SELECT FROM verification_jobs parent WHERE parent.id = verification_results.verification_job_id) AND EXISTS (SELECT FROM images parent WHERE parent.id = verification_results.image_id) AND (verification_results.chunk_id IS NULL OR EXISTS (SELECT FROM verification_chunks parent WHERE parent.id = verification_results.chunk_id)));
        CREATE POLICY system ON verification_results TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON verification_results TO pixmill_caller, pixmill_system;;

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON verification_jobs FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON verification_chunks FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

COMMENT ON TABLE verification_jobs IS 'Passes over the origins of a project''s images';

COMMENT ON COLUMN verification_jobs.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN verification_jobs.project_id IS 'Whose images are verified';

COMMENT ON COLUMN verification_jobs.name IS 'What the owner calls it';

COMMENT ON COLUMN verification_jobs.filter IS 'Which images; all when empty';

COMMENT ON COLUMN verification_jobs.max_distance IS 'Differing bits of 64 up to which a picture is the same';

COMMENT ON COLUMN verification_jobs.rights IS 'How wishes about the use are heeded; NULL as by the crawl of each image';

COMMENT ON COLUMN verification_jobs.respect_robots IS 'Whether robots.txt is heeded; NULL as by the crawl of each image';

COMMENT ON COLUMN verification_jobs.total_images IS 'Images with an origin; this and the next once it ended';

COMMENT ON COLUMN verification_jobs.same_bytes IS 'Origins that serve the same bytes';

COMMENT ON COLUMN verification_jobs.same_picture IS 'Origins that serve other bytes of the same picture';

COMMENT ON COLUMN verification_jobs.different_picture IS 'Origins that serve something else';

COMMENT ON COLUMN verification_jobs.gone IS 'Origins that serve it no more';

COMMENT ON COLUMN verification_jobs.opted_out IS 'Origins that refuse it by now';

COMMENT ON COLUMN verification_jobs.unreachable IS 'Origins of which nothing is known, for a passing reason';

COMMENT ON COLUMN verification_jobs.without_origin IS 'Images that were uploaded, not in the total';

COMMENT ON COLUMN verification_jobs.position IS 'Last image planned; planning continues after it';

COMMENT ON COLUMN verification_jobs.planned_at IS 'All images are in a chunk';

COMMENT ON COLUMN verification_jobs.started_at IS 'Planning began';

COMMENT ON COLUMN verification_jobs.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN verification_jobs.progress IS '0 to 100';

COMMENT ON COLUMN verification_jobs.error IS 'Why the job failed, for a person';

COMMENT ON COLUMN verification_jobs.completed_at IS 'Final state reached';

COMMENT ON COLUMN verification_jobs.created_at IS 'When the row was written';

COMMENT ON COLUMN verification_jobs.updated_at IS 'When the row last changed; kept by a trigger';

COMMENT ON TABLE verification_chunks IS 'Shares of a verification job; which images: verification_results';

COMMENT ON COLUMN verification_chunks.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN verification_chunks.verification_job_id IS 'The job it is part of';

COMMENT ON COLUMN verification_chunks.crawl_job_id IS 'The crawl that brought its images, on whose terms they are asked for';

COMMENT ON COLUMN verification_chunks.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN verification_chunks.lost_workers IS 'Workers that died while one image was alone in it';

COMMENT ON COLUMN verification_chunks.attempts IS 'Leases given out; also the fencing token of every write';

COMMENT ON COLUMN verification_chunks.lease_expires_at IS 'Until when its handler may write; expired leases are handed out again';

COMMENT ON COLUMN verification_chunks.error IS 'Why the chunk failed, for a person';

COMMENT ON COLUMN verification_chunks.completed_at IS 'Final state reached';

COMMENT ON COLUMN verification_chunks.created_at IS 'When the row was written';

COMMENT ON COLUMN verification_chunks.updated_at IS 'When the row last changed; kept by a trigger';

COMMENT ON TABLE verification_results IS 'Images of verification jobs, with what became of their origins';

COMMENT ON COLUMN verification_results.verification_job_id IS 'The job';

COMMENT ON COLUMN verification_results.image_id IS 'The image';

COMMENT ON COLUMN verification_results.chunk_id IS 'Chunk that is to ask for it; NULL once there is an outcome';

COMMENT ON COLUMN verification_results.host IS 'Host of its origin';

COMMENT ON COLUMN verification_results.taken_at IS 'When the image was taken from there';

COMMENT ON COLUMN verification_results.outcome IS 'same_bytes, same_picture, different_picture, gone, opted_out or unreachable';

COMMENT ON COLUMN verification_results.reason IS 'Kind of outcome, from a closed list in code; NULL for the same';

COMMENT ON COLUMN verification_results.detail IS 'The reason in words, for a person';

COMMENT ON COLUMN verification_results.http_status IS 'Status of the last answer, if any';

COMMENT ON COLUMN verification_results.redirected_to IS 'Address that answered, where it is of another host';

COMMENT ON COLUMN verification_results.sha256 IS 'SHA-256 hex of what is served now';

COMMENT ON COLUMN verification_results.distance IS 'Differing bits of 64 between the two perceptual hashes';

COMMENT ON COLUMN verification_results.rights_signal_ids IS 'Signals about its use that were met; no reference';

COMMENT ON COLUMN verification_results.checked_at IS 'When its origin was asked';

COMMENT ON TABLE rights_signals IS 'Signals about the use of content, as crawls met them; append only';

COMMENT ON COLUMN rights_signals.crawl_job_id IS 'The crawl that met it, or that brought the images which are verified';

COMMENT ON COLUMN rights_signals.verification_job_id IS 'Verification that met it later, NULL for what the crawl met; no reference';

UPDATE alembic_version SET version_num='0028' WHERE alembic_version.version_num = '0027';

COMMIT;

BEGIN;

-- Running upgrade 0028 -> 0029

CREATE TABLE hosts (
        host text NOT NULL,
        leases jsonb NOT NULL DEFAULT '{}',
        crawl_delay double precision NOT NULL DEFAULT 0,
        next_turn_at timestamptz,
        open_at timestamptz,
        refusals integer NOT NULL DEFAULT 0,
        unanswered integer NOT NULL DEFAULT 0,
        last_refusal text,
        used_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_hosts PRIMARY KEY (host)
    ) WITH (fillfactor = 50);
    CREATE INDEX ix_hosts_used_at ON hosts (used_at);
    CREATE TABLE crawl_hosts (
        crawl_job_id uuid NOT NULL,
        host text NOT NULL,
        refusals integer NOT NULL DEFAULT 0,
        opt_outs integer NOT NULL DEFAULT 0,
        open_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_hosts PRIMARY KEY (crawl_job_id, host),
        CONSTRAINT fk_crawl_hosts_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE
    );
    GRANT SELECT, INSERT, UPDATE, DELETE ON hosts, crawl_hosts TO pixmill_system;
    ALTER TABLE crawl_chunks
        ADD COLUMN due_at timestamptz,
        ADD COLUMN waits_since timestamptz;
    CREATE INDEX ix_crawl_chunks_due_at ON crawl_chunks (due_at) WHERE status = 'pending';;

COMMENT ON TABLE hosts IS 'Hosts that were asked lately, and on what terms; shared by all crawls of all people';

COMMENT ON COLUMN hosts.host IS 'Name that requests go to, with the port unless it is the scheme''s own';

COMMENT ON COLUMN hosts.leases IS 'Requests at a time that each worker may make, and until when (Unix time)';

COMMENT ON COLUMN hosts.crawl_delay IS 'Seconds between two requests that its robots.txt asks for';

COMMENT ON COLUMN hosts.next_turn_at IS 'When the next request may be made, where it has a rate or a delay';

COMMENT ON COLUMN hosts.open_at IS 'Nothing is asked before: it wants to be left alone, or it refused';

COMMENT ON COLUMN hosts.refusals IS 'Refusals in a row (429, 503 or silence), each closing it for longer';

COMMENT ON COLUMN hosts.unanswered IS 'Requests in a row that it left without an answer';

COMMENT ON COLUMN hosts.last_refusal IS 'The last refusal in words';

COMMENT ON COLUMN hosts.used_at IS 'When it was last asked, give or take an hour';

COMMENT ON TABLE crawl_hosts IS 'Hosts that refuse a crawl, whose other chunks heed it too';

COMMENT ON COLUMN crawl_hosts.crawl_job_id IS 'The crawl that was refused';

COMMENT ON COLUMN crawl_hosts.host IS 'As in hosts';

COMMENT ON COLUMN crawl_hosts.refusals IS 'Answers 401, 403 or 451 in a row';

COMMENT ON COLUMN crawl_hosts.opt_outs IS 'Images in a row that it does not want to be used';

COMMENT ON COLUMN crawl_hosts.open_at IS 'The crawl asks nothing of it before';

COMMENT ON COLUMN crawl_hosts.created_at IS 'When the row was written';

COMMENT ON TABLE crawl_chunks IS 'Shares of a crawl job; each row carries its own counts';

COMMENT ON COLUMN crawl_chunks.due_at IS 'When it is handed out, where its hosts are closed until then';

COMMENT ON COLUMN crawl_chunks.waits_since IS 'Since when its addresses wait for their hosts';

UPDATE alembic_version SET version_num='0029' WHERE alembic_version.version_num = '0028';

COMMIT;

BEGIN;

-- Running upgrade 0029 -> 0030

CREATE TABLE found_addresses (
        crawl_job_id uuid NOT NULL,
        digest bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_found_addresses PRIMARY KEY (crawl_job_id, digest),
        CONSTRAINT fk_found_addresses_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE
    );
    GRANT SELECT, INSERT ON found_addresses TO pixmill_system;;

COMMENT ON TABLE found_addresses IS 'Addresses that a search by keywords has found, each once for each label';

COMMENT ON COLUMN found_addresses.crawl_job_id IS 'The job that searches';

COMMENT ON COLUMN found_addresses.digest IS 'SHA-256 of the label and the address';

COMMENT ON COLUMN found_addresses.created_at IS 'When the row was written';

UPDATE alembic_version SET version_num='0030' WHERE alembic_version.version_num = '0029';

COMMIT;

BEGIN;

-- Running upgrade 0030 -> 0031

CREATE TABLE split_blocks (
        project_id uuid NOT NULL,
        scheme text NOT NULL,
        number integer NOT NULL,
        image_ids bytea NOT NULL,
        splits bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_split_blocks PRIMARY KEY (project_id, scheme, number),
        CONSTRAINT fk_split_blocks_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE
    );
    GRANT SELECT, INSERT, DELETE ON split_blocks TO pixmill_system;

    CREATE TABLE versions (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        filter jsonb NOT NULL DEFAULT '{}',
        split_options jsonb NOT NULL DEFAULT '{}',
        hash text,
        image_count integer NOT NULL DEFAULT 0,
        splits jsonb NOT NULL DEFAULT '{}',
        warnings jsonb NOT NULL DEFAULT '[]',
        card jsonb NOT NULL DEFAULT '{}',
        state jsonb,
        started_at timestamptz,
        status text NOT NULL DEFAULT 'pending',
        progress integer NOT NULL DEFAULT 0,
        error text,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_versions PRIMARY KEY (id),
        CONSTRAINT fk_versions_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_versions_status
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        CONSTRAINT ck_versions_progress CHECK (progress BETWEEN 0 AND 100),
        CONSTRAINT ck_versions_image_count CHECK (image_count >= 0)
    );
    CREATE INDEX ix_versions_project_id_id ON versions (project_id, id);
    CREATE INDEX ix_versions_unfinished ON versions (updated_at)
        WHERE status IN ('pending', 'running');
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON versions
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

    CREATE TABLE version_images (
        version_id uuid NOT NULL,
        sha256 bytea NOT NULL,
        image_id uuid NOT NULL,
        label text,
        caption text,
        split text,
        license text,
        attribution text,
        rights bytea,
        CONSTRAINT pk_version_images PRIMARY KEY (version_id, sha256, image_id),
        CONSTRAINT fk_version_images_version_id FOREIGN KEY (version_id)
            REFERENCES versions (id) ON DELETE CASCADE
    );

    ALTER TABLE versions ENABLE ROW LEVEL SECURITY;
    ALTER TABLE versions FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON versions TO pixmill_caller
        USING (EXISTS (SELECT FROM projects parent WHERE parent.id = versions.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = versions.project_id));
    CREATE POLICY system ON versions TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON versions TO pixmill_caller, pixmill_system;
    ALTER TABLE version_images ENABLE ROW LEVEL SECURITY;
    ALTER TABLE version_images FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON version_images TO pixmill_caller
        USING (EXISTS (SELECT FROM versions parent WHERE parent.id = version_images.version_id)) WITH CHECK (EXISTS (SELECT FROM versions parent WHERE parent.id = version_images.version_id));
    CREATE POLICY system ON version_images TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON version_images TO pixmill_caller, pixmill_system;

    ALTER TABLE export_jobs
        ADD COLUMN version_id uuid,
        ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
        ADD CONSTRAINT fk_export_jobs_version_id FOREIGN KEY (version_id)
            REFERENCES versions (id) ON DELETE CASCADE;
    CREATE INDEX ix_export_jobs_version_id ON export_jobs (version_id)
        WHERE version_id IS NOT NULL;
    -- Beside the rule for all its other references.
    CREATE POLICY caller_version ON export_jobs AS RESTRICTIVE TO pixmill_caller
        USING (true) WITH CHECK (version_id IS NULL OR EXISTS (SELECT FROM versions parent WHERE parent.id = export_jobs.version_id));;

COMMENT ON TABLE split_blocks IS 'Splits that images were given, many in a row';

COMMENT ON COLUMN split_blocks.project_id IS 'Whose images';

COMMENT ON COLUMN split_blocks.scheme IS 'SHA-256 hex of the options that images are split by';

COMMENT ON COLUMN split_blocks.number IS 'Counts the blocks from 0';

COMMENT ON COLUMN split_blocks.image_ids IS 'Ids in their order, 16 bytes each; no references';

COMMENT ON COLUMN split_blocks.splits IS 'A byte for each: its split''s number in the order of names';

COMMENT ON COLUMN split_blocks.created_at IS 'When the row was written';

COMMENT ON TABLE versions IS 'Versions of datasets, frozen';

COMMENT ON COLUMN versions.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN versions.project_id IS 'Whose images';

COMMENT ON COLUMN versions.name IS 'What the owner calls it';

COMMENT ON COLUMN versions.filter IS 'What selected its images';

COMMENT ON COLUMN versions.split_options IS 'Shares of its splits, and its groups';

COMMENT ON COLUMN versions.hash IS 'SHA-256 hex: the root of a Merkle tree of its images; NULL until it is complete';

COMMENT ON COLUMN versions.image_count IS 'Images that it holds';

COMMENT ON COLUMN versions.splits IS 'Images by split';

COMMENT ON COLUMN versions.warnings IS 'What the dataset lacks, for a person';

COMMENT ON COLUMN versions.card IS 'What exports say of the whole: name, classes, sources, rules, proof of splits';

COMMENT ON COLUMN versions.state IS 'Where a continued build stands; NULL when not begun';

COMMENT ON COLUMN versions.started_at IS 'Building began';

COMMENT ON COLUMN versions.status IS 'pending, running, completed, failed or cancelled';

COMMENT ON COLUMN versions.progress IS '0 to 100';

COMMENT ON COLUMN versions.error IS 'Why the job failed, for a person';

COMMENT ON COLUMN versions.completed_at IS 'Final state reached';

COMMENT ON COLUMN versions.created_at IS 'When the row was written';

COMMENT ON COLUMN versions.updated_at IS 'When the row last changed; kept by a trigger';

COMMENT ON TABLE version_images IS 'Images of versions, as they were';

COMMENT ON COLUMN version_images.version_id IS 'Its version';

COMMENT ON COLUMN version_images.sha256 IS 'SHA-256 of the content';

COMMENT ON COLUMN version_images.image_id IS 'The image; no reference, as it may be deleted';

COMMENT ON COLUMN version_images.label IS 'Class';

COMMENT ON COLUMN version_images.caption IS 'Description';

COMMENT ON COLUMN version_images.split IS 'Name of its split';

COMMENT ON COLUMN version_images.license IS 'Licence it is offered under';

COMMENT ON COLUMN version_images.attribution IS 'Whom to credit';

COMMENT ON COLUMN version_images.rights IS 'SHA-256 of the signals about its use that its crawl met; NULL without';

COMMENT ON TABLE export_jobs IS 'Files built from a project''s images';

COMMENT ON COLUMN export_jobs.version_id IS 'Version that is exported; NULL for what the project holds at the time';

COMMENT ON COLUMN export_jobs.warnings IS 'What the dataset lacks, for a person';

UPDATE alembic_version SET version_num='0031' WHERE alembic_version.version_num = '0030';

COMMIT;

BEGIN;

-- Running upgrade 0031 -> 0032

ALTER TABLE profiles ADD COLUMN deleted_at timestamptz;
    CREATE INDEX ix_profiles_deleted_at ON profiles (deleted_at) WHERE deleted_at IS NOT NULL;
    -- Who deletes the account locks it out; nobody who is locked out can call.
    GRANT UPDATE (is_active, deleted_at) ON profiles TO pixmill_caller;;

COMMENT ON TABLE profiles IS 'People who sign in; the view users shows them under other column names';

COMMENT ON COLUMN profiles.deleted_at IS 'When its owner deleted it; its rows are being removed';

UPDATE alembic_version SET version_num='0032' WHERE alembic_version.version_num = '0031';

COMMIT;

BEGIN;

-- Running upgrade 0032 -> 0033

ALTER TABLE images ADD COLUMN creator text;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.creator IS 'Who made it, as the file says';

UPDATE alembic_version SET version_num='0033' WHERE alembic_version.version_num = '0032';

COMMIT;

BEGIN;

-- Running upgrade 0033 -> 0034

CREATE TABLE image_sources (
        project_id uuid NOT NULL,
        address bytea NOT NULL,
        sha256 text NOT NULL,
        phash bigint NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        response_address bytea,
        response_headers jsonb,
        rights text NOT NULL DEFAULT 'respect',
        respect_robots boolean NOT NULL DEFAULT true,
        checked_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_image_sources PRIMARY KEY (project_id, address),
        CONSTRAINT fk_image_sources_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_image_sources_address CHECK (octet_length(address) = 32),
        CONSTRAINT ck_image_sources_rights CHECK (rights IN ('ignore', 'respect', 'opt_in_only')),
        CONSTRAINT ck_image_sources_width CHECK (width >= 1),
        CONSTRAINT ck_image_sources_height CHECK (height >= 1)
    );
    CREATE TABLE deleted_images (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        sha256 text NOT NULL,
        phash bigint,
        phash_high integer GENERATED ALWAYS AS (((phash >> 43) & 2097151)::integer) STORED,
        phash_middle integer GENERATED ALWAYS AS (((phash >> 22) & 2097151)::integer) STORED,
        phash_low integer GENERATED ALWAYS AS ((phash & 4194303)::integer) STORED,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_deleted_images PRIMARY KEY (id),
        CONSTRAINT fk_deleted_images_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT uq_deleted_images_project_id_sha256 UNIQUE (project_id, sha256)
    );
    CREATE INDEX ix_deleted_images_project_id_phash_high
        ON deleted_images (project_id, phash_high) WHERE phash_high IS NOT NULL;
    CREATE INDEX ix_deleted_images_project_id_phash_middle
        ON deleted_images (project_id, phash_middle) WHERE phash_middle IS NOT NULL;
    CREATE INDEX ix_deleted_images_project_id_phash_low
        ON deleted_images (project_id, phash_low) WHERE phash_low IS NOT NULL;;

ALTER TABLE image_sources ENABLE ROW LEVEL SECURITY;
        ALTER TABLE image_sources FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON image_sources TO pixmill_caller USING (EXISTS (SELECT FROM projects parent WHERE parent.id = image_sources.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = image_sources.project_id));
        CREATE POLICY system ON image_sources TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON image_sources TO pixmill_caller, pixmill_system;;

ALTER TABLE deleted_images ENABLE ROW LEVEL SECURITY;
        ALTER TABLE deleted_images FORCE ROW LEVEL SECURITY;
        CREATE POLICY caller ON deleted_images TO pixmill_caller USING (EXISTS (SELECT FROM projects parent WHERE parent.id = deleted_images.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = deleted_images.project_id));
        CREATE POLICY system ON deleted_images TO pixmill_system USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON deleted_images TO pixmill_caller, pixmill_system;;

CREATE TABLE source_listings (
        project_id uuid NOT NULL,
        position uuid NOT NULL,
        CONSTRAINT pk_source_listings PRIMARY KEY (project_id),
        CONSTRAINT fk_source_listings_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE
    );
    GRANT SELECT, UPDATE, DELETE ON source_listings TO pixmill_system;
    INSERT INTO source_listings (project_id, position)
        SELECT id, '00000000-0000-0000-0000-000000000000' FROM projects;;

COMMENT ON TABLE image_sources IS 'What addresses brought into projects when they were asked last';

COMMENT ON COLUMN image_sources.project_id IS 'Dataset that asked for it';

COMMENT ON COLUMN image_sources.address IS 'SHA-256 of the normalised URL, 32 bytes';

COMMENT ON COLUMN image_sources.sha256 IS 'SHA-256 hex of the content that it brought last';

COMMENT ON COLUMN image_sources.phash IS 'Perceptual hash of that content, as a signed integer';

COMMENT ON COLUMN image_sources.width IS 'Pixels';

COMMENT ON COLUMN image_sources.height IS 'Pixels';

COMMENT ON COLUMN image_sources.response_address IS 'SHA-256 of the URL that answered, after redirects';

COMMENT ON COLUMN image_sources.response_headers IS 'Validators and wishes of that answer, to ask it again';

COMMENT ON COLUMN image_sources.rights IS 'How wishes about its use were heeded: ignore, respect or opt_in_only';

COMMENT ON COLUMN image_sources.respect_robots IS 'Whether robots.txt was heeded';

COMMENT ON COLUMN image_sources.checked_at IS 'When it answered last';

COMMENT ON TABLE deleted_images IS 'Contents that were deleted and stay away; hashes only';

COMMENT ON COLUMN deleted_images.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN deleted_images.project_id IS 'Dataset that it stays away from';

COMMENT ON COLUMN deleted_images.sha256 IS 'SHA-256 hex of the content';

COMMENT ON COLUMN deleted_images.phash IS '64-bit perceptual hash, as a signed integer';

COMMENT ON COLUMN deleted_images.phash_high IS 'Top 21 bits of phash, for near-duplicate search';

COMMENT ON COLUMN deleted_images.phash_middle IS 'Middle 21 bits of phash, for near-duplicate search';

COMMENT ON COLUMN deleted_images.phash_low IS 'Low 22 bits of phash, for near-duplicate search';

COMMENT ON COLUMN deleted_images.created_at IS 'When the row was written';

COMMENT ON TABLE source_listings IS 'Projects whose older images are yet to become image_sources';

COMMENT ON COLUMN source_listings.project_id IS 'Dataset whose images are being listed';

COMMENT ON COLUMN source_listings.position IS 'Last image whose address is listed';

UPDATE alembic_version SET version_num='0034' WHERE alembic_version.version_num = '0033';

COMMIT;

BEGIN;

-- Running upgrade 0034 -> 0035

CREATE TABLE crawl_schedules (
        id uuid NOT NULL DEFAULT new_id(),
        project_id uuid NOT NULL,
        name text NOT NULL,
        source jsonb NOT NULL,
        keywords jsonb NOT NULL DEFAULT '[]',
        options jsonb NOT NULL,
        seconds integer NOT NULL,
        next_run_at timestamptz NOT NULL,
        tried_at timestamptz,
        last_run_at timestamptz,
        last_crawl_job_id uuid,
        missed_runs integer NOT NULL DEFAULT 0,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_schedules PRIMARY KEY (id),
        CONSTRAINT fk_crawl_schedules_project_id FOREIGN KEY (project_id)
            REFERENCES projects (id) ON DELETE CASCADE,
        CONSTRAINT ck_crawl_schedules_seconds CHECK (seconds >= 3600),
        CONSTRAINT ck_crawl_schedules_missed_runs CHECK (missed_runs >= 0)
    );
    CREATE INDEX ix_crawl_schedules_project_id ON crawl_schedules (project_id, id);
    CREATE INDEX ix_crawl_schedules_next_run_at ON crawl_schedules (next_run_at);
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON crawl_schedules
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    ALTER TABLE crawl_schedules ENABLE ROW LEVEL SECURITY;
    ALTER TABLE crawl_schedules FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON crawl_schedules TO pixmill_caller
        USING (EXISTS (SELECT FROM projects parent WHERE parent.id = crawl_schedules.project_id)) WITH CHECK (EXISTS (SELECT FROM projects parent WHERE parent.id = crawl_schedules.project_id));
    CREATE POLICY system ON crawl_schedules TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON crawl_schedules TO pixmill_caller, pixmill_system;

    ALTER TABLE crawl_jobs
        ADD COLUMN schedule_id uuid,
        ADD COLUMN scheduled_for timestamptz;
    CREATE UNIQUE INDEX uq_crawl_jobs_schedule_id_scheduled_for
        ON crawl_jobs (schedule_id, scheduled_for) WHERE schedule_id IS NOT NULL;;

COMMENT ON TABLE crawl_schedules IS 'Crawls that repeat';

COMMENT ON COLUMN crawl_schedules.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN crawl_schedules.project_id IS 'Where its images go';

COMMENT ON COLUMN crawl_schedules.name IS 'What the owner calls it';

COMMENT ON COLUMN crawl_schedules.source IS 'urls, manifest, pages or keywords';

COMMENT ON COLUMN crawl_schedules.keywords IS 'Search words of the source';

COMMENT ON COLUMN crawl_schedules.options IS 'As its crawl jobs have them';

COMMENT ON COLUMN crawl_schedules.seconds IS 'From one due time to the next';

COMMENT ON COLUMN crawl_schedules.next_run_at IS 'The due time that comes';

COMMENT ON COLUMN crawl_schedules.tried_at IS 'When a run that is due could not begin';

COMMENT ON COLUMN crawl_schedules.last_run_at IS 'Due time of its latest job';

COMMENT ON COLUMN crawl_schedules.last_crawl_job_id IS 'Its latest job; no reference';

COMMENT ON COLUMN crawl_schedules.missed_runs IS 'Due times that brought no run';

COMMENT ON COLUMN crawl_schedules.error IS 'Why the latest due time brought no run, for a person';

COMMENT ON COLUMN crawl_schedules.created_at IS 'When the row was written';

COMMENT ON COLUMN crawl_schedules.updated_at IS 'When the row last changed; kept by a trigger';

COMMENT ON TABLE crawl_jobs IS 'Runs that turn a source into images; counters are sums over chunks';

COMMENT ON COLUMN crawl_jobs.schedule_id IS 'Schedule that it is a run of; no reference';

COMMENT ON COLUMN crawl_jobs.scheduled_for IS 'Due time that it is the run of';

UPDATE alembic_version SET version_num='0035' WHERE alembic_version.version_num = '0034';

COMMIT;

BEGIN;

-- Running upgrade 0035 -> 0036

ALTER TABLE images ADD COLUMN variant_requests jsonb;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.variant_requests IS 'Variants asked for by hand that are not made yet, or cannot be';

UPDATE alembic_version SET version_num='0036' WHERE alembic_version.version_num = '0035';

COMMIT;

BEGIN;

-- Running upgrade 0036 -> 0037

ALTER TABLE verification_jobs
        ADD COLUMN export_job_id uuid,
        ADD COLUMN deleted_at timestamptz;
    CREATE UNIQUE INDEX uq_verification_jobs_export_job_id
        ON verification_jobs (export_job_id) WHERE export_job_id IS NOT NULL;
    CREATE INDEX ix_verification_jobs_deleted_at
        ON verification_jobs (deleted_at) WHERE deleted_at IS NOT NULL;
    ALTER TABLE verification_results ADD COLUMN address_key uuid, ADD COLUMN asked_with uuid;
    CREATE INDEX ix_verification_results_address_key
        ON verification_results (verification_job_id, address_key) WHERE asked_with IS NULL;
    GRANT DELETE ON found_addresses TO pixmill_system;;

COMMENT ON TABLE verification_jobs IS 'Passes over the origins of a project''s images';

COMMENT ON COLUMN verification_jobs.export_job_id IS 'Export that waits for it, and whose images it is of; no reference';

COMMENT ON COLUMN verification_jobs.deleted_at IS 'When it was deleted; what is left of it is being removed';

COMMENT ON TABLE verification_results IS 'Images of verification jobs, with what became of their origins';

COMMENT ON COLUMN verification_results.address_key IS 'MD5 of the origin''s address and the stored bytes'' hash';

COMMENT ON COLUMN verification_results.asked_with IS 'Image of the same address and bytes that is asked for instead; no reference';

UPDATE alembic_version SET version_num='0037' WHERE alembic_version.version_num = '0036';

COMMIT;

BEGIN;

-- Running upgrade 0037 -> 0038

ALTER TABLE version_images ADD COLUMN leaf bytea, ADD COLUMN record jsonb;
    CREATE INDEX ix_version_images_version_id_sha256_leaf
        ON version_images (version_id, sha256, leaf);
    CREATE INDEX ix_version_images_version_id_image_id ON version_images (version_id, image_id);;

COMMENT ON TABLE versions IS 'Versions of datasets, frozen';

COMMENT ON COLUMN versions.card IS 'What exports say of the whole: name, sources, rules, proof of splits';

COMMENT ON TABLE version_images IS 'Images of versions, as they were';

COMMENT ON COLUMN version_images.leaf IS 'Leaf of the version''s Merkle tree: SHA-256 of all but record';

COMMENT ON COLUMN version_images.record IS 'What exports say of it beside: its file, its origin, signals about its use';

UPDATE alembic_version SET version_num='0038' WHERE alembic_version.version_num = '0037';

COMMIT;

BEGIN;

-- Running upgrade 0038 -> 0039

ALTER TABLE models ADD COLUMN version_id uuid;

COMMENT ON TABLE models IS 'Registered models, one row per version';

COMMENT ON COLUMN models.version_id IS 'Version of a dataset it was trained on; no reference';

ALTER TABLE predictions ADD COLUMN version_id uuid;

COMMENT ON TABLE predictions IS 'Log of model runs, partitioned by month';

COMMENT ON COLUMN predictions.version_id IS 'Version of a dataset whose images it saw; no reference';

ALTER TABLE analysis_jobs ADD COLUMN version_id uuid;

COMMENT ON TABLE analysis_jobs IS 'Passes of an analyser over the images of a crawl job';

COMMENT ON COLUMN analysis_jobs.version_id IS 'Version of a dataset whose images alone are analysed; no reference';

ALTER TABLE image_analyses ADD COLUMN version_id uuid;

COMMENT ON TABLE image_analyses IS 'Analysis results, one row per run';

COMMENT ON COLUMN image_analyses.version_id IS 'Version of a dataset that it was asked for; no reference';

UPDATE alembic_version SET version_num='0039' WHERE alembic_version.version_num = '0038';

COMMIT;

BEGIN;

-- Running upgrade 0039 -> 0040

CREATE TABLE export_parts (
        id uuid NOT NULL DEFAULT new_id(),
        export_job_id uuid NOT NULL,
        split text,
        shard text,
        after uuid,
        until uuid NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        lost_workers integer NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        making uuid,
        deaths jsonb NOT NULL DEFAULT '{}',
        exported_images integer NOT NULL DEFAULT 0,
        duplicate_images integer NOT NULL DEFAULT 0,
        failed_images integer NOT NULL DEFAULT 0,
        object text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_export_parts PRIMARY KEY (id),
        CONSTRAINT fk_export_parts_export_job_id FOREIGN KEY (export_job_id)
            REFERENCES export_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_export_parts_status CHECK (status IN ('pending', 'running', 'completed')),
        CONSTRAINT ck_export_parts_attempts CHECK (attempts >= 0),
        CONSTRAINT ck_export_parts_lost_workers CHECK (lost_workers >= 0),
        CONSTRAINT ck_export_parts_exported_images CHECK (exported_images >= 0),
        CONSTRAINT ck_export_parts_duplicate_images CHECK (duplicate_images >= 0),
        CONSTRAINT ck_export_parts_failed_images CHECK (failed_images >= 0)
    );
    CREATE INDEX ix_export_parts_export_job_id_status ON export_parts (export_job_id, status);
    CREATE INDEX ix_export_parts_lease_expires_at ON export_parts (lease_expires_at)
        WHERE status = 'running';
    CREATE INDEX ix_export_parts_pending ON export_parts (updated_at) WHERE status = 'pending';

    ALTER TABLE export_parts ENABLE ROW LEVEL SECURITY;
    ALTER TABLE export_parts FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON export_parts TO pixmill_caller
        USING (EXISTS (SELECT FROM export_jobs parent WHERE parent.id = export_parts.export_job_id)) WITH CHECK (EXISTS (SELECT FROM export_jobs parent WHERE parent.id = export_parts.export_job_id));
    CREATE POLICY system ON export_parts TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON export_parts TO pixmill_caller, pixmill_system;
    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON export_parts
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();;

COMMENT ON TABLE export_parts IS 'Shares of exports that are being built';

COMMENT ON COLUMN export_parts.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN export_parts.export_job_id IS 'The job it is part of';

COMMENT ON COLUMN export_parts.split IS 'Split whose images it holds; NULL for all';

COMMENT ON COLUMN export_parts.shard IS 'Shard that it lies in, if there are any';

COMMENT ON COLUMN export_parts.after IS 'Image that it begins behind; no reference';

COMMENT ON COLUMN export_parts.until IS 'Its last image; no reference';

COMMENT ON COLUMN export_parts.status IS 'pending, running or completed';

COMMENT ON COLUMN export_parts.attempts IS 'Leases given out; also the fencing token of every write';

COMMENT ON COLUMN export_parts.lost_workers IS 'Workers that died over no image in particular';

COMMENT ON COLUMN export_parts.lease_expires_at IS 'Until when its handler may write; expired leases are handed out again';

COMMENT ON COLUMN export_parts.making IS 'Image that is to blame should the worker die now; no reference';

COMMENT ON COLUMN export_parts.deaths IS 'Workers that died, by image';

COMMENT ON COLUMN export_parts.exported_images IS 'Images written';

COMMENT ON COLUMN export_parts.duplicate_images IS 'Images written that duplicate another';

COMMENT ON COLUMN export_parts.failed_images IS 'Images that could not be written';

COMMENT ON COLUMN export_parts.object IS 'Name of its object once it is completed';

COMMENT ON COLUMN export_parts.created_at IS 'When the row was written';

COMMENT ON COLUMN export_parts.updated_at IS 'When the row last changed; kept by a trigger';

COMMENT ON TABLE export_jobs IS 'Files built from a project''s images';

COMMENT ON COLUMN export_jobs.state IS 'What all parts are built by; NULL when not planned, or ended';

UPDATE alembic_version SET version_num='0040' WHERE alembic_version.version_num = '0039';

COMMIT;

BEGIN;

-- Running upgrade 0040 -> 0041

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
        USING (EXISTS (SELECT FROM versions parent WHERE parent.id = version_ranges.version_id)) WITH CHECK (EXISTS (SELECT FROM versions parent WHERE parent.id = version_ranges.version_id));
    CREATE POLICY system ON version_ranges TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON version_ranges TO pixmill_caller, pixmill_system;;

COMMENT ON TABLE version_ranges IS 'Digests of versions, range by range';

COMMENT ON COLUMN version_ranges.version_id IS 'Its version';

COMMENT ON COLUMN version_ranges.first IS 'First byte of the contents'' SHA-256';

COMMENT ON COLUMN version_ranges.digest IS 'SHA-256 of the digests';

COMMENT ON COLUMN version_ranges.digests IS 'By second byte, 32 bytes each: SHA-256 of contents and leaves; zeros for none';

UPDATE alembic_version SET version_num='0041' WHERE alembic_version.version_num = '0040';

COMMIT;

BEGIN;

-- Running upgrade 0041 -> 0042

ALTER TABLE verification_results
        ADD COLUMN page_key uuid,
        ADD COLUMN page_refusal text,
        ADD COLUMN page_signal_ids uuid[];
    CREATE INDEX ix_verification_results_page_key
        ON verification_results (verification_job_id, page_key, image_id)
        WHERE page_key IS NOT NULL;;

COMMENT ON TABLE verification_results IS 'Images of verification jobs, with what became of their origins';

COMMENT ON COLUMN verification_results.page_key IS 'MD5 of its crawl job and the page that showed it; NULL where no page was read';

COMMENT ON COLUMN verification_results.page_refusal IS 'Why that page gives no images by now, where it was asked with this one';

COMMENT ON COLUMN verification_results.page_signal_ids IS 'What that page said, where it was asked with this one; no reference';

UPDATE alembic_version SET version_num='0042' WHERE alembic_version.version_num = '0041';

COMMIT;

BEGIN;

-- Running upgrade 0042 -> 0043

ALTER TABLE webhooks
        ADD COLUMN old_secret text,
        ADD COLUMN old_secret_expires_at timestamptz,
        ADD COLUMN error text,
        ADD COLUMN failures integer NOT NULL DEFAULT 0,
        ADD COLUMN failing_since timestamptz,
        ADD COLUMN due_at timestamptz,
        ADD COLUMN leases integer NOT NULL DEFAULT 0,
        ADD COLUMN lease_expires_at timestamptz,
        ADD CONSTRAINT ck_webhooks_failures CHECK (failures >= 0),
        ADD CONSTRAINT ck_webhooks_leases CHECK (leases >= 0);
    CREATE INDEX ix_webhooks_due_at ON webhooks (due_at) WHERE due_at IS NOT NULL;

    ALTER TABLE webhook_deliveries ADD COLUMN response_excerpt text;
    DROP INDEX ix_webhook_deliveries_pending;
    CREATE INDEX ix_webhook_deliveries_waiting ON webhook_deliveries (webhook_id, next_attempt_at)
        WHERE status = 'pending';
    CREATE INDEX ix_webhook_deliveries_webhook_id_id ON webhook_deliveries (webhook_id, id);
    CREATE INDEX ix_webhook_deliveries_created_at ON webhook_deliveries (created_at);;

COMMENT ON TABLE webhooks IS 'Addresses that want to hear of events';

COMMENT ON COLUMN webhooks.is_active IS 'False while it is paused, by its owner or after failing for too long';

COMMENT ON COLUMN webhooks.old_secret IS 'Signing key before the present one; signs too until it expires';

COMMENT ON COLUMN webhooks.old_secret_expires_at IS 'Until when the old key signs';

COMMENT ON COLUMN webhooks.error IS 'Why the last post failed or why it is paused, for a person';

COMMENT ON COLUMN webhooks.failures IS 'Posts that failed since the last one that was accepted';

COMMENT ON COLUMN webhooks.failing_since IS 'When the first of these failed';

COMMENT ON COLUMN webhooks.due_at IS 'When it is to be called next; NULL while nothing waits';

COMMENT ON COLUMN webhooks.leases IS 'Leases given out; also the fencing token of every write';

COMMENT ON COLUMN webhooks.lease_expires_at IS 'Until when one worker alone calls it';

COMMENT ON TABLE webhook_deliveries IS 'Events on their way to webhooks';

COMMENT ON COLUMN webhook_deliveries.response_excerpt IS 'Beginning of the last answer';

COMMENT ON COLUMN webhook_deliveries.next_attempt_at IS 'When to try again; NULL when it has ended or its webhook is paused';

UPDATE alembic_version SET version_num='0043' WHERE alembic_version.version_num = '0042';

COMMIT;

BEGIN;

-- Running upgrade 0043 -> 0046

ALTER TABLE image_analyses ADD COLUMN objects jsonb;

COMMENT ON TABLE image_analyses IS 'Analysis results, one row per run';

COMMENT ON COLUMN image_analyses.objects IS 'Objects with labels and boxes; NULL where the analyser gives none';

UPDATE alembic_version SET version_num='0046' WHERE alembic_version.version_num = '0043';

COMMIT;

BEGIN;

-- Running upgrade 0046 -> 0044

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
    GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_codes TO pixmill_system;;

COMMENT ON TABLE sign_in_codes IS 'Codes that sign a browser in; only hashes are stored';

COMMENT ON COLUMN sign_in_codes.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN sign_in_codes.user_id IS 'Whose account it opens';

COMMENT ON COLUMN sign_in_codes.code_hash IS 'SHA-256 hex of the code';

COMMENT ON COLUMN sign_in_codes.expires_at IS 'Until when it works';

COMMENT ON COLUMN sign_in_codes.is_reusable IS 'True for the local system''s own, which works until that ends';

COMMENT ON COLUMN sign_in_codes.created_at IS 'When the row was written';

UPDATE alembic_version SET version_num='0044' WHERE alembic_version.version_num = '0046';

COMMIT;

BEGIN;

-- Running upgrade 0044 -> 0047

ALTER TABLE images ADD COLUMN color integer;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.color IS 'Mean colour as it shows, 0xRRGGBB; NULL where it was stored before this was kept';

UPDATE alembic_version SET version_num='0047' WHERE alembic_version.version_num = '0044';

COMMIT;

BEGIN;

-- Running upgrade 0047 -> 0049

ALTER TABLE images ADD COLUMN phash_halves bytea,
        ADD CONSTRAINT ck_images_phash_halves CHECK (octet_length(phash_halves) = 37);;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.phash_halves IS 'phash of the upper, lower, left and right half, 8 bytes each; then a byte each of how many tenths of bits of the whole and of the halves saving again flips';

UPDATE alembic_version SET version_num='0049' WHERE alembic_version.version_num = '0047';

COMMIT;

BEGIN;

-- Running upgrade 0049 -> 0050

ALTER TABLE images ADD COLUMN list_position integer, ADD COLUMN said_by jsonb;;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.list_position IS 'Place of its entry in the list of its crawl job, from 0';

COMMENT ON COLUMN images.said_by IS 'Where a label and the like is from another entry: its job and place, or person';

UPDATE alembic_version SET version_num='0050' WHERE alembic_version.version_num = '0049';

COMMIT;

BEGIN;

-- Running upgrade 0050 -> 0065

DO $$ BEGIN
            EXECUTE format(
                'ALTER FUNCTION ensure_partitions(text, integer) SET search_path = %I, pg_temp', current_schema());
        END $$;

DO $$ BEGIN
            EXECUTE format(
                'ALTER FUNCTION drop_partitions(text, timestamptz) SET search_path = %I, pg_temp', current_schema());
        END $$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO pixmill_caller, pixmill_system;;

DO $$
    DECLARE
        one regprocedure;
    BEGIN
        FOR one IN
            SELECT p.oid FROM pg_proc p
            WHERE p.pronamespace = current_schema()::regnamespace AND NOT p.prosecdef
                AND pg_has_role(p.proowner, 'USAGE') AND NOT EXISTS (
                    SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pixmill_caller, pixmill_system', one);
        END LOOP;
    END
    $$;

DO $$
    DECLARE
        one regprocedure;
    BEGIN
        FOR one IN
            SELECT p.oid FROM pg_proc p
            WHERE p.pronamespace = current_schema()::regnamespace AND NOT p.prosecdef
                AND pg_has_role(p.proowner, 'USAGE') AND NOT EXISTS (
                    SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        LOOP
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
        END LOOP;
    END
    $$;

UPDATE alembic_version SET version_num='0065' WHERE alembic_version.version_num = '0050';

COMMIT;

BEGIN;

-- Running upgrade 0065 -> 0060

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

    DROP INDEX ix_activity_logs_refused_sign_ins;;

COMMENT ON TABLE guess_counts IS 'Tries to guess a secret; only count_guess and forgive_guess write it';

COMMENT ON COLUMN guess_counts.key IS 'SHA-256 hex of what is counted; no account need stand behind it';

COMMENT ON COLUMN guess_counts.level IS 'Tries, less those that time has forgiven';

COMMENT ON COLUMN guess_counts.open_at IS 'When the next try is judged';

COMMENT ON COLUMN guess_counts.counted_at IS 'When it was last tried';

COMMENT ON TABLE known_places IS 'Places that an account is signed in from; only hashes are stored';

COMMENT ON COLUMN known_places.user_id IS 'Whose account';

COMMENT ON COLUMN known_places.mark IS 'SHA-256 hex of the account and the address, or a device''s token';

COMMENT ON COLUMN known_places.seen_at IS 'When it last signed in, give or take a day';

UPDATE alembic_version SET version_num='0060' WHERE alembic_version.version_num = '0065';

COMMIT;

BEGIN;

-- Running upgrade 0060 -> 0057

CREATE TABLE queued_messages (
        id uuid NOT NULL DEFAULT new_id(),
        topic text NOT NULL,
        user_id uuid NOT NULL,
        key text NOT NULL,
        message jsonb NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        sent_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_queued_messages PRIMARY KEY (id)
    );
    CREATE INDEX ix_queued_messages_waiting ON queued_messages (topic, user_id, id)
        WHERE sent_at IS NULL;
    CREATE INDEX ix_queued_messages_oldest ON queued_messages (topic, id)
        WHERE sent_at IS NULL;
    CREATE INDEX ix_queued_messages_sent_at ON queued_messages (topic, sent_at)
        WHERE sent_at IS NOT NULL;
    CREATE UNIQUE INDEX uq_queued_messages_topic_key ON queued_messages (topic, key)
        WHERE sent_at IS NULL;
    -- Only the system reads and writes it: callers have no right to it at all.
    GRANT SELECT, INSERT, UPDATE, DELETE ON queued_messages TO pixmill_system;;

COMMENT ON TABLE queued_messages IS 'Work that is shared out by account: what waits for its turn or has a slot';

COMMENT ON COLUMN queued_messages.id IS 'UUID version 7, so ids order rows by creation';

COMMENT ON COLUMN queued_messages.topic IS 'Topic it is published to: the kind of work';

COMMENT ON COLUMN queued_messages.user_id IS 'Account whose work it is; no reference';

COMMENT ON COLUMN queued_messages.key IS 'What it is about; waits once in a topic';

COMMENT ON COLUMN queued_messages.message IS 'Body';

COMMENT ON COLUMN queued_messages.attributes IS 'Pub/Sub attributes';

COMMENT ON COLUMN queued_messages.sent_at IS 'When its turn came; since then it takes a slot. NULL while it waits';

COMMENT ON COLUMN queued_messages.created_at IS 'When the row was written';

UPDATE alembic_version SET version_num='0057' WHERE alembic_version.version_num = '0060';

COMMIT;

BEGIN;

-- Running upgrade 0057 -> 0052

ALTER TABLE images ADD COLUMN crc32 bigint, ADD COLUMN extras text,
        ADD CONSTRAINT ck_images_extras CHECK (extras IN ('none', 'metadata', 'refused'));;

COMMENT ON TABLE images IS 'Images of projects, crawled or uploaded';

COMMENT ON COLUMN images.crc32 IS 'CRC-32 of the content; NULL where it was stored before this was kept';

COMMENT ON COLUMN images.extras IS 'What the content has beside the picture: none, metadata, or what readers refuse it for (refused); NULL is unknown';

UPDATE alembic_version SET version_num='0052' WHERE alembic_version.version_num = '0057';

COMMIT;

BEGIN;

-- Running upgrade 0052 -> 0067

CREATE UNLOGGED TABLE call_counts (
        subject text NOT NULL,
        minute timestamptz NOT NULL,
        process uuid NOT NULL,
        calls integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_call_counts PRIMARY KEY (subject, minute, process)
    ) WITH (fillfactor = 50);
    CREATE INDEX ix_call_counts_minute ON call_counts (minute);
    GRANT SELECT, INSERT, UPDATE, DELETE ON call_counts TO pixmill_system;;

COMMENT ON TABLE call_counts IS 'Calls of keys and addresses, minute by minute; not logged, and lost in a crash';

COMMENT ON COLUMN call_counts.subject IS 'A key by the beginning of its hash, or a network address';

COMMENT ON COLUMN call_counts.minute IS 'When the minute began';

COMMENT ON COLUMN call_counts.process IS 'Who counted: each process writes rows of its own';

COMMENT ON COLUMN call_counts.calls IS 'Calls that were let through';

UPDATE alembic_version SET version_num='0067' WHERE alembic_version.version_num = '0052';

COMMIT;

BEGIN;

-- Running upgrade 0067 -> 0061

ALTER TABLE sessions ADD COLUMN ip_address text, ADD COLUMN user_agent text;

COMMENT ON TABLE sessions IS 'Issued token pairs; only hashes are stored';

COMMENT ON COLUMN sessions.ip_address IS 'Address that it was issued to';

COMMENT ON COLUMN sessions.user_agent IS 'Program that it was issued to';

UPDATE alembic_version SET version_num='0061' WHERE alembic_version.version_num = '0067';

COMMIT;

"""A few thousand rows of 400 people, so that the planner has a choice worth making."""

from sqlalchemy import Connection, text

_SCRIPT = """
INSERT INTO profiles (email) SELECT 'u' || n || '@example.org' FROM generate_series(1, 400) n;
INSERT INTO sessions (user_id, family, refresh_hash, access_hash, access_expires_at, expires_at)
    SELECT id, id, 'r' || id, 'a' || id, now(), now() FROM profiles;
INSERT INTO api_keys (user_id, prefix, key_hash)
    SELECT p.id, 'pxk', p.id || '-' || n FROM profiles p, generate_series(1, 4) n;
INSERT INTO sign_in_codes (user_id, code_hash, expires_at)
    SELECT p.id, p.id || '-' || n, now() + n * interval '1 minute'
    FROM profiles p, generate_series(-40, 4) n;
INSERT INTO guess_counts (key, counted_at)
    SELECT 'g' || n, now() - n * interval '1 hour' FROM generate_series(1, 2000) n;
INSERT INTO known_places (user_id, mark, seen_at)
    SELECT p.id, 'm' || n, now() - n * interval '1 day' FROM profiles p, generate_series(1, 9) n;
INSERT INTO webhooks (user_id, url, events, secret)
    SELECT p.id, 'u', '{e}', 's' FROM profiles p, generate_series(1, 4) n;
UPDATE webhooks SET due_at = now() + interval '1 hour'
    WHERE id IN (SELECT id FROM webhooks ORDER BY id LIMIT 40);
-- One webhook has most of the deliveries.
INSERT INTO webhook_deliveries (webhook_id, event_id, event, status, next_attempt_at, created_at)
    SELECT w.id, gen_random_uuid(), 'e', CASE n % 40 WHEN 1 THEN 'pending' ELSE 'completed' END,
        CASE n % 40 WHEN 1 THEN now() + n * interval '1 minute' END, now() - n * interval '1 hour'
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM webhooks) w,
        LATERAL generate_series(1, CASE w.position WHEN 1 THEN 3000 ELSE 2 END) n;
INSERT INTO projects (user_id, name) SELECT p.id, 'p' FROM profiles p, generate_series(1, 3) n;
INSERT INTO crawl_jobs (project_id, name, status)
    SELECT p.id, 'j', (ARRAY['completed', 'running', 'failed'])[1 + n % 3]
    FROM projects p, generate_series(1, 3) n;
INSERT INTO crawl_chunks (crawl_job_id, position, status)
    SELECT j.id, n, CASE n WHEN 1 THEN 'pending' ELSE 'completed' END
    FROM crawl_jobs j, generate_series(0, 1) n;
-- One project has most of the images.
INSERT INTO images (crawl_job_id, original_url, status, format, label, is_valid, is_duplicate,
        sha256, phash)
    SELECT j.id, 'u', CASE n % 40 WHEN 1 THEN 'failed' ELSE 'completed' END,
        (ARRAY['jpeg', 'png'])[1 + n % 2], 'l' || n % 40, n % 40 <> 1, n % 40 = 2,
        md5(random()::text), ('x' || md5(random()::text))::bit(64)::bigint
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM crawl_jobs) j,
        LATERAL generate_series(1, CASE j.position WHEN 1 THEN 3000 ELSE 1 END) n;
INSERT INTO image_sources (project_id, address, sha256, phash, width, height)
    SELECT project_id, sha256(convert_to(id::text, 'UTF8')), sha256, phash, 1, 1 FROM images;
INSERT INTO deleted_images (project_id, sha256, phash)
    SELECT project_id, id::text, ('x' || md5(id::text))::bit(64)::bigint FROM images;
INSERT INTO crawl_schedules (project_id, name, source, options, seconds, next_run_at)
    SELECT p.id, 's', '{}', '{}', 3600, now() + n * interval '1 day'
    FROM projects p, generate_series(1, 3) n;
INSERT INTO image_analyses (image_id, analyzer, model_version)
    SELECT id, 'basic', (random() * 1000)::int FROM images;
INSERT INTO job_stats (job_id, operation, user_id, image_id, status)
    SELECT id, 'o', user_id, id, CASE status WHEN 'failed' THEN 'failed' ELSE 'completed' END
    FROM images;
INSERT INTO validation_jobs (crawl_job_id, name, status) SELECT id, 'v', status FROM crawl_jobs;
INSERT INTO validation_results (validation_job_id, image_id, is_valid)
    SELECT v.id, i.id, i.is_valid FROM validation_jobs v JOIN images i USING (crawl_job_id);
INSERT INTO verification_jobs (project_id, name, max_distance, status)
    SELECT project_id, 'v', 4, status FROM crawl_jobs;
INSERT INTO verification_chunks (verification_job_id, crawl_job_id, status)
    SELECT v.id, j.id, CASE n WHEN 1 THEN 'pending' ELSE 'completed' END
    FROM verification_jobs v JOIN crawl_jobs j USING (project_id), generate_series(0, 1) n;
INSERT INTO verification_results (verification_job_id, image_id, host, taken_at, outcome)
    SELECT v.id, i.id, 'h' || row_number() OVER () % 50, now(),
        CASE row_number() OVER () % 40 WHEN 1 THEN 'gone' ELSE 'same_bytes' END
    FROM verification_jobs v JOIN images i USING (project_id);
INSERT INTO export_jobs (crawl_job_id, name, status) SELECT id, 'e', status FROM crawl_jobs;
INSERT INTO export_parts (export_job_id, until, status)
    SELECT id, id, CASE n WHEN 1 THEN 'pending' ELSE 'completed' END
    FROM export_jobs, generate_series(0, 1) n;
INSERT INTO activity_logs (user_id, action, resource_type, timestamp)
    SELECT p.id, 'a' || n % 5, 'r' || n % 5, now() - n * interval '1 hour'
    FROM profiles p, generate_series(1, 20) n;
INSERT INTO models (user_id, name, version, model_type, file_path, status, metadata)
    SELECT p.id, 'm' || n % 3, 1 + n / 3, 'onnx', 'f',
        CASE WHEN n > 3 THEN 'active' ELSE 'archived' END, jsonb_build_object('owner', p.id)
    FROM profiles p, generate_series(0, 5) n;
INSERT INTO predictions (model_id, user_id, input_data, inference_time_ms, status, created_at)
    SELECT m.id, m.user_id, '{}', n, CASE n WHEN 1 THEN 'failed' ELSE 'success' END,
        now() - n * interval '9 days'
    FROM models m, generate_series(0, 4) n;
INSERT INTO outbox (topic, message, sent_at)
    SELECT 't', '{}', now() FROM generate_series(1, 3000);
SELECT gin_clean_pending_list('idx_models_metadata');  -- as autovacuum does
ANALYZE;
"""


def populate(connection: Connection) -> None:
    """Fill the tables and let PostgreSQL count what is in them."""
    connection.execute(text(_SCRIPT))

"""Validating stored images by all plain rules, and with near duplicates."""

import time
from typing import Any

from sqlalchemy import text

from shared.schemas.validations import Rules
from tests.databases import connect_to, migrate, temporary_server

_ROWS = 200_000
_FILL = """
INSERT INTO images (project_id, crawl_job_id, user_id, file_path, sha256, phash, format, file_size,
  width, height, channels, frames, sharpness, brightness, uniformity, status)
SELECT :project, :job, :user, 'images/' || n, md5(n::text) || md5(n::text),
  ('x' || substr(md5(n::text), 1, 16))::bit(64)::bigint, 'jpeg', 100000, 100 + mod(n, 900),
  100 + mod(n, 700), 3, 1, mod(n, 500), mod(n, 100) / 100.0, mod(n, 100) / 100.0, 'completed'
FROM generate_series(1, :rows) n
"""


def measure() -> None:
    """Print seconds for so many images; the statement is the one that the function runs."""
    from functions.validations import check

    with temporary_server() as server:
        migrate(server.url)
        engine = connect_to(server.url)
        with engine.begin() as connection:
            ids = _subject(connection)
            connection.execute(text(_FILL), {**ids, "rows": _ROWS})
            connection.execute(text("ANALYZE"))
        for rules in (
            Rules(min_width=300, min_height=200, min_sharpness=50, max_uniformity=0.9),
            Rules(min_width=300, near_duplicate_distance=4),
        ):
            seconds = _run(engine, check, ids["job"], rules)
            wanted = ", ".join(rules.model_dump(exclude_defaults=True))
            print(f"  {_ROWS:,} images in {seconds:.1f} s ({wanted})")
        engine.dispose()


def _subject(connection: Any) -> dict[str, Any]:
    user = connection.scalar(text("INSERT INTO profiles (email) VALUES ('b@x.org') RETURNING id"))
    project = connection.scalar(
        text("INSERT INTO projects (user_id, name) VALUES (:u, 'b') RETURNING id"), {"u": user}
    )
    job = connection.scalar(
        text("INSERT INTO crawl_jobs (project_id, name) VALUES (:p, 'b') RETURNING id"),
        {"p": project},
    )
    return {"user": user, "project": project, "job": job}


def _run(engine: Any, check: Any, job_id: Any, rules: Rules) -> float:
    from shared.database.transactions import transaction
    from shared.messaging.messages import ValidationRequested
    from shared.messaging.outbox import Outbox
    from shared.validations.start import start_validation

    with transaction(engine) as session:
        job = start_validation(session, Outbox(session), job_id, "bench", rules)
    message: ValidationRequested | None = ValidationRequested(validation_job_id=job.id)
    started = time.monotonic()
    while message is not None:
        with transaction(engine) as session:
            outbox = Outbox(session)
            check.handle(message, session, outbox)
        message = ValidationRequested.model_validate(outbox.added[0].body) if outbox.added else None
    return time.monotonic() - started

"""Comparing two versions of a million images each, page by page as a client reads them.

VERSION_IMAGES (1,000,000) images a side, of which 1 % were added, 1 % removed and 1 % relabelled.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from functions.versions import diff
from shared.calls import Caller
from shared.database.transactions import set_caller, transaction
from shared.paging import Page
from shared.schemas.kinds import ListQuery
from shared.schemas.versions import VersionChange
from tests.databases import connect_to, migrate, temporary_server

_IMAGES = int(os.environ.get("VERSION_IMAGES", "1000000"))
_INDEXES = ("ix_version_images_version_id_sha256_leaf", "ix_version_images_version_id_image_id")
_ROWS = """
INSERT INTO version_images (version_id, sha256, image_id, label, split, license, leaf, record)
SELECT CAST(:version AS uuid), sha256(int4send(n)), uuidv7(n * interval '1 millisecond'), label,
    'train', 'CC0', sha256(sha256(int4send(n)) || convert_to(label, 'UTF8')),
    jsonb_build_object('original_url', 'https://example.org/photos/' || n || '.jpg',
        'file_size', n, 'width', 640, 'height', 480, 'format', 'jpeg', 'extension', 'jpg')
FROM (
    SELECT n, CASE WHEN mod(n, 100) = 7 THEN :label ELSE 'class ' || mod(n, 1000) END AS label
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n
) images
ORDER BY 2
"""


def measure() -> None:
    """Print seconds for all pages, the slowest page, and pages at the beginning and the end."""
    with temporary_server() as server:
        migrate(server.url)
        engine = connect_to(server.url)
        try:
            caller, before, after = _fill(engine)
            for again in ("cold", "warm"):
                _read(engine, caller, before, after, again)
            _read(engine, caller, before, before, "with itself")
        finally:
            engine.dispose()


def _fill(engine: Engine) -> tuple[Caller, UUID, UUID]:
    started = time.monotonic()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("max_wal_size = '8GB'", "synchronous_commit = off"):
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
        definitions = [
            connection.execute(text(f"SELECT pg_get_indexdef('{name}'::regclass)")).scalar_one()
            for name in _INDEXES
        ]
        for name in _INDEXES:
            connection.execute(text(f"DROP INDEX {name}"))
        user = connection.execute(
            text("INSERT INTO profiles (email) VALUES ('u@example.org') RETURNING id")
        ).scalar_one()
        moved = _IMAGES // 100
        versions = [_fill_version(connection, user, name, 1 + moved * name) for name in (0, 1)]
        for definition in definitions:
            connection.execute(text(definition))
        connection.execute(text("VACUUM ANALYZE version_images"))
        size = connection.execute(
            text("SELECT pg_size_pretty(pg_total_relation_size('version_images'))")
        ).scalar_one()
    print(f"  twice {_IMAGES:,} images ({size}) filled in {time.monotonic() - started:.0f} s")
    return Caller(id=user), versions[0], versions[1]


def _fill_version(connection: Connection, user: UUID, name: int, first: int) -> UUID:
    version = connection.execute(
        text("""
        WITH project AS (INSERT INTO projects (user_id, name) VALUES (:user, 'p') RETURNING id)
        INSERT INTO versions (project_id, name, status, hash, image_count, card)
        SELECT id, 'v', 'completed', :hash, :images, '{"name": "p"}' FROM project RETURNING id
        """),
        {"user": user, "hash": f"{name:064x}", "images": _IMAGES},
    ).scalar_one()
    row = {"version": version, "label": f"label {name}", "first": first}
    connection.execute(text(_ROWS), row | {"last": first + _IMAGES - 1})
    return UUID(str(version))


@contextmanager
def _as_caller(engine: Engine, caller: Caller) -> Iterator[Session]:
    with transaction(engine) as session:
        set_caller(session, caller.id)
        yield session


def _measure_processor(engine: Engine) -> float:
    """Return the seconds of processor time that this process and its one backend have used."""
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    spent = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _read(engine: Engine, caller: Caller, before: UUID, after: UUID, label: str) -> None:
    """Read all pages of 200, each in a transaction of its own."""
    times, changes, cursor = [], 0, None
    used = _measure_processor(engine)
    while True:
        started = time.monotonic()
        with _as_caller(engine, caller) as session:
            query = ListQuery(limit=200, cursor=cursor)
            page: Page[VersionChange] = diff.handle(before, after, query, caller, session)
        times.append(time.monotonic() - started)
        changes += len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    used = _measure_processor(engine) - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {label}: {changes:,} changes in {len(times)} pages, {sum(times):.2f} s in all"
        f" ({used:.2f} s of processor time, the database's included);"
        f" first page {times[0] * 1000:.0f} ms, last {times[-1] * 1000:.0f} ms, slowest"
        f" {max(times) * 1000:.0f} ms; {peak:.0f} MB, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )

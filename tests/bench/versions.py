"""Comparing two versions of a million images each, page by page over the API as a client reads it.

VERSION_IMAGES (1,000,000) images a side. In pages of 10,000, but for what says otherwise.
"""

import json
import os
import resource
import time
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from infra.local.hosts import make_gateway
from tests.databases import connect_to, migrate, temporary_server
from tests.harness import Mailbox, Person, make_system

_IMAGES = int(os.environ.get("VERSION_IMAGES", "1000000"))
_INDEXES = ("ix_version_images_version_id_sha256_leaf", "ix_version_images_version_id_image_id")
_KEY = """
ALTER TABLE version_images
    ADD CONSTRAINT pk_version_images PRIMARY KEY (version_id, sha256, image_id)
"""
# Each nth image has a label of its own.
_ROWS = """
INSERT INTO version_images (version_id, sha256, image_id, label, split, license, leaf, record)
SELECT CAST(:version AS uuid), sha256(int4send(n)), uuidv7(n * interval '1 millisecond'), label,
    'train', 'CC0', sha256(sha256(int4send(n)) || convert_to(label, 'UTF8')),
    jsonb_build_object('original_url', 'https://example.org/photos/' || n || '.jpg',
        'file_size', n, 'width', 640, 'height', 480, 'format', 'jpeg', 'extension', 'jpg')
FROM (
    SELECT n, CASE WHEN mod(n, :each) = 0 THEN 'new' ELSE 'class ' || mod(n, 1000) END AS label
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n
) images
"""
# What is different from the first version: where it begins, and which images are relabelled.
_VERSIONS = {
    "4 % added, 4 % removed, 3 % relabelled": (1 + _IMAGES // 25, 33),
    "1 % added, 1 % removed, 1 % relabelled": (1 + _IMAGES // 100, 100),
    "10 relabelled": (1, _IMAGES // 10),
    "all relabelled": (1, 1),
}


def measure() -> None:
    """Print seconds for all pages, the slowest page, and pages at the beginning and the end."""
    with temporary_server() as server:
        migrate(server.url)
        os.environ |= {
            "GOOGLE_CLOUD_PROJECT": "pixmill-test",
            "PIXMILL_BUCKET": "pixmill-test",
            "DATABASE_URL": server.url,
            "STORAGE_EMULATOR_HOST": "http://127.0.0.1:9",  # nothing is stored
            "PIXMILL_POOL_SIZE": "1",
        }
        person = replace(make_system(Mailbox()).person(), client=Client(make_gateway()))
        engine = connect_to(server.url)
        try:
            first, *others = _fill(engine, person.id)
            for name, other in zip(_VERSIONS, others, strict=True):
                for again in ("cold", "warm") if other == others[0] else ("warm",):
                    _read(person, first, other, f"{name}, {again}")
            for limit in (1000, 200):
                _read(person, first, others[0], f"the first in pages of {limit}", limit)
            _read(person, first, first, "none")
        finally:
            engine.dispose()


def _fill(engine: Engine, user: UUID) -> list[UUID]:
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
        connection.execute(text("ALTER TABLE version_images DROP CONSTRAINT pk_version_images"))
        wanted = [(1, _IMAGES + 1), *_VERSIONS.values()]
        versions = [_fill_version(connection, user, *one) for one in wanted]
        for definition in (_KEY, *definitions):
            connection.execute(text(definition))
        connection.execute(text("VACUUM ANALYZE version_images"))
        used = time.process_time()
        for version in versions:
            _digest(engine, version)
        used = time.process_time() - used
        connection.execute(text("VACUUM ANALYZE version_ranges"))
        sizes = connection.execute(
            text(
                "SELECT pg_size_pretty(pg_total_relation_size('version_images')),"
                " pg_size_pretty(pg_total_relation_size('version_ranges'))"
            )
        ).one()
    print(
        f"  {len(versions)} x {_IMAGES:,} images ({sizes[0]}, digests {sizes[1]}) filled in"
        f" {time.monotonic() - started:.0f} s, {used / len(versions):.1f} CPU-s each for digests",
        flush=True,
    )
    return versions


def _fill_version(connection: Connection, user: UUID, first: int, each: int) -> UUID:
    version = connection.execute(
        text("""
        WITH project AS (INSERT INTO projects (user_id, name) VALUES (:user, 'p') RETURNING id)
        INSERT INTO versions (project_id, name, status, hash, image_count, card)
        SELECT id, 'v', 'completed', id, :images, '{"name": "p"}' FROM project RETURNING id
        """),
        {"user": user, "images": _IMAGES},
    ).scalar_one()
    row = {"version": version, "each": each, "first": first, "last": first + _IMAGES - 1}
    connection.execute(text(_ROWS), row)
    return UUID(str(version))


def _digest(engine: Engine, version: UUID) -> None:
    from shared.versions.ranges import RangeDigests, insert_ranges
    from shared.versions.rows import read_leaves

    digests = RangeDigests()
    for content, leaf in read_leaves(engine, version):
        digests.add(content, leaf)
    with Session(engine) as session:
        insert_ranges(session, version, digests)
        session.commit()


def _measure_processor() -> float:
    """Return the seconds of processor time that this process and its one backend have used."""
    from shared.services import services

    with services().engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    spent = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _read(person: Person, before: UUID, after: UUID, label: str, limit: int = 10_000) -> None:
    """Read all pages, each by a request of its own, and decode them."""
    times, decoding, size, changes, cursor = [], 0.0, 0, 0, ""
    path = f"/v1/versions/{before}/diff/{after}?limit={limit}&cursor="
    used = _measure_processor()
    while cursor is not None:
        started = time.monotonic()
        answer = person.request("GET", path + cursor)
        answered = time.monotonic()
        times.append(answered - started)
        page = json.loads(answer.data)
        decoding += time.monotonic() - answered
        size += len(answer.data)
        changes += len(page["items"])
        cursor = page["next_cursor"]
    used = _measure_processor() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {label}: {changes:,} changes in {len(times)} pages of {size / 1e6:.0f} MB, answered in"
        f" {sum(times):.2f} s, decoded in {decoding:.2f} s"
        f" ({used:.2f} s of processor time, the database's included);"
        f" first page {times[0] * 1000:.0f} ms, last {times[-1] * 1000:.0f} ms, slowest"
        f" {max(times) * 1000:.0f} ms; {peak:.0f} MB, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )

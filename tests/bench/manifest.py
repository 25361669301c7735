"""Planning a manifest of a million rows: seconds, and the memory of the function's process."""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.databases import connect_to, migrate, temporary_server
from tests.memory import measure_growth

_ROWS = 1_000_000
_BUCKET = "pixmill-bench"


def measure() -> None:
    """Print figures for csv, packed csv and Parquet, as pandas and pyarrow write them."""
    from infra.emulators.storage import StorageServer
    from infra.emulators.storage.signing import create_service_account

    with tempfile.TemporaryDirectory() as folder, temporary_server() as server:
        account = Path(folder) / "account.json"
        create_service_account(account, "bench@bench.iam.gserviceaccount.com")
        migrate(server.url)
        with StorageServer(
            Path(folder) / "data", buckets=[_BUCKET], service_accounts=[account]
        ) as storage:
            environment = os.environ | {
                "GOOGLE_APPLICATION_CREDENTIALS": str(account),
                "GOOGLE_CLOUD_PROJECT": "bench",
                "PIXMILL_BUCKET": _BUCKET,
                "DATABASE_URL": server.url,
                "STORAGE_EMULATOR_HOST": storage.url,
            }
            for kind in ("csv", "csv.gz", "parquet"):
                name = Path(folder) / f"rows.{kind}"
                _write(name, kind)
                job = _add_job(server.url, f"{kind}")
                output = subprocess.run(
                    [sys.executable, "-m", "tests.bench.manifest", json.dumps(job), str(name)],
                    env=environment,
                    check=True,
                    stdout=subprocess.PIPE,
                ).stdout
                found = json.loads(output.splitlines()[-1])
                print(
                    f"  {kind}: {found['rows']:,} rows of {name.stat().st_size / 1e6:.0f} MB in "
                    f"{found['parts']} parts, {found['seconds']:.0f} s of CPU; "
                    f"{found['grown'] / 1e6:.0f} MB over the imports",
                    flush=True,
                )


def _write(path: Path, kind: str) -> None:
    import pandas as pd

    chance = random.Random(1)
    frame = pd.DataFrame(
        {
            "url": [
                f"https://img{n % 977}.example.com/{n:08d}/{chance.getrandbits(128):032x}.jpg"
                for n in range(_ROWS)
            ],
            "caption": [f"A cat on roof {n % 5000} of {n}" for n in range(_ROWS)],
            "similarity": [n % 1000 / 1000 for n in range(_ROWS)],
            "width": [n % 4000 for n in range(_ROWS)],
        }
    )
    if kind == "parquet":
        frame.to_parquet(path, row_group_size=_ROWS)
    else:
        frame.to_csv(path, index=False)


def _add_job(url: str, name: str) -> dict[str, str]:
    engine = connect_to(url)
    with engine.begin() as connection:

        def insert(statement: str, **values: Any) -> str:
            return str(connection.scalar(text(f"INSERT INTO {statement} RETURNING id"), values))

        user = insert("profiles (email) VALUES (:email)", email=f"{name}@x.org")
        project = insert("projects (user_id, name) VALUES (:u, 'b')", u=user)
        source = json.dumps({"type": "manifest", "uri": f"gs://{_BUCKET}/manifests/{project}/b"})
        options = json.dumps({"max_images": 1_000_000, "chunk_size": 1000})
        job = insert(
            "crawl_jobs (project_id, name, source, options) VALUES (:p, 'b', :s, :o)",
            p=project,
            s=source,
            o=options,
        )
    engine.dispose()
    return {"job": job, "name": f"manifests/{project}/b"}


def _plan(job: dict[str, str], path: str) -> None:
    """Plan a job in this process, as the two functions do message by message."""
    import time
    from uuid import UUID

    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401

    from functions.crawler import plan
    from functions.manifests import read
    from shared.messaging.messages import CrawlRequested, ManifestChunkReady
    from shared.runtime.unit_of_work import unit_of_work
    from shared.services import services

    class Quiet:
        def publish(self, envelopes: Any) -> list[Any]:
            return []

    services().built["publisher"] = Quiet()
    storage, settings, engine = services().storage, services().settings, services().engine
    with storage.open_write(job["name"], "text/csv") as stream, Path(path).open("rb") as file:
        while piece := file.read(1 << 20):
            stream.write(piece)
    with unit_of_work(None) as (session, outbox):
        plan.handle(CrawlRequested(crawl_job_id=UUID(job["job"])), session, outbox)
        waiting = [one.body for one in outbox.added]
    started, parts = time.process_time(), 0

    def read_all() -> None:
        nonlocal parts
        while waiting:
            message = ManifestChunkReady.model_validate(waiting.pop())
            with unit_of_work(None) as (session, outbox):
                chunk = read.prepare(message, session, outbox, settings)
            assert chunk is not None
            with unit_of_work(None) as (session, outbox):
                read.handle(chunk, engine, storage, settings, session, outbox)
                waiting.extend(one.body for one in outbox.added if "manifest" in one.topic)
            parts += 1

    grown = measure_growth(read_all)
    with engine.connect() as connection:
        statement = text("SELECT sum(url_count) FROM crawl_chunks WHERE crawl_job_id = :job")
        rows = int(connection.scalar(statement, {"job": job["job"]}) or 0)
    seconds = time.process_time() - started
    print(json.dumps({"rows": rows, "parts": parts, "seconds": seconds, "grown": grown}))


if __name__ == "__main__":
    _plan(json.loads(sys.argv[1]), sys.argv[2])

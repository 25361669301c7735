"""Exports of large images, composed and streamed: bytes and seconds, and what both cost."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import requests
from alembic import command
from alembic.config import Config
from PIL import Image
from sqlalchemy.orm import Session

from infra.emulators.storage import StorageServer
from infra.emulators.storage.signing import create_service_account
from shared.services import services
from tests import factories
from tests.databases import ALEMBIC, temporary_server
from tests.harness import Mailbox, Person, System, make_system
from tests.shared.imaging.photographs import encode_image

_IMAGES = 60
_SMALLEST, _LARGEST = 12_000_000, 30_000_000  # bytes
_BUCKET = "pixmill-bench"

# US dollars, us-central1 at list prices, and rates that are assumed: see the decision record.
_PUT = _COMPOSE = 5e-6
_GET = 0.4e-6
_SECOND = 2.9e-5  # of a function with one CPU and 2 GiB
_RATE = 60e6  # bytes a second, in and out
_IN_ONE_CALL = 16  # images that a call composes with what lies between them
_STREAMED_SECONDS = 0.002
# 16 puts of 30 ms one after the other and a call of 200 ms, for 8 groups at once.
_COMPOSED_SECONDS = (_IN_ONE_CALL * 0.03 + 0.2) / 8 / _IN_ONE_CALL
_BESIDE = 1_000  # bytes of headers and padding that are put for an image
_SIZES = (50_000, 300_000, 3_000_000, 20_000_000)


def stream(size: int) -> float:
    """Return the dollars of an image of `size` bytes that is read and written."""
    return _GET + (_STREAMED_SECONDS + size / _RATE) * _SECOND


def compose() -> float:
    """Return the dollars of an image that is looked up and composed, whatever its size."""
    return _PUT + _COMPOSE / _IN_ONE_CALL + _GET + _COMPOSED_SECONDS * _SECOND


def find_least_bytes() -> float:
    """Return the bytes from which composing an image is cheaper."""
    return (compose() - stream(0)) / _SECOND * _RATE


def measure() -> None:
    """Print the table of the decision record, then bytes and seconds against the emulator."""
    print(f"  composing is cheaper from {find_least_bytes() / 1e6:.1f} MB")
    for count in (1_000, 100_000, 1_000_000):
        for size in _SIZES:
            calls = count + -(-count // _IN_ONE_CALL)
            print(
                f"  {count:9,} of {size:10,} bytes: streamed {count:,} gets, "
                f"{count * size / 1e9:,.2f} GB, {count * stream(size):.4f} $; composed {count:,} "
                f"look-ups, {calls:,} puts and calls, {count * _BESIDE / 1e9:,.4f} GB, "
                f"{count * compose():.4f} $"
            )
    with _start_system() as (system, person, session):
        project = factories.project(session, person.id)
        total = 0
        for number in range(_IMAGES):
            size = _SMALLEST + (_LARGEST - _SMALLEST) * number // (_IMAGES - 1)
            data = _encode_noise(size, number)
            factories.store_image(
                session, project, data=data, format="png", mime_type="image/png", extras="none"
            )
            total += len(data)
        project_id = str(project.id)
        session.close()
        print(f"  {_IMAGES} images, {total / 1e6:,.0f} MB", flush=True)
        for kind in ("tar", "zip"):
            for least in (sys.maxsize, 0):
                _export(system, person, project_id, kind, least)


def _encode_noise(size: int, seed: int) -> bytes:
    """Return a PNG of about `size` bytes."""
    side = round((size / 3) ** 0.5)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return encode_image(Image.fromarray(pixels), "PNG", compress_level=0)


def _export(system: System, person: Person, project_id: str, kind: str, least: int) -> None:
    """Print what building the parts takes, by bytes to and from the bucket, and the whole."""
    settings = replace(services().settings, export_composed_bytes=least)
    services().built["settings"] = settings
    body = {"name": "large", "format": kind}
    job = person.post(f"/v1/projects/{project_id}/export-jobs", body, 202)
    plan = system.mailbox.take()
    for one in plan:
        system.deliver(one)
    with _Meter() as building:
        parts = system.mailbox.take()
        for one in parts:
            system.deliver(one)
    with _Meter() as finishing:
        system.drain()
    job = person.get(f"/v1/export-jobs/{job['id']}")
    assert job["status"] == "completed", job
    way = "composed" if least == 0 else "streamed"
    print(f"  {kind} {way}, {len(parts)} parts: {building}; joined: {finishing}", flush=True)
    print(f"    SHA-256 {job['sha256'][:16]}, {job['file_size']:,} bytes", flush=True)


class _Meter:
    """Counts seconds, CPU seconds of this process, and requests to the bucket with their bytes."""

    def __enter__(self) -> "_Meter":
        session = services().storage._bucket.client._http  # noqa: SLF001
        self._session, self._request = session, session.request
        self.requests = self.bytes = 0
        session.request = self._count
        self._clock, self._cpu = time.monotonic(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._session.request = self._request
        self.seconds = time.monotonic() - self._clock
        self.cpu = time.process_time() - self._cpu

    def _count(self, method: str, url: str, data: Any = None, **more: Any) -> requests.Response:
        answer: requests.Response = self._request(method, url, data=data, **more)
        self.requests += 1
        sent = len(data) if isinstance(data, bytes | str) else 0
        self.bytes += sent + int(answer.request.headers.get("Content-Length") or 0) * (not sent)
        self.bytes += int(answer.headers.get("Content-Length") or 0)
        return answer

    def __str__(self) -> str:
        return (
            f"{self.bytes / 1e6:,.1f} MB in {self.requests} requests, {self.seconds:.1f} s, "
            f"{self.cpu:.1f} CPU s"
        )


@contextmanager
def _start_system() -> Iterator[tuple[System, Person, Session]]:
    """Yield all functions in this process, and somebody who is signed in."""
    with tempfile.TemporaryDirectory() as folder, temporary_server() as server:
        account = Path(folder) / "account.json"
        create_service_account(account, "bench@pixmill-bench.iam.gserviceaccount.com")
        os.environ |= {
            "DATABASE_URL": server.url,
            "GOOGLE_APPLICATION_CREDENTIALS": str(account),
            "GOOGLE_CLOUD_PROJECT": "pixmill-bench",
            "PIXMILL_BUCKET": _BUCKET,
        }
        command.upgrade(Config(ALEMBIC), "head")
        data = Path(folder) / "data"
        with StorageServer(data, buckets=[_BUCKET], service_accounts=[account]) as bucket:
            os.environ["STORAGE_EMULATOR_HOST"] = bucket.url
            mailbox = Mailbox()
            system = make_system(mailbox)
            services().built["publisher"] = mailbox
            with Session(services().engine) as session:
                yield system, system.person(), session
            services().models.close()

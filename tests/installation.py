"""An installation that listens at an address, where everything is done as soon as it is asked."""

import threading
from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from infra.local.hosts import Environ, StartResponse
from shared.crawls.manifest_files import AWAITS_FILE
from shared.models import CrawlJob, Image, Model
from shared.services import services
from shared.storage.names import name_manifest, name_upload
from tests.harness import System


class Installation:
    """The gateway, where before each request all is done that waits, also for files that came."""

    def __init__(self, system: System, engine: Engine) -> None:
        self._system = system
        self._engine = engine
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self._catch_up()
        return self._system.client.application(environ, start_response)

    def _catch_up(self) -> None:
        with Session(self._engine) as session:
            models = session.scalars(select(Model.file_path).where(Model.status == "pending"))
            images = session.execute(
                select(Image.project_id, Image.id).where(Image.status == "processing")
            )
            manifests = session.execute(select(CrawlJob.project_id, CrawlJob.id).where(AWAITS_FILE))
            names = [
                *models,
                *(name_upload(project, image) for project, image in images),
                *(name_manifest(project, job) for project, job in manifests),
            ]
        for name in names:
            if services().storage.find(name) is not None:
                self._system.uploaded(name)
        self._system.drain()


@pytest.fixture
def address(system: System, engine: Engine) -> Iterator[str]:
    """Yield where an installation listens."""
    server = make_server("127.0.0.1", 0, Installation(system, engine), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()

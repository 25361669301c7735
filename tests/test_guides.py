"""The guides' code does what they say."""

import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from threadpoolctl import threadpool_limits
from werkzeug.serving import make_server

from infra.local.hosts import Environ, StartResponse
from shared.models import Image, Model
from shared.services import services
from shared.storage.names import name_upload
from tests.harness import System
from tests.sites import allow_sites, photo, serve

DOCS = Path(__file__).resolve().parent.parent / "docs"


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
            names = [*models, *(name_upload(project, image) for project, image in images)]
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


def test_the_walk_through_models(address: str, system: System) -> None:
    key = system.person().post("/v1/api-keys", {"name": "walk"})["key"]
    with threadpool_limits(1):  # where other tests run beside it, training on more takes long
        names, said = run_walk("models.md", address, key)
    model, truth = names["model"], names["truth"]
    assert model["status"] == "active"
    predicted = names["made"]["output_data"]["outputs"]["label"]
    assert sum(predicted == truth[:150]) > 135
    assert names["accuracy"] > 0.9
    best = names["seen"]["output_data"]["images"][0]["labels"][0]
    assert best["label"] == f"digit {truth[0]}"
    history = [(row["status"], row["batch_size"]) for row in names["history"]]
    assert history == [("success", 1), ("success", len(truth)), ("success", 150)]
    assert said[0].startswith(f"{model['id']} active None [{{'name': 'X'")
    assert len(said) == 8
    assert "models_verify" in said[-1]


def run_walk(name: str, address: str, key: str) -> tuple[dict[str, Any], list[str]]:
    """Run the Python of a guide; return its names and what it printed."""
    page = (DOCS / name).read_text()
    walk = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    for shown, actual in (("http://127.0.0.1:8080", address), ("pxk_…", key)):
        assert walk.count(shown) == 1
        walk = walk.replace(shown, actual)
    said: list[str] = []
    names: dict[str, Any] = {"print": lambda *values: said.append(" ".join(map(str, values)))}
    exec(compile(walk, f"docs/{name}", "exec"), names)  # noqa: S102
    return names, said


def test_the_consequences_of_a_verification(address: str, system: System) -> None:
    person = system.person()
    key = person.post("/v1/api-keys", {"name": "walk"})["key"]
    project = person.post("/v1/projects", {"name": "Animals"})["id"]
    with serve() as site, allow_sites(site):
        source = {"type": "urls", "urls": site.photos(3)}
        person.post(f"/v1/projects/{project}/crawl-jobs", {"name": "c", "source": source}, 202)
        system.drain()
        site.put("/photos/0.jpg", photo(0), headers=[("X-Robots-Tag", "noai")])
        del site.replies["/photos/1.jpg"]
        names, said = run_walk("verification.md", address, key)
    assert names["job"]["status"] == "completed"
    assert "'same_bytes': 1" in said[0]
    assert said[1:] == ["{'changed': 1, 'remaining': False}", "127.0.0.1 3 50.0"]
    (rejected,) = person.get(f"/v1/projects/{project}/images?rejected=true")["items"]
    assert rejected["original_url"].endswith("/photos/0.jpg")
    assert rejected["reject_reason"] == "opted out since"

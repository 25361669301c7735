"""The Open Inference Protocol as Triton's own client speaks it, over HTTP."""

import threading
from collections.abc import Iterator

import pytest
import tritonclient.http as triton
from werkzeug.serving import make_server

from infra.local import hosts
from tests.harness import Person, System
from tests.registry import register


@pytest.fixture(scope="session")
def address(functions: System) -> Iterator[str]:
    """Return the address at which the functions listen."""
    server = make_server("127.0.0.1", 0, hosts.make_gateway(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(address: str, system: System) -> Iterator[triton.InferenceServerClient]:
    """Triton's client."""
    client = triton.InferenceServerClient(address, network_timeout=60, connection_timeout=60)
    yield client
    client.close()


@pytest.fixture
def headers(person: Person, system: System) -> dict[str, str]:
    """Return an API key of somebody who has registered a classifier of digits."""
    register(person, system)
    return {"X-API-Key": person.post("/v1/api-keys", {"name": "triton"})["key"]}

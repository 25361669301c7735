"""Starting, stopping, killing and starting again."""

import signal
import socket
from collections.abc import Iterator

import pixmill
import psutil
import pytest
import requests
from pixmill import operations

from tests.stacks import RunningStack, temporary_state, wait_for_value


@pytest.fixture
def own() -> Iterator[RunningStack]:
    with temporary_state() as state:
        yield RunningStack(state, PIXMILL_PUBSUB="embedded")


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def project_of(stack: RunningStack, key: str) -> list[str]:
    headers = {"X-API-Key": key}
    found = requests.get(f"{stack.addresses.base_url}/v1/projects", headers=headers, timeout=30)
    return [project["name"] for project in found.json()["items"]]


def test_data_outlives_stops_and_kills(own: RunningStack) -> None:
    own.start()
    try:
        client = own.client()
        key = client.post("/v1/api-keys", {"name": "k"})["key"]
        client.post("/v1/projects", {"name": "kept"})
        before = own.addresses
        tree = own.tree()
        status, seconds = own.stop(signal.SIGINT)
        assert status == 0
        assert seconds < 25
        assert not [process for process in tree if is_alive(process)]

        own.start()
        assert own.addresses == before
        assert project_of(own, key) == ["kept"]
        own.kill()

        own.start()
        assert project_of(own, key) == ["kept"]
        status, seconds = own.stop(signal.SIGTERM)
        assert (status, seconds < 25) == (0, True)
    finally:
        own.close()


def ask_health(stack: RunningStack) -> str:
    with pixmill.Client(stack.addresses.base_url) as client:
        return client.send(operations.web_health())["status"]


def test_a_killed_parent_leaves_nothing_behind(own: RunningStack) -> None:
    own.start()
    tree = own.tree()
    try:
        assert own.process is not None
        own.process.kill()
        own.process.wait()
        # PostgreSQL ends at the next start.
        functions = [one for one in tree[1:] if "postgres" not in one.name()]
        wait_for_value(lambda: not any(is_alive(process) for process in functions), 10)
        own.start()
        assert ask_health(own) == "ok"
    finally:
        own.close()


def test_a_taken_port_is_explained(own: RunningStack, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own.port))
        taken.listen()
        with pytest.raises(AssertionError) as refused:
            own.start()
    assert f"Port {own.port} is taken" in str(refused.value)
    assert "PIXMILL_PORT" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_a_second_stack_in_the_same_place_is_refused(own: RunningStack) -> None:
    own.start()
    second = RunningStack(own.state, PIXMILL_PUBSUB="embedded")
    try:
        with pytest.raises(AssertionError) as refused:
            second.start()
        assert "PIXMILL_STATE" in str(refused.value)
        assert wait_for_value(lambda: ask_health(own))
    finally:
        own.close()

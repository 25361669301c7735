"""Metadata that a call looks up (key, model, alias, quota): its share, and what a cache saves."""

import socket
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.accounts.credentials import authenticate
from shared.calls import Caller
from shared.database.transactions import set_caller, transaction
from shared.inference.versions import find_version
from shared.queries.visible import visible_model, visible_models
from shared.quotas import lock_and_check_quota
from tests.databases import connect_to
from tests.registry import digits, digits_onnx
from tests.stacks import RunningStack, temporary_state, wait_for_value

_REPEATS = 300
_ENTRY = b"x" * 1500  # bytes: about a model's row


def measure() -> None:
    """Print medians, and each look-up's share of a prediction over HTTP."""
    with temporary_state() as state:
        stack = RunningStack(state, PIXMILL_PUBSUB="embedded").start()
        try:
            base, web = stack.addresses.base_url, requests.Session()
            account = {"email": "bench@example.com", "password": "a long password"}
            _send(web, "POST", f"{base}/v1/users", account)
            tokens = _send(web, "POST", f"{base}/v1/sessions", account)
            web.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            key = _send(web, "POST", f"{base}/v1/api-keys", {"name": "bench"})["key"]
            web.headers["Authorization"] = f"Bearer {key}"
            model_id = _register_person(web, base)
            _compare(web, base, stack.addresses.database_url, key, model_id)
        finally:
            stack.close()


def _send(web: requests.Session, method: str, url: str, body: Any = None) -> Any:
    answer = web.request(method, url, json=body, timeout=60)
    answer.raise_for_status()
    return answer.json()


def _register_person(web: requests.Session, base: str) -> UUID:
    data = digits_onnx()
    body = {
        "name": "digits",
        "model_type": "sklearn",
        "file_name": "digits.onnx",
        "file_size": len(data),
    }
    model = _send(web, "POST", f"{base}/v1/models", body)
    put = requests.put(model["upload_url"], data=data, headers=model["headers"], timeout=60)
    put.raise_for_status()
    own = f"{base}/v1/models/{model['id']}"
    wait_for_value(lambda: _send(web, "GET", own)["status"] == "active", 60)
    _send(web, "PUT", f"{base}/v1/models/by-name/digits/aliases/champion", {"version": 1})
    return UUID(model["id"])


def _compare(web: requests.Session, base: str, database: str, key: str, model_id: UUID) -> None:
    # The schema names the model's input; a client would read it there, too.
    schema = _send(web, "GET", f"{base}/v1/models/{model_id}")["input_schema"]
    inputs = {"inputs": {schema[0]["name"]: digits()[2][:1].tolist()}}
    predict = f"{base}/v1/models/{model_id}/predictions"
    found = {"a prediction over HTTP": _median(lambda: _send(web, "POST", predict, inputs))}
    engine = connect_to(database)
    try:
        with transaction(engine) as session:
            caller = authenticate(session, key)
            found["key to account"] = _median(lambda: authenticate(session, key))
            found["role of the caller"] = _median(lambda: set_caller(session, caller.id))
            for name, look_up in _look_ups(session, caller, model_id).items():
                found[name] = _median(look_up)
            found["a statement that reads nothing"] = _median(
                lambda: session.execute(text("SELECT 1")).all()
            )
    finally:
        engine.dispose()
    whole = found["a prediction over HTTP"]
    for name, ms in found.items():
        print(f"  {name:36} {ms:7.3f} ms  {ms / whole:6.1%}")
    hit = _median(_make_cached_query(), 100_000)
    print(f"  {'a hit in a dictionary with expiry':36} {hit:7.4f} ms  {hit / whole:6.2%}")
    echo = _echo()
    print(f"  {'an echo over loopback: Redis at best':36} {echo:7.3f} ms  {echo / whole:6.1%}")


def _look_ups(session: Session, caller: Caller, model_id: UUID) -> dict[str, Callable[[], object]]:
    def fresh(look_up: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            session.expunge_all()  # as a call begins
            return look_up()

        return run

    return {
        "model by id": fresh(lambda: visible_model(session, caller, model_id)),
        "model by alias": fresh(lambda: find_version(session, caller, "digits", "champion")),
        "model by name: latest": fresh(lambda: find_version(session, caller, "digits", "latest")),
        "quota of models (when one is made)": lambda: lock_and_check_quota(
            session, caller, visible_models(caller), 1000, "models"
        ),
    }


def _median(call: Callable[[], object], repeats: int = _REPEATS) -> float:
    """Milliseconds, after a tenth of the calls to warm up; a busy machine shows in all alike."""
    for _ in range(repeats // 10):
        call()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def _make_cached_query() -> Callable[[], object]:
    held = {f"pxk_{n}": (time.monotonic() + 60, _ENTRY) for n in range(10_000)}

    def hit() -> object:
        until, entry = held["pxk_77"]
        return entry if until > time.monotonic() else None

    return hit


def _echo() -> float:
    """A request of 60 bytes and an answer like an entry, by a thread that does nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while connection.recv(100):
                    connection.sendall(_ENTRY)

        thread = threading.Thread(target=serve)
        thread.start()
        with socket.create_connection(server.getsockname()) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def ask() -> None:
                client.sendall(b"k" * 60)
                left = len(_ENTRY)
                while left:
                    left -= len(client.recv(left))

            took = _median(ask)
        thread.join()
    return took

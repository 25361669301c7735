"""Predicting over HTTP against the same model inside one's own process."""

import json
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import onnxruntime
import requests

from tests.registry import digits, digits_onnx
from tests.stacks import RunningStack, StackClient, temporary_state, wait_for_value

_CALLS = 200
_BATCHES = (1, 32)


def measure() -> None:
    """Print milliseconds: p50 and p95 of a call, what the model took of it, and its peers'."""
    session = onnxruntime.InferenceSession(digits_onnx())
    with temporary_state() as state:
        stack = RunningStack(state)
        try:
            client = stack.start().client()
            address = f"/v1/models/{_register_model(client)}"
            ask = partial(_ask, client, HTTPConnection(urlsplit(stack.addresses.base_url).netloc))
            plain, _ = _times(partial(ask, "GET", address))
            print(f"  GET of the model's row: p50 {median(plain):.1f} ms")
            for batch in _BATCHES:
                images = digits()[2][:batch]
                alone, _ = _times(partial(session.run, None, {"X": images}))
                body = json.dumps({"inputs": {"X": images.tolist()}})
                ours, answers = _times(partial(ask, "POST", f"{address}/predictions", body))
                model = median(one["inference_time_ms"] for one in answers)
                print(
                    f"  batch {batch:2}: p50 {median(ours):5.1f} ms, p95 "
                    f"{quantiles(ours, n=20)[-1]:5.1f} ms ({median(ours) / median(plain):.1f} x "
                    f"the GET), of it the model {model:.2f} ms; onnxruntime in-process "
                    f"{median(alone):.3f} ms: {median(ours) / median(alone):,.0f} x"
                )
        finally:
            stack.close()


def _register_model(client: StackClient) -> str:
    data = digits_onnx()
    about = {"name": "digits", "model_type": "sklearn", "file_name": "digits.onnx"}
    model = client.post("/v1/models", about | {"file_size": len(data)})
    requests.put(
        model["upload_url"], data=data, headers=model["headers"], timeout=60
    ).raise_for_status()
    address = f"/v1/models/{model['id']}"
    wait_for_value(lambda: client.get(address)["status"] == "active", 60)
    return str(model["id"])


def _ask(
    client: StackClient, connection: HTTPConnection, method: str, path: str, body: str | None = None
) -> Any:
    """Return the JSON of an answer, over one connection that is kept open."""
    headers = {
        "Authorization": client.authorization,
        "Content-Type": "application/json",
    }
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert response.status in (200, 201), answer
    return answer


def _times(call: Callable[[], Any]) -> tuple[list[float], list[Any]]:
    """Milliseconds of many calls one after the other, after some to warm up; their results."""
    for _ in range(10):
        call()
    times, results = [], []
    for _ in range(_CALLS):
        started = time.perf_counter()
        results.append(call())
        times.append((time.perf_counter() - started) * 1000)
    return times, results

"""One account's work beside others': how long these wait, alone and next to a backlog."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from statistics import median
from typing import Any

import pixmill
import requests
from sqlalchemy import create_engine, text

from shared.database.driver import to_pg8000_url
from tests.measured_host import measure_host
from tests.registry import digits_onnx
from tests.shared.inference.hostile import patient
from tests.sites import photo
from tests.stacks import RunningStack, temporary_state, wait_for_value

_OTHERS = 49
_BACKLOG = 10_000  # chunks of one account
_SLOW = 10  # crawls of a slow site
_PREDICTIONS, _CALLS = 24, 34  # of a model that loops, to be made later and at once
_STARTS = text("""
    SELECT extract(epoch FROM min(chunk.started_at) - job.created_at)
    FROM crawl_jobs job LEFT JOIN crawl_chunks chunk ON chunk.crawl_job_id = job.id
    WHERE job.id = ANY(CAST(:ids AS uuid[])) GROUP BY job.id
""")


def measure() -> None:
    """Print seconds from a request to the begin of its work."""
    with (
        temporary_state() as state,
        measure_host(0.02, body=lambda _: photo(1)) as fast,
        measure_host(10, body=lambda _: photo(2)) as slow,
    ):
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=f"{fast.name},{slow.name}",
            PIXMILL_CRAWL_HOST_LIMITS=f"{fast.name}=200,{slow.name}=8",
        ).start()
        try:
            _measure_backlog(stack, fast.url)
            _measure_slow_site(stack, fast.url, slow.url)
            _measure_predictions(stack)
        finally:
            stack.close()


def _measure_backlog(stack: RunningStack, url: Callable[[str], str]) -> None:
    others = [_Account(stack) for _ in range(_OTHERS)]
    alone = _time_starts(stack, others, [url(f"/{n}.jpg") for n in range(4)])
    large = _Account(stack)
    job = large.crawl([url(f"/backlog/{n}.jpg") for n in range(_BACKLOG)], chunk_size=1)
    wait_for_value(lambda: large.client.get(f"/v1/crawl-jobs/{job}")["completed_chunks"] > 20, 300)
    beside = _time_starts(stack, others, [url(f"/{n}.jpg?again") for n in range(4)])
    state = large.client.get(f"/v1/crawl-jobs/{job}")
    print(
        f"  {_OTHERS} accounts, a crawl each: the first chunk begins after {_describe(alone)};"
        f" beside one account's {_BACKLOG:,} chunks, {state['completed_chunks']} of them done,"
        f" after {_describe(beside)}: {median(beside) / median(alone):.2f} x the median,"
        f" {max(beside) / max(alone):.2f} x the longest",
        flush=True,
    )
    large.cancel(job)


def _measure_slow_site(
    stack: RunningStack, fast: Callable[[str], str], slow: Callable[[str], str]
) -> None:
    many, other = _Account(stack), _Account(stack)
    jobs = [many.crawl([slow(f"/{job}/{n}.jpg") for n in range(200)]) for job in range(_SLOW)]
    wait_for_value(lambda: many.count_active(jobs) >= 3, 60)
    (seconds,) = _time_starts(stack, [other], [fast("/other.jpg")])
    print(f"  {_SLOW} crawls of a slow site: another account's crawl begins after {seconds:.1f} s")
    for job in jobs:
        many.cancel(job)


def _measure_predictions(stack: RunningStack) -> None:
    many, other = _Account(stack), _Account(stack)
    loop, digits = many.register(patient(), "loop"), other.register(digits_onnx(), "digits")
    loops = {"inputs": {"x": [[1e12, 1, 1, 1]]}}
    for _ in range(_PREDICTIONS):
        many.predict_later(loop, loops)
    started = time.monotonic()
    prediction = other.predict_later(digits, {"inputs": {"X": [[0.0] * 64]}})
    wait_for_value(
        lambda: other.client.get(f"/v1/predictions/{prediction}")["status"] != "pending", 300
    )
    print(
        f"  {_PREDICTIONS} predictions of a looping model wait: another account's is made after"
        f" {time.monotonic() - started:.1f} s"
    )
    threads = [
        threading.Thread(target=many.try_to_predict, args=(loop, loops), daemon=True)
        for _ in range(_CALLS)
    ]
    for thread in threads:
        thread.start()
    health: list[float] = []
    while any(thread.is_alive() for thread in threads) and len(health) < 40:
        started = time.monotonic()
        requests.get(f"{stack.addresses.base_url}/healthz", timeout=120)
        health.append(time.monotonic() - started)
        time.sleep(0.25)
    print(f"  {_CALLS} calls of it at once: /healthz answers after {_describe(health)}")


def _time_starts(
    stack: RunningStack, accounts: Sequence["_Account"], urls: list[str]
) -> list[float]:
    """Return the seconds from each account's request to the first lease of its crawl."""
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda one=account: ids.append(one.crawl(urls)))
        for account in accounts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    address, arguments = to_pg8000_url(stack.addresses.database_url)
    engine = create_engine(address, connect_args=arguments)

    def read() -> list[float] | None:
        with engine.connect() as connection:
            found = connection.scalars(_STARTS, {"ids": ids}).all()
        return None if None in found else [float(one) for one in found]

    try:
        found: list[float] = wait_for_value(read, 600)
        return found
    finally:
        engine.dispose()


def _describe(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.2f} s (median; longest {max(seconds):.2f} s)"


class _Account:
    """Somebody with a project."""

    def __init__(self, stack: RunningStack) -> None:
        self.client = client = stack.client()
        self.base_url, self.key = stack.addresses.base_url, client.authorization
        self.project = client.post("/v1/projects", {"name": "fair"})["id"]

    def crawl(self, urls: list[str], **options: Any) -> str:
        """Begin a crawl; return its id."""
        body = {
            "name": "fair",
            "source": {"type": "urls", "urls": urls},
            "options": {"variants": [], "validate": None, "respect_robots": False, **options},
        }
        return str(self.client.post(f"/v1/projects/{self.project}/crawl-jobs", body)["id"])

    def cancel(self, job: str) -> None:
        """Cancel a crawl, unless it is too busy for that: it does not matter what becomes of it."""
        with suppress(pixmill.ServerFailed):
            self.client.post(f"/v1/crawl-jobs/{job}/cancel")

    def count_active(self, jobs: Sequence[str]) -> int:
        """Return how many chunks of crawls have a worker."""
        return sum(self.client.get(f"/v1/crawl-jobs/{one}")["active_chunks"] for one in jobs)

    def register(self, data: bytes, name: str) -> str:
        """Register an ONNX model; return its address when it serves."""
        about = {
            "name": name,
            "model_type": "sklearn",
            "file_name": "m.onnx",
            "file_size": len(data),
        }
        model = self.client.post("/v1/models", about)
        requests.put(
            model["upload_url"], data=data, headers=model["headers"], timeout=60
        ).raise_for_status()
        address = f"/v1/models/{model['id']}"
        wait_for_value(lambda: self.client.get(address)["status"] == "active", 60)
        return address

    def predict(self, address: str, body: dict[str, Any], **headers: str) -> Any:
        """Ask for a prediction; return the answer's JSON, whatever it is."""
        sent = {"Authorization": self.key, **headers}
        url = self.base_url + address + "/predictions"
        return requests.post(url, json=body, headers=sent, timeout=120).json()

    def try_to_predict(self, address: str, body: dict[str, Any]) -> None:
        """Ask for a prediction, which the end of the stack may cut off."""
        with suppress(requests.RequestException):
            self.predict(address, body)

    def predict_later(self, address: str, body: dict[str, Any]) -> str:
        """Ask for a prediction that is made later; return its id."""
        return str(self.predict(address, body, Prefer="respond-async")["id"])

"""A crawl of 200 chunks as one host sees it: requests at a time and a second, by all workers."""

import time
from functools import cache

from tests.measured_host import MeasuredHost, measure_host
from tests.sites import photo
from tests.stacks import RunningStack, await_job, temporary_state

_CHUNKS, _IMAGES = 200, 2  # images of each chunk
_LIMITS = ("8", "8:40", "2:20")  # requests at a time, requests a second


def measure() -> None:
    """Print what the host measured under several limits."""
    for limit in _LIMITS:
        with measure_host(0.05, body=_find_body) as host:
            seconds, job = _crawl(host, limit)
            print(
                f"  limit {limit:>5}: {job['total_chunks']} chunks,"
                f" {job['downloaded_images']} images, {len(host.times)} requests in"
                f" {seconds:.0f} s, {host.busiest} at a time,"
                f" {host.busiest_second()} in the busiest second"
            )


def _crawl(host: MeasuredHost, limit: str) -> tuple[float, dict[str, object]]:
    with temporary_state() as state:
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=host.name,
            PIXMILL_CRAWL_HOST_LIMITS=f"{host.name}={limit}",
        ).start()
        try:
            client = stack.client()
            project = client.post("/v1/projects", {"name": "manners"})["id"]
            body = {
                "name": "manners",
                "source": {
                    "type": "urls",
                    "urls": [host.url(f"/{n}.jpg") for n in range(_CHUNKS * _IMAGES)],
                },
                "options": {"chunk_size": _IMAGES, "variants": [], "validate": None},
            }
            started = time.monotonic()
            job_id = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
            job = await_job(client, f"/v1/crawl-jobs/{job_id}", 900)
            return time.monotonic() - started, job
        finally:
            stack.close()


@cache
def _find_body(path: str) -> bytes:
    """Return a photograph for each number, told apart by bytes behind the picture."""
    number = int("0" + "".join(filter(str.isdigit, path)))
    return photo(number % 96) + number.to_bytes(4, "big")

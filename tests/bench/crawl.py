"""A crawl through the whole local stack: requests, messages, decoding, storage, rows."""

import time

from tests.sites import photo, serve
from tests.stacks import RunningStack, await_job, temporary_state

_IMAGES = 1000


def measure() -> None:
    """Print images per second, from the request to the completed job."""
    with serve() as site, temporary_state() as state:
        urls = [site.put(f"/{n}.jpg", photo(n, side=512)) for n in range(96)]
        # The same photographs under many addresses, told apart by a comment after the picture.
        bodies = [site.replies[url.removeprefix(site.base_url)].body for url in urls]
        urls = [
            site.put(f"/{n}.jpg", bodies[n % 96] + n.to_bytes(4, "big")) for n in range(_IMAGES)
        ]
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=site.base_url.removeprefix("http://"),
            PIXMILL_CRAWL_PER_HOST="32",
        ).start()
        try:
            client = stack.client()
            project = client.post("/v1/projects", {"name": "bench"})["id"]
            body = {
                "name": "bench",
                "source": {"type": "urls", "urls": urls},
                "options": {"respect_robots": False},
            }
            started = time.monotonic()
            job_id = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
            job = await_job(client, f"/v1/crawl-jobs/{job_id}", 600)
            seconds = time.monotonic() - started
            report = client.get(f"/v1/crawl-jobs/{job_id}/report")
        finally:
            stack.close()
    size = report["total_bytes"] / _IMAGES / 1000
    print(
        f"  {job['downloaded_images']} images of {size:.0f} kB in {seconds:.1f} s: "
        f"{_IMAGES / seconds:.0f} images/s"
    )

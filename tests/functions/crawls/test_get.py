"""Showing a crawl job."""

from collections.abc import Callable

from tests.harness import System


def test_somebody_elses_job_is_absent(system: System, start: Callable[..., str]) -> None:
    job_id = start(["https://example.com/cat.jpg"])
    stranger = system.person()
    for method, path in (
        ("GET", ""),
        ("GET", "/chunks"),
        ("GET", "/report"),
        ("POST", "/cancel"),
        ("POST", "/retry"),
    ):
        response = stranger.request(method, f"/v1/crawl-jobs/{job_id}{path}")
        assert response.status_code == 404, path

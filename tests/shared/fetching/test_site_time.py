"""Files about a site that hang or lead nowhere hold its images up for a bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.fetching.client import Fetcher, FetchRequest
from tests.shared.fetching.conftest import RESERVATIONS

Make = Callable[..., Fetcher]


def fetch(site: Any, fetcher: Make, **options: Any) -> Any:
    site.on("/image", b"pixels")
    client = fetcher(site, site_time=0.5, total_timeout=60, **options)
    deadline = time.monotonic() + 40  # comes first where nothing else ends it
    (result,) = client.fetch_all([FetchRequest(site.url("/image"))], deadline=deadline)
    return result


def hang(handler: Any) -> None:
    handler.server.released.wait(120)


def test_a_reservation_that_hangs_says_nothing(site: Any, fetcher: Make) -> None:
    site.routes[RESERVATIONS] = hang
    result = fetch(site, fetcher)
    assert result.body == b"pixels"


def test_licences_that_hang_say_nothing_and_not_all_are_asked_for(site: Any, fetcher: Make) -> None:
    lines = "".join(f"License: /licence{number}\n" for number in range(5))
    site.on("/robots.txt", f"User-agent: *\n{lines}".encode())
    for number in range(5):
        site.routes[f"/licence{number}"] = hang
    result = fetch(site, fetcher)
    assert result.body == b"pixels"
    assert 2 <= sum(site.hits[f"/licence{number}"] for number in range(5)) <= 3


@pytest.mark.parametrize("seconds", [0.2, 60])
def test_robots_that_lead_on_and_on_end_with_a_reason(
    site: Any, fetcher: Make, seconds: float
) -> None:
    def lead_on(handler: Any) -> None:
        handler.server.released.wait(seconds)
        number = int(handler.path.partition("?")[2] or 0)
        handler.reply(b"", 302, Location=f"/robots.txt?{number + 1}")

    site.routes["/robots.txt"] = lead_on
    result = fetch(site, fetcher, max_redirects=1000)
    assert (result.error.reason, result.error.retryable) == ("timeout", True)
    assert "robots.txt could not be read: not complete after 0.5 s" in result.error.detail
    assert site.hits["/image"] == 0

"""The outcome of each answer."""

import pytest

from shared.fetching.exchange import Failure, explain_status
from shared.imaging.limits import ImageRejected
from shared.verifications.rules import judge_failure, judge_picture, judge_rejection


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "gone") for status in (404, 410, 451)),
        *((status, "unreachable") for status in (400, 401, 403, 408, 418, 429, 500, 503, 520)),
    ],
)
def test_statuses(status: int, outcome: str) -> None:
    verdict = judge_failure(explain_status(status))
    assert (verdict.outcome, verdict.http_status) == (outcome, status)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        *((one, "unreachable") for one in ("timeout", "connect_error", "dns_error", "tls_error")),
        *((one, "unreachable") for one in ("connection_reset", "bad_response", "deadline")),
        *((one, "gone") for one in ("no_such_host", "empty", "too_many_redirects", "bad_url")),
        *((one, "gone") for one in ("blocked_address", "blocked_port", "unsupported_scheme")),
        ("too_large", "different_picture"),
        ("robots", "opted_out"),
        ("opted_out", "opted_out"),
    ],
)
def test_failures_without_a_status(reason: str, outcome: str) -> None:
    verdict = judge_failure(Failure(reason, "so it is"))
    assert (verdict.outcome, verdict.reason, verdict.detail) == (outcome, reason, "so it is")


def test_a_header_that_opts_out_comes_with_a_status() -> None:
    assert judge_failure(Failure("opted_out", "noai", 200)).outcome == "opted_out"


def test_a_robots_file_that_cannot_be_read_is_no_wish() -> None:
    assert judge_failure(Failure("robots", "500", 500, True)).outcome == "unreachable"


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("not_an_image", "gone"),
        ("empty", "gone"),
        ("unsupported_format", "different_picture"),
        ("too_many_pixels", "different_picture"),
        ("truncated", "different_picture"),
        ("decode_error", "different_picture"),
    ],
)
def test_bytes_that_are_no_picture(reason: str, outcome: str) -> None:
    error = ImageRejected(reason, "it is none")  # type: ignore[arg-type]
    verdict = judge_rejection(error, "text/html", 200)
    assert (verdict.outcome, verdict.reason, verdict.http_status) == (outcome, reason, 200)
    assert verdict.detail == "it is none, served as text/html"


@pytest.mark.parametrize(
    ("distance", "outcome"),
    [(0, "same_picture"), (4, "same_picture"), (5, "different_picture")],
)
def test_pictures(distance: int, outcome: str) -> None:
    verdict = judge_picture(distance, 4)
    assert (verdict.outcome, verdict.distance) == (outcome, distance)


def test_a_stored_image_without_a_hash() -> None:
    assert judge_picture(None, 16).outcome == "different_picture"

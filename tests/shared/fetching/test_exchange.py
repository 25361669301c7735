"""Headers that ask for something, and libcurl's codes as reasons."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pycurl
import pytest

from shared.fetching.exchange import explain_curl_error
from shared.fetching.headers import parse_retry_after


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("120", 120.0), ("0", 0.0), ("", None), ("soon", None), ("-5", None), ("1.5", None)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 99 Foo 2015", None),
    ],
)
def test_retry_after(value: str, expected: float | None) -> None:
    assert parse_retry_after({"retry-after": value}) == expected


def test_retry_after_reads_dates() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = parse_retry_after({"retry-after": moment})
    assert seconds is not None
    assert 85 < seconds <= 90


def test_unknown_codes_are_bad_responses() -> None:
    assert explain_curl_error(pycurl.E_COULDNT_RESOLVE_HOST, "x").reason == "dns_error"
    assert explain_curl_error(pycurl.E_RECV_ERROR, "x").retryable
    failure = explain_curl_error(999, "what?")
    assert (failure.reason, failure.detail, failure.retryable) == ("bad_response", "what?", False)

"""Log lines as Cloud Logging reads them, without secrets."""

import json
import logging
from typing import Any

import pytest

from shared.accounts.credentials import new_token
from shared.accounts.prefixes import API_KEY
from shared.logs import JsonFormatter, add_log_fields, redact

pytestmark = pytest.mark.usefixtures("environment")


def log_line(message: str, *args: object, **more: Any) -> dict[str, Any]:
    """Return a line as it would be printed, read back."""
    log = logging.getLogger("tests.logs")
    cause = more.pop("exc_info", None)
    record = log.makeRecord(
        log.name, logging.WARNING, __file__, 1, message, args, cause, extra=more or None
    )
    printed = JsonFormatter().format(record)
    assert "\n" not in printed
    shown: dict[str, Any] = json.loads(printed)
    return shown


def test_fields_that_cloud_logging_knows() -> None:
    with add_log_fields(function="images_get", trace="0af7651916cd43dd8448eb211c80319c", none=None):
        line = log_line("took %d ms", 5, fields={"status": 200})
    assert line["severity"] == "WARNING"
    assert line["message"] == "took 5 ms"
    assert line["time"].endswith("+00:00")
    trace = "projects/pixmill-test/traces/0af7651916cd43dd8448eb211c80319c"
    assert line["logging.googleapis.com/trace"] == trace
    assert (line["function"], line["status"]) == ("images_get", 200)
    assert "none" not in line
    assert "trace" not in line


def test_fields_end_with_their_block() -> None:
    with add_log_fields(job="1"):
        with add_log_fields(chunk="2"):
            line = log_line("inside")
            assert (line["job"], line["chunk"]) == ("1", "2")
        assert "chunk" not in log_line("between")
    assert "job" not in log_line("after")


SIGNED = (
    "https://storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256"
    "&X-Goog-Credential=pixmill%40p.iam%2F20260131&X-Goog-Expires=900&X-Goog-Signature={}"
)
SECRET = "s3cr3t"
TEXTS = [
    f"the token pxa_{SECRET} was used",
    f"pxr_{SECRET}",
    f'{{"key": "pxk_{SECRET}"}}',
    f"whsec_{SECRET}+/=",
    f"Authorization: Bearer {SECRET}",
    f"authorization: bearer   {SECRET}, and more",
    SIGNED.format(SECRET),
    SIGNED.format(SECRET).lower(),
    f"postgresql://user:{SECRET}@10.0.0.1:5432/pixmill",
    f"https://someone:{SECRET}@example.com/a.jpg",
]


@pytest.mark.parametrize("text", TEXTS)
def test_no_secret_survives_anywhere_in_a_line(text: str) -> None:
    with add_log_fields(resource=text):
        try:
            raise RuntimeError(text)
        except RuntimeError as error:
            line = log_line(
                "failed: %s",
                text,
                exc_info=(type(error), error, error.__traceback__),
                fields={"url": text, "error": error, "list": [{"x": text}], "n": None},
            )
    assert SECRET not in json.dumps(line)
    assert "***" in line["message"]
    assert "***" in line["exception"]


def test_what_is_no_secret_stays() -> None:
    for text in (
        "GET /v1/images/01a1fbd1 200",
        "http://example.com:8080/a?b=c@d",
        "prefix pxk and pxa",
        "mail to ada@example.com",
        "a ratio of 3:4 at 5@6",
    ):
        assert redact(text) == text
    key = new_token(API_KEY)
    assert redact(f"key {key.text} ok") == "key pxk_*** ok"

"""Structured JSON logs as Cloud Logging reads them, with the ids of the call; never a secret."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from shared.settings import load_settings

_fields: ContextVar[dict[str, str] | None] = ContextVar("log_fields", default=None)

# Tokens and keys of ours, bearer headers, signatures in signed addresses, passwords in URLs.
_SECRETS = re.compile(
    r"(px[ark]_)[A-Za-z0-9_-]+"
    r"|(whsec_)[A-Za-z0-9+/=_-]+"
    r"|((?i:bearer) +)[^\s\"',]+"
    r"|((?i:X-Goog-(?:Signature|Credential)=))[^&\s\"']+"
    r"|(://[^:/@\s]+:)[^@/\s]+(?=@)"
)


def redact(text: str) -> str:
    """Return the text with every secret that has a known shape replaced by `***`."""
    return _SECRETS.sub(
        lambda match: next(group for group in match.groups() if group is not None) + "***", text
    )


@contextmanager
def add_log_fields(**fields: str | None) -> Iterator[None]:
    """Add fields to every line logged inside the block by this thread."""
    known = {name: value for name, value in fields.items() if value is not None}
    token = _fields.set({**(_fields.get() or {}), **known})
    try:
        yield
    finally:
        _fields.reset(token)


class JsonFormatter(logging.Formatter):
    """One JSON object per line, with Cloud Logging's special field names."""

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(_fields.get() or {})
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if trace := fields.pop("trace", None):
            line["logging.googleapis.com/trace"] = (
                f"projects/{load_settings().project}/traces/{trace}"
            )
        line |= fields
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(_redact_value(line))


def _redact_value(value: Any) -> Any:
    """Redact text by text: in finished JSON a secret's end is not told from the next field."""
    match value:
        case dict():
            return {str(name): _redact_value(one) for name, one in value.items()}
        case list() | tuple() | set():
            return [_redact_value(one) for one in value]
        case None | bool() | int() | float():
            return value
    return redact(str(value))


def configure_logs() -> None:
    """Send this process's log to standard output as JSON lines. Safe to call again."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    # Whoever else listens (a test, a tracer) stays; plain text on the same stream does not.
    for other in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(load_settings().log_level)

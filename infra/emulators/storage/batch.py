"""Batches: several JSON API requests without media in one multipart/mixed request.

https://cloud.google.com/storage/docs/batch
"""

import secrets
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from io import BytesIO
from urllib.parse import urlsplit

from werkzeug import Request, Response

from infra.emulators.storage.call import Call
from infra.emulators.storage.errors import Invalid

_BODY_LIMIT = 10 * 1024 * 1024  # bytes
_CALL_LIMIT = 1000  # what the client library sends at most


def run(call: Call, answer: Callable[[Call], Response]) -> Response:
    """Answers each part in order with `answer`; one failing does not stop the others."""
    head = b"Content-Type: " + call.request.headers.get("Content-Type", "").encode("latin-1")
    envelope = BytesParser().parsebytes(head + b"\r\n\r\n" + call.body(_BODY_LIMIT))
    parts = envelope.get_payload()
    if not isinstance(parts, list) or not 1 <= len(parts) <= _CALL_LIMIT:
        raise Invalid(f"A batch is multipart/mixed content with 1 to {_CALL_LIMIT} requests.")
    boundary = f"batch_{secrets.token_hex(16)}"
    body = b""
    for number, part in enumerate(parts):
        response = answer(Call(_request(part), call.emulator))
        content_id = part.get("Content-ID", f"<{number}>").strip("<>\r\n ")
        body += (
            f"--{boundary}\r\nContent-Type: application/http\r\n"
            f"Content-ID: <response-{content_id}>\r\n\r\n"
            f"HTTP/1.1 {response.status_code} {_phrase(response.status_code)}\r\n"
        ).encode("latin-1", "replace")
        for name, value in response.headers:
            body += f"{name}: {value}\r\n".encode("latin-1")
        body += b"\r\n" + response.get_data() + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return Response(body, content_type=f"multipart/mixed; boundary={boundary}")


def _request(part: Message) -> Request:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise Invalid("A part of a batch must be application/http.")
    line, _, rest = payload.partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) != 3:
        raise Invalid("A part of a batch must begin with a request line.")
    method, url, _ = words
    target = urlsplit(url)
    if not target.path.startswith("/storage/v1/") or "alt=media" in target.query:
        raise Invalid("A batch holds JSON API requests without media.")
    message = BytesParser().parsebytes(rest)
    body = message.get_payload(decode=True)
    body = body if isinstance(body, bytes) else b""
    return Request(
        {
            "REQUEST_METHOD": method,
            "RAW_URI": target.path + (f"?{target.query}" if target.query else ""),
            "QUERY_STRING": target.query,
            "CONTENT_TYPE": message.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "http",
        }
    )


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"

"""Requests as the handlers see them, and JSON answers."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from werkzeug import Request, Response

from infra.emulators.storage.conditions import Conditions, parse_integer
from infra.emulators.storage.content import PIECE
from infra.emulators.storage.errors import ApiError, InvalidArgument
from infra.emulators.storage.objects import Source

if TYPE_CHECKING:
    from infra.emulators.storage.emulator import Emulator

_JSON_LIMIT = 1024 * 1024  # bytes
_DRAIN_LIMIT = 1024 * 1024 * 1024  # bytes


class Call:
    """A request with its path taken apart before percent-decoding, so %2F is part of a name."""

    def __init__(self, request: Request, emulator: "Emulator") -> None:
        self.request = request
        self.emulator = emulator
        target = request.environ["RAW_URI"]
        if not target.startswith("/"):  # absolute form, RFC 9112 §3.2.2
            target = "/" + target.partition("://")[2].partition("/")[2]
        self.raw_path, _, self.raw_query = target.partition("?")
        self._failure: tuple[int, ApiError] | None = None

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Query parameters; of repeated ones the first."""
        return self.request.args.to_dict()

    @property
    def conditions(self) -> Conditions:
        """The preconditions in the query."""
        return Conditions.from_query(self.query)

    def make_source(self, bucket: str, name: str) -> Source:
        """Return the object that the path and query name."""
        return Source(bucket, name, parse_integer(self.query, "generation"), self.conditions)

    def read_json(self) -> dict[str, Any]:
        """Return the body, a JSON object; an empty body is an empty object."""
        return parse_json(self.read_body(_JSON_LIMIT))

    def read_body(self, limit: int) -> bytes:
        """Return a body of at most `limit` bytes."""
        data = b""
        for piece in self.read_pieces():
            data += piece
            if len(data) > limit:
                raise InvalidArgument("The request is too large.", code="EntityTooLarge")
        return data

    def read_pieces(self) -> Iterator[bytes]:
        """Yield the body as a stream. Raises `InvalidArgument` when the client breaks off."""
        remaining = self.request.content_length
        seen = 0
        while True:
            try:
                piece = self.request.stream.read(PIECE)
            except OSError:  # gunicorn's errors for chunked bodies that break off are of this kind
                raise InvalidArgument(
                    "The request's body is not complete.", code="IncompleteBody"
                ) from None
            if not piece:
                break
            if remaining is not None:
                remaining -= len(piece)
            seen += len(piece)
            yield piece
            if self._failure and seen >= self._failure[0]:
                _, error = self._failure
                self._failure = None
                raise error
        if remaining:
            raise InvalidArgument("The request's body is not complete.", code="IncompleteBody")

    def fail_after(self, size: int, error: ApiError) -> None:
        """Raise an error once so many bytes of the body have been read."""
        self._failure = (size, error)

    def drain(self) -> None:
        """Read the rest of a body, since most clients only look at an answer after sending."""
        seen = 0
        try:
            for piece in self.read_pieces():
                seen += len(piece)
                if seen > _DRAIN_LIMIT:
                    return
        except InvalidArgument:
            return


def make_json_response(
    body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """Return a resource as an answer of the JSON API."""
    return Response(json.dumps(body), headers=dict(headers or {}), mimetype="application/json")


def parse_json(data: bytes) -> dict[str, Any]:
    """Return a JSON object from UTF-8, without lone surrogates."""
    try:
        body = json.loads(data or b"{}")
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InvalidArgument("Parse Error") from None
    if not isinstance(body, dict):
        raise InvalidArgument("The body must be a JSON object.")
    return body


def decode_segment(segment: str) -> str:
    """Return a path segment's text. Raises `InvalidArgument` unless it is percent-encoded UTF-8."""
    try:
        return unquote_to_bytes(segment.encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidArgument("The path is not UTF-8.", code="InvalidURI") from None

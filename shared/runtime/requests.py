"""Read a request: its ids, its credential, and the values that a handler asks for."""

import io
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from uuid import UUID

from flask import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request as BaseRequest

from shared.accounts.cookies import read_cookies
from shared.accounts.forgery import check_cookie_call
from shared.accounts.prefixes import OURS
from shared.calls import RequestInfo
from shared.declarations import MAX_BODY, PATH_PARAMETER, HttpOperation, compile_path
from shared.errors import (
    AppError,
    BadRequest,
    Invalid,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
    UnsupportedMediaType,
)
from shared.models.base import new_id
from shared.runtime.encodings import read_decoded
from shared.schemas.errors import list_problems, make_pointer
from shared.schemas.kinds import Nothing
from shared.schemas.parsing import parse_request_json
from shared.settings import Settings

_MAX_DRAINED = 32 * 1024 * 1024  # bytes; the platform takes no larger request
_PIECE = 64 * 1024
_MAX_VALUES = 100_000  # of a body larger than usual; a list of 10,000 images has half as many
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


def read_request_info(request: Request, settings: Settings) -> RequestInfo:
    """Return who asks from where, under which request id.

    Of X-Forwarded-For only the entries count that trusted proxies have added, at its end. A
    request that belongs to no trace yet begins one.
    """
    traceparent = request.headers.get("traceparent", "")
    forwarded = [
        entry
        for part in request.headers.get("X-Forwarded-For", "").split(",")
        if (entry := part.strip())
    ]
    hops = settings.trusted_proxies
    ip = forwarded[-hops] if 0 < hops <= len(forwarded) else request.remote_addr
    return RequestInfo(
        id=read_request_id(request),
        ip=ip,
        user_agent=(request.headers.get("User-Agent") or "")[:500] or None,
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else _make_trace(),
    )


def read_request_id(request: BaseRequest) -> str:
    """Return the id that a request brings, or a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(new_id())


def _make_trace() -> str:
    """Make a trace of W3C Trace Context, version 00, not sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def parse_trace_id(traceparent: str | None) -> str | None:
    """Return the trace id inside a W3C traceparent."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return match.group(1) if match else None


def read_credential(request: Request) -> str:
    """Return the bearer token, the API key or the cookie's token that came with a request.

    Raises `Unauthorized`, and `BadRequest` for one of ours in each header that differ. Beside an
    X-API-Key or a cookie, an Authorization of somebody else's counts for nothing: a gateway adds
    its own. A cookie counts where no header does, and raises `CrossSite` where another site's page
    may have made the browser send it.
    """
    token = _read_authorization(request)
    if key := request.headers.get("X-API-Key"):
        if token is not None and token != key and token.startswith(OURS):
            raise BadRequest(
                "Authorization and X-API-Key carry different credentials: send one of them."
            )
        return key
    in_cookie = read_cookies(request.headers.get("Cookie")).access_token
    if in_cookie is not None and (token is None or not token.startswith(OURS)):
        check_cookie_call(request.method, request.headers)
        return in_cookie
    if token is None:
        raise Unauthorized
    return token


def _read_authorization(request: Request) -> str | None:
    # API Gateway calls with a token of its own, and moves the caller's to the first of these.
    header = request.headers.get("X-Forwarded-Authorization") or request.headers.get(
        "Authorization", ""
    )
    scheme, _, token = header.partition(" ")
    return (token.strip() or None) if scheme.lower() == "bearer" else None


def read_arguments(operation: HttpOperation, request: Request, body: bytes) -> dict[str, Any]:
    """Return the handler's arguments that come from the request, whose body has been read.

    Raises an `AppError` that says what is wrong with it.
    """
    if request.method not in operation.methods:
        raise MethodNotAllowed(operation.methods)
    in_path = _read_path_values(operation, request.path)
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.source == "path":
            found[parameter.name] = _read_path_value(parameter.type, in_path[parameter.name])
        elif parameter.source == "body":
            found[parameter.name] = _parse_body(parameter.type, request, body)
        elif parameter.source == "query":
            found[parameter.name] = _parse_query(parameter.type, request)
    takes_body = operation.takes_bytes or any(
        parameter.source == "body" for parameter in operation.parameters
    )
    if operation.method != "GET" and not takes_body:
        _parse_body(Nothing, request, body)
    return found


def _read_path_values(operation: HttpOperation, path: str) -> Mapping[str, str]:
    match = compile_path(operation.path).fullmatch(path)
    if match is not None:
        return match.groupdict()
    # In the cloud /healthz comes here as /: its front end answers addresses that end in z itself.
    if path == "/" and not PATH_PARAMETER.search(operation.path):
        return {}
    has_slash = compile_path(operation.path).fullmatch(path.rstrip("/")) is not None
    raise make_missing_address(has_slash=has_slash)


def make_missing_address(*, has_slash: bool) -> NotFound:
    """Return the error for an address that has nothing, or has without the slash at its end."""
    detail = "There is nothing at this address."
    return NotFound(f"{detail} Leave out the slash at its end." if has_slash else detail)


def _read_path_value(kind: Any, text: str) -> Any:
    if "\0" in text:  # which no name in PostgreSQL has
        raise NotFound
    try:
        return UUID(text) if kind is UUID else _make_adapter(kind).validate_python(text)
    except ValueError:
        raise NotFound from None


@cache
def _make_adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_body(request: Request, limit: int = MAX_BODY, if_larger: str = "") -> bytes:
    """Return the request's body, expanded where it is gzip.

    Raises `TooLarge` above `limit` bytes, sent or expanded, without reading it whole: `if_larger`
    tells the client what to do then. Raises `BadRequest` when it breaks off or is not what its
    headers say, and `UnsupportedEncoding`.
    """
    detail = f"The request body is larger than {limit // 2**20} MiB."
    too_large = TooLarge(f"{detail} {if_larger}" if if_larger else detail)
    if (request.content_length or 0) > limit:
        raise too_large
    try:
        data = read_decoded(request, limit, too_large)
    except AppError:
        raise
    except RequestEntityTooLarge:
        raise too_large from None
    except Exception:  # each server has errors of its own for what is no body, or breaks off
        raise BadRequest("The body could not be read to its end.") from None
    if len(data) > limit:
        raise too_large
    return data


def drain_body(request: Request) -> None:
    """Read what nobody has read of a body, up to 32 MiB, and keep nothing of it.

    A client that is still sending may miss the answer. functions-framework reads on for that
    reason, but without a limit and into memory: after this it finds nothing.
    """
    left = _MAX_DRAINED
    with suppress(Exception):
        while left > 0 and (piece := request.stream.read(min(left, _PIECE))):
            left -= len(piece)
    request.stream = io.BytesIO()


def _parse_body(model: type[BaseModel], request: Request, data: bytes) -> BaseModel:
    if not data.strip():
        # A body may be left out where everything in it is optional.
        data = b"{}"
    elif request.mimetype != "application/json":
        raise UnsupportedMediaType
    if len(data) > MAX_BODY and count_values(data) > _MAX_VALUES:
        raise TooLarge(f"The request body holds more than {_MAX_VALUES} values.")
    try:
        value = parse_request_json(data)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON.") from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid(list_problems(error)) from None


def count_values(data: bytes) -> int:
    """Return about how many values JSON holds, for each of which Python takes memory."""
    plain = _STRING.sub(b"", data)
    return plain.count(b",") + plain.count(b"{") + plain.count(b"[")


def _parse_query(model: type[BaseModel], request: Request) -> BaseModel:
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        detail = "is given more than once"
        raise Invalid(
            [{"pointer": make_pointer([name]), "detail": detail} for name in repeated[:100]]
        )
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise Invalid(list_problems(error)) from None

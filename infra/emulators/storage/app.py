"""The WSGI application: finds the handler of a request, and turns errors into answers."""

import logging
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug import Request, Response

from infra.emulators.storage import batch, bucket_api, object_api, upload_api, xml_api
from infra.emulators.storage.call import Call, decoded
from infra.emulators.storage.emulator import Emulator
from infra.emulators.storage.errors import ApiError, Forbidden, MethodNotAllowed, NotFound
from infra.emulators.storage.signing import Verifier

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOG = logging.getLogger(__name__)
_JSON = re.compile(r"/(?:(upload|download|batch)/)?storage/v1(?:/(.*))?")

# "*" stands for a name.
_ROUTES: dict[str, dict[str, Callable[..., Response]]] = {
    "b": {"GET": bucket_api.list_, "POST": bucket_api.create},
    "b/*": {
        "GET": bucket_api.get,
        "PATCH": bucket_api.change,
        "PUT": bucket_api.change,
        "DELETE": bucket_api.delete,
    },
    "b/*/notificationConfigs": {
        "GET": bucket_api.list_notifications,
        "POST": bucket_api.create_notification,
    },
    "b/*/notificationConfigs/*": {
        "GET": bucket_api.get_notification,
        "DELETE": bucket_api.delete_notification,
    },
    "b/*/o": {"GET": object_api.list_},
    "b/*/o/*": {
        "GET": object_api.get,
        "PATCH": object_api.patch,
        "PUT": object_api.update,
        "DELETE": object_api.delete,
    },
    "b/*/o/*/compose": {"POST": object_api.compose},
    "b/*/o/*/copyTo/b/*/o/*": {"POST": object_api.copy},
    "b/*/o/*/rewriteTo/b/*/o/*": {"POST": object_api.rewrite},
    "upload/b/*/o": {
        "POST": upload_api.insert,
        "PUT": upload_api.resume,
        "DELETE": upload_api.cancel,
    },
    "download/b/*/o/*": {"GET": object_api.get_media},
}
_PATTERNS = [(pattern.split("/"), methods) for pattern, methods in _ROUTES.items()]


class Application:
    """Answers the JSON API without credentials, and signed URLs by their signature."""

    def __init__(self, emulator: Emulator, verifier: Verifier) -> None:
        self._emulator = emulator
        self._verifier = verifier

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        call = Call(Request(environ), self._emulator)
        response = _guarded(call, lambda: self._answer(call))
        return response(environ, start_response)

    def _answer(self, call: Call) -> Response:
        match = _JSON.fullmatch(call.raw_path)
        if not match:
            return xml_api.answer(call, self._verifier)
        _check_caller(call.request)
        return batch.run(call, _answer_part) if match[1] == "batch" else _route(call)


def _answer_part(call: Call) -> Response:
    return _guarded(call, lambda: _route(call))


def _guarded(call: Call, handler: Callable[[], Response]) -> Response:
    """Every error becomes the JSON API's error resource, and nothing says where it came from."""
    try:
        return handler()
    except ApiError as error:
        answer = error
    except Exception:
        _LOG.exception("%s %s", call.request.method, call.raw_path)
        answer = ApiError("We encountered an internal error. Please try again.")
    call.drain()
    if answer.status == 304:
        return Response(status=304, headers=dict(answer.headers))
    return Response(
        answer.as_json(),
        status=answer.status,
        headers=dict(answer.headers),
        mimetype="application/json",
    )


def _route(call: Call) -> Response:
    match = _JSON.fullmatch(call.raw_path)
    path = "/".join(part for part in match.groups() if part) if match else ""
    method = "GET" if call.request.method == "HEAD" else call.request.method
    segments = path.split("/")
    for pattern, methods in _PATTERNS:
        if len(pattern) == len(segments) and all(
            expected in ("*", given) for expected, given in zip(pattern, segments, strict=True)
        ):
            if method not in methods:
                raise MethodNotAllowed(headers={"Allow": ", ".join(methods)})
            names = [
                decoded(given)
                for expected, given in zip(pattern, segments, strict=True)
                if expected == "*"
            ]
            return methods[method](call, *names)
    raise NotFound


def _check_caller(request: Request) -> None:
    """The JSON API asks for no credentials, so web pages that a browser shows must not reach it."""
    host, origin = request.headers.get("Host"), request.headers.get("Origin")
    for address in (host and f"//{host}", origin):
        if address and not _is_local(address):
            raise Forbidden("The JSON API of this emulator answers programs on this machine only.")


def _is_local(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

"""The WSGI application: finds the handler of a request, and turns errors into answers."""

import logging
import re
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug import Request, Response

from infra.emulators.storage import bucket_api, faults, object_api, upload_api, xml_api
from infra.emulators.storage.call import Call, decode_segment
from infra.emulators.storage.emulator import Emulator
from infra.emulators.storage.errors import ApiError, Forbidden, NotImplementedHere
from infra.emulators.storage.signing import Verifier

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOG = logging.getLogger(__name__)
_API = re.compile(
    r"/(?:(?:(?:resumable/)?(upload|download|batch)/)?storage/v1|(retry_test))(?:/(.*))?"
)
# Node's client leaves `/storage/v1` out where STORAGE_EMULATOR_HOST is set; no bucket is called b.
_SHORT_API = re.compile(r"/(b(?:/.*)?)")
# What would change what the caller gets, and is not kept here.
_REFUSED_HEADERS = ("x-goog-acl", "x-goog-encryption-")
_REFUSED_PARAMETERS = ("kmsKeyName", "predefinedAcl")

# "*" stands for a name. The operations' names are those of Google's storage testbench.
_ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("storage.buckets.insert", "POST", "b", bucket_api.create_bucket),
    ("storage.buckets.get", "GET", "b/*", bucket_api.get_bucket),
    ("storage.buckets.patch", "PATCH", "b/*", bucket_api.patch_bucket),
    ("storage.objects.list", "GET", "b/*/o", object_api.list_bucket),
    ("storage.objects.get", "GET", "b/*/o/*", object_api.get_object),
    ("storage.objects.get", "GET", "download/b/*/o/*", object_api.get_object_media),
    ("storage.objects.delete", "DELETE", "b/*/o/*", object_api.delete_object),
    ("storage.objects.compose", "POST", "b/*/o/*/compose", object_api.compose_object),
    ("storage.objects.insert", "POST", "upload/b/*/o", upload_api.insert_object),
    ("storage.objects.insert", "PUT", "upload/b/*/o", upload_api.resume_upload),
    ("", "DELETE", "upload/b/*/o", upload_api.cancel_upload),
    ("", "POST", "retry_test", faults.create_retry_test),
    ("", "GET", "retry_test/*", faults.get_retry_test),
    ("", "DELETE", "retry_test/*", faults.delete_retry_test),
]
_PATTERNS = [(operation, m, path.split("/"), handler) for operation, m, path, handler in _ROUTES]


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
        response = self._answer(call)
        return response(environ, start_response)

    def _answer(self, call: Call) -> Response:
        """Return the answer; every error becomes the JSON API's, and says nothing of its place."""
        try:
            _check_effect(call)
            match = _API.fullmatch(call.raw_path) or _SHORT_API.fullmatch(call.raw_path)
            if not match:
                return xml_api.answer_signed(call, self._verifier)
            _check_caller(call.request)
            return _route(call, "/".join(part for part in match.groups() if part))
        except ApiError as error:
            answer = error
        except ConnectionResetError:  # a test has asked for it
            raise
        except Exception:
            _LOG.exception("%s %s", call.request.method, call.raw_path)
            answer = ApiError("We encountered an internal error. Please try again.")
        call.drain()
        if answer.status == 304:
            return Response(status=304, headers=dict(answer.headers))
        return Response(
            answer.to_json(),
            status=answer.status,
            headers=dict(answer.headers),
            mimetype="application/json",
        )


def _route(call: Call, path: str) -> Response:
    method = "GET" if call.request.method == "HEAD" else call.request.method
    segments = path.split("/")
    for operation, expected_method, pattern, handler in _PATTERNS:
        if (method, len(segments)) == (expected_method, len(pattern)) and all(
            expected in ("*", given) for expected, given in zip(pattern, segments, strict=True)
        ):
            names = [
                decode_segment(given)
                for expected, given in zip(pattern, segments, strict=True)
                if expected == "*"
            ]
            answer = partial(handler, call, *names)
            return call.emulator.faults.apply(call, operation, answer)
    raise NotImplementedHere(f"This emulator does not implement {method} {call.raw_path}.")


def _check_effect(call: Call) -> None:
    """Refuse encryption keys and access lists."""
    headers = [name.lower() for name, _ in call.request.headers]
    found = [name for name in headers if name.startswith(_REFUSED_HEADERS)]
    found += [name for name in _REFUSED_PARAMETERS if name in call.query]
    if found:
        raise NotImplementedHere(f"This emulator does not implement {', '.join(found)}.")


def _check_caller(request: Request) -> None:
    """Refuse web pages that a browser shows: the JSON API asks for no credentials."""
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

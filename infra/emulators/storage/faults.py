"""Failures that tests ask for, by the interface of Google's storage testbench.

https://github.com/googleapis/storage-testbench: a POST to `/retry_test` names instructions for
operations; requests with its id in `x-retry-test-id` use them up one by one.
"""

import errno
import itertools
import re
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

from werkzeug import Response

from infra.emulators.storage.call import Call, make_json_response
from infra.emulators.storage.errors import (
    ApiError,
    InvalidArgument,
    NotImplementedHere,
    ResourceNotFound,
)

EVERY_REQUEST = "every-request"  # the id of a test whose requests carry no id
_INSTRUCTION = re.compile(
    r"return-(?P<status>[45][0-9]{2})(?:-after-(?P<kib>[0-9]{1,6})K)?"
    r"|return-reset-connection|return-broken-stream|lose-answer"
)


class InjectedError(ApiError):
    """A failure that a test has asked for."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{HTTPStatus(status).phrase}, as a test has asked for.")
        self.status = status


class RequestFaults:
    """The instructions that are not used up, by test and operation (`storage.objects.get`)."""

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, list[str]]] = {}
        self._lock = threading.Lock()

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Register a test; its id may be given. Raise `NotImplementedHere` for what is not known.

        `return-503` (or another error), `return-reset-connection`, `return-503-after-256K` of a
        body were read, `return-broken-stream` in the middle of an answer's body, `lose-answer`
        after the request has had its effect.
        """
        instructions = body.get("instructions")
        if not isinstance(instructions, dict) or not all(
            isinstance(queue, list) for queue in instructions.values()
        ):
            raise InvalidArgument("A test needs instructions: lists by operation.")
        for name in map(str, itertools.chain.from_iterable(instructions.values())):
            if not _INSTRUCTION.fullmatch(name):
                raise NotImplementedHere(f"This emulator does not implement {name}.")
        test_id = str(body.get("id") or secrets.token_hex(16))
        with self._lock:
            self._tests[test_id] = {name: list(queue) for name, queue in instructions.items()}
        return self.get(test_id)

    def get(self, test_id: str) -> dict[str, Any]:
        """Return a test: it is completed when every instruction was used."""
        with self._lock:
            if test_id not in self._tests:
                raise ResourceNotFound(f"There is no test {test_id}.")
            left = {name: list(queue) for name, queue in self._tests[test_id].items() if queue}
        return {"id": test_id, "instructions": left, "completed": not left}

    def delete(self, test_id: str) -> None:
        """Forget a test."""
        self.get(test_id)
        del self._tests[test_id]

    def apply(self, call: Call, operation: str, answer: Callable[[], Response]) -> Response:
        """Return the answer to a request, as far as no test spoils it."""
        match = self._take_instruction(call, operation)
        if match is None:
            return answer()
        if match["kib"]:
            call.fail_after(int(match["kib"]) * 1024, InjectedError(int(match["status"])))
            return answer()
        if match["status"]:
            raise InjectedError(int(match["status"]))
        if match[0] == "return-reset-connection":
            _reset(call)
        response = answer()
        if match[0] == "lose-answer":
            response.close()
            _reset(call)
        return _break_stream(response)

    def _take_instruction(self, call: Call, operation: str) -> re.Match[str] | None:
        test_id = call.request.headers.get("x-retry-test-id", EVERY_REQUEST)
        with self._lock:
            queue = self._tests.get(test_id, {}).get(operation)
            match = _INSTRUCTION.fullmatch(queue[0]) if queue else None
            if not queue or not match or (match["kib"] and _is_short(call, int(match["kib"]))):
                return None
            del queue[0]
            return match


def create_retry_test(call: Call) -> Response:
    """Register a test."""
    return make_json_response(call.emulator.faults.create(call.read_json()))


def get_retry_test(call: Call, test_id: str) -> Response:
    """Show what a test has left."""
    return make_json_response(call.emulator.faults.get(test_id))


def delete_retry_test(call: Call, test_id: str) -> Response:
    """End a test."""
    call.emulator.faults.delete(test_id)
    return Response(status=204)


def _is_short(call: Call, kib: int) -> bool:
    """Return whether a body is known to end before so many KiB, so that nothing would fail."""
    length = call.request.content_length
    return length is not None and length <= kib * 1024


def _reset(call: Call) -> NoReturn:
    connection: socket.socket = call.request.environ["gunicorn.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError(errno.ECONNRESET, "A test has asked for it.")


def _break_stream(response: Response) -> Response:
    def half() -> Iterator[bytes]:
        left = (response.content_length or 0) // 2
        for piece in response.iter_encoded():
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                break
        response.close()
        raise ConnectionResetError(errno.ECONNRESET, "A test has asked for it.")

    return Response(
        half(), status=response.status_code, headers=response.headers, direct_passthrough=True
    )

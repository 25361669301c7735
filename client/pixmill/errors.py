"""Errors of the client.

PixmillError
├─ ApiError              the API refused: `status`, `detail`, `errors` with pointers, `request_id`
│  ├─ Unauthorized       401
│  ├─ NotFound           404, also for what is somebody else's
│  ├─ Conflict           409
│  ├─ Stale              412: somebody has changed it since it was read; `refresh()` reads it again
│  ├─ Invalid            400, 413, 415, 422
│  ├─ TooMany            429
│  └─ ServerFailed       5xx
├─ Unreachable           no answer came
├─ JobFailed             a job ended as failed or cancelled: `job`
├─ JobUnfinished         a job went on for longer than it was waited for: `job`
├─ TransferFailed        a file came or went incomplete, or with another checksum
├─ BadSource             a source or a file of one's own that cannot be used
└─ BadSignature          a webhook's post that is not from Pixmill, or too old
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One rule that a request breaks: a JSON pointer to the place, and what is wrong there."""

    pointer: str
    detail: str


class PixmillError(Exception):
    """Any error of the client; its text says what happened."""


class ApiError(PixmillError):
    """The API refused a request: an RFC 9457 problem."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.request_id = request_id
        self.retry_after = retry_after  # seconds
        places = "; ".join(f"{one.pointer} {one.detail}".strip() for one in self.errors)
        super().__init__(places or detail or title)


class Unauthorized(ApiError):
    """The credentials are missing, wrong or have expired."""


class NotFound(ApiError):
    """There is no such thing, or it is somebody else's."""


class Conflict(ApiError):
    """The request does not go with how things stand."""


class Stale(ApiError):
    """Somebody has changed the resource since it was read, so a change was not made.

    Read it again, with `refresh()` where it is an object of the client, see whether the change is
    still wanted, and make it then.
    """

    may_be_own = False  # an attempt before, whose answer was lost, may have made the change


class Invalid(ApiError):
    """The request breaks a rule."""


class TooMany(ApiError):
    """Too many at a time; `retry_after` says when to try again."""


class ServerFailed(ApiError):
    """The server could not answer."""


class Unreachable(PixmillError):
    """No answer came: no such host, nobody listens, or the connection ended."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        self.was_sent = was_sent  # whether the server may have done what was asked
        super().__init__(message)


class JobFailed(PixmillError):
    """A job ended as failed or cancelled."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.job = job
        super().__init__(str(job.get("error") or f"The job was {job['status']}."))


class JobUnfinished(PixmillError):
    """A job went on for longer than it was waited for."""

    def __init__(self, job: Mapping[str, Any], seconds: float) -> None:
        self.job = job
        super().__init__(f"The job is {job['status']} after {seconds:.0f} s; it goes on.")


class TransferFailed(PixmillError):
    """A file came or went incomplete, or with another checksum than it should have."""


class BadSource(PixmillError):
    """A source or a file of one's own that cannot be used."""


class BadSignature(PixmillError):
    """A post that does not come from the webhook's sender, or came too late."""


_KINDS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    404: NotFound,
    409: Conflict,
    412: Stale,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooMany,
}


def make_api_error(
    status: int, problem: Any, *, request_id: str | None, retry_after: float | None
) -> ApiError:
    """Return the error for an answer; `problem` is its JSON, or None where it has none."""
    told: Mapping[str, Any] = problem if isinstance(problem, Mapping) else {}
    kind = _KINDS.get(status, ServerFailed if status >= 500 else ApiError)
    listed = told.get("errors") or ()
    return kind(
        status,
        str(told.get("title") or f"HTTP {status}"),
        str(told.get("detail") or told.get("error") or f"The server answered {status}."),
        errors=[FieldError(str(one["pointer"]), str(one["detail"])) for one in listed],
        request_id=str(told["instance"]) if told.get("instance") else request_id,
        retry_after=retry_after,
    )

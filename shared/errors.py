"""Errors that a caller can act on.

AppError
├── BadRequest            400  malformed JSON, an unreadable cursor
├── Unauthorized          401  no, wrong or expired credentials
├── CrossSite             403  a page of another site asks with cookies
├── NotFound              404  absent, or somebody else's; may list where it was named
├── MethodNotAllowed      405
├── Conflict              409  the resource is in another state
├── Stale                 412  the resource has changed since the caller read it
├── TooLarge              413
├── UnsupportedMediaType  415
│   └── UnsupportedEncoding
├── Invalid               422  understood, but breaks a rule; lists the fields
├── TooMany               429  says when to try again
└── Unavailable           503  a part that this needs does not answer

An `AppError` in an HTTP function becomes an RFC 9457 problem; in a message function it is final:
the failure is recorded and the message is not delivered again.
"""

from collections.abc import Mapping, Sequence


class AppError(Exception):
    """The request cannot be carried out."""

    status = 500
    title = "Error"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        super().__init__(self.detail)

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers that belong to the answer."""
        return {}


class BadRequest(AppError):
    """The request could not be read."""

    status = 400
    title = "Bad Request"


class Unauthorized(AppError):
    """Sign in, or send a valid API key."""

    status = 401
    title = "Unauthorized"

    @property
    def headers(self) -> Mapping[str, str]:
        """RFC 9110 §11.6.1: a 401 names the scheme that would be accepted."""
        return {"WWW-Authenticate": 'Bearer realm="pixmill"'}


class CrossSite(AppError):
    """A page of another site may not ask for this with a browser's cookies."""

    status = 403
    title = "Forbidden"


class NotFound(AppError):
    """There is no such resource."""

    status = 404
    title = "Not Found"

    def __init__(self, detail: str | None = None, errors: Sequence[Mapping[str, str]] = ()) -> None:
        self.errors = [dict(error) for error in errors]
        super().__init__(detail)


class MethodNotAllowed(AppError):
    """This address does not take that method."""

    status = 405
    title = "Method Not Allowed"

    def __init__(self, allowed: Sequence[str], detail: str | None = None) -> None:
        self.allowed = tuple(allowed)
        super().__init__(detail or f"Use {', '.join(allowed)}.")

    @property
    def headers(self) -> Mapping[str, str]:
        """RFC 9110 §15.5.6: a 405 lists what is allowed."""
        return {"Allow": ", ".join(self.allowed)}


class Conflict(AppError):
    """The resource is not in a state that allows this."""

    status = 409
    title = "Conflict"


class Stale(AppError):
    """It has changed since you read it: read it again, and send the change with its new ETag."""

    status = 412
    title = "Precondition Failed"


class TooLarge(AppError):
    """The request body is larger than this address takes."""

    status = 413
    title = "Content Too Large"


class UnsupportedMediaType(AppError):
    """Send the body as application/json."""

    status = 415
    title = "Unsupported Media Type"


class UnsupportedEncoding(UnsupportedMediaType):
    """Send the body as it is, or with Content-Encoding gzip."""

    @property
    def headers(self) -> Mapping[str, str]:
        """RFC 9110 §12.5.3: such a 415 says which codings are taken."""
        return {"Accept-Encoding": "gzip, identity"}


class Invalid(AppError):
    """The request breaks a rule; `errors` says which."""

    status = 422
    title = "Unprocessable Content"

    def __init__(self, errors: Sequence[Mapping[str, str]] = (), detail: str | None = None) -> None:
        self.errors = [dict(error) for error in errors]
        super().__init__(detail)

    @classmethod
    def at(cls, pointer: str, detail: str) -> "Invalid":
        """Build the error for one rule, at one JSON pointer (RFC 6901)."""
        return cls([{"pointer": pointer, "detail": detail}])


class TooMany(AppError):
    """Too many requests; try again later."""

    status = 429
    title = "Too Many Requests"

    def __init__(self, detail: str | None = None, *, retry_after: int = 60) -> None:
        self.retry_after = retry_after
        super().__init__(detail)

    @property
    def headers(self) -> Mapping[str, str]:
        """Seconds after which the same request may succeed."""
        return {"Retry-After": str(self.retry_after)}


class Unavailable(AppError):
    """A part that this needs does not answer; try again soon."""

    status = 503
    title = "Service Unavailable"

    @property
    def headers(self) -> Mapping[str, str]:
        """Seconds after which the same request may succeed."""
        return {"Retry-After": "5"}

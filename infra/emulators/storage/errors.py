"""Errors in the two shapes of Cloud Storage: JSON for the JSON API, XML for signed URLs."""

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape


class ApiError(Exception):
    """An answer other than success; the docstring of a subclass is its default message."""

    status = 500
    reason = "backendError"  # in JSON
    code = "InternalError"  # in XML

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.code = code or type(self).code
        self.details = details or {}
        self.headers = headers or {}
        super().__init__(self.message)

    def to_json(self) -> bytes:
        """Return the body of an error answer of the JSON API."""
        cause = {"message": self.message, "domain": "global", "reason": self.reason}
        return json.dumps(
            {"error": {"code": self.status, "message": self.message, "errors": [cause]}}
        ).encode()

    def to_xml(self) -> bytes:
        """Return the body of an error answer of the XML API."""
        parts = {"Code": self.code, "Message": self.message, **self.details}
        body = "".join(
            f"<{tag}>{escape(_drop_controls(text))}</{tag}>" for tag, text in parts.items()
        )
        return f"<?xml version='1.0' encoding='UTF-8'?><Error>{body}</Error>".encode()


class InvalidArgument(ApiError):
    """Invalid argument."""

    status = 400
    reason = "invalid"
    code = "InvalidArgument"


class Forbidden(ApiError):
    """Access denied."""

    status = 403
    reason = "forbidden"
    code = "AccessDenied"


class ResourceNotFound(ApiError):
    """Not Found"""

    status = 404
    reason = "notFound"
    code = "NoSuchKey"


class MethodNotSupported(ApiError):
    """The specified method is not allowed against this resource."""

    status = 405
    reason = "httpMethodNotAllowed"
    code = "MethodNotAllowed"


class ResourceConflict(ApiError):
    """The resource is in another state."""

    status = 409
    reason = "conflict"
    code = "Conflict"


class PreconditionFailed(ApiError):
    """At least one of the pre-conditions you specified did not hold."""

    status = 412
    reason = "conditionNotMet"
    code = "PreconditionFailed"


class NotModified(ApiError):
    """A read whose "not match" condition did not hold; the answer has no body."""

    status = 304
    reason = "notModified"
    code = "NotModified"


class RangeNotSatisfiable(ApiError):
    """The requested range cannot be satisfied."""

    status = 416
    reason = "requestedRangeNotSatisfiable"
    code = "InvalidRange"


class ServiceUnavailable(ApiError):
    """Try again."""

    status = 503
    reason = "backendError"
    code = "ServiceUnavailable"


class NotImplementedHere(ApiError):
    """This emulator does not implement that."""

    status = 501
    reason = "notImplemented"
    code = "NotImplemented"


def make_object_not_found_error(bucket: str, name: str) -> ResourceNotFound:
    """Return the error for an object that is not there in the generation that was named."""
    return ResourceNotFound(f"No such object: {bucket}/{name}")


def make_bucket_not_found_error() -> ResourceNotFound:
    """Return the error for a bucket that is not there."""
    return ResourceNotFound("The specified bucket does not exist.", code="NoSuchBucket")


def _drop_controls(text: str) -> str:
    """Return text without control characters, which XML 1.0 cannot carry even escaped."""
    return "".join(c if c >= " " or c in "\n\t" else "�" for c in text)

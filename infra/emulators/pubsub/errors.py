"""Refusals, with the gRPC status that the service answers."""

import grpc


class StatusError(Exception):
    """A request that is answered with a status other than OK."""

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def make_invalid_argument_error(detail: str) -> StatusError:
    """Return INVALID_ARGUMENT."""
    return StatusError(grpc.StatusCode.INVALID_ARGUMENT, detail)


def make_not_found_error(kind: str, name: str) -> StatusError:
    """Return NOT_FOUND."""
    return StatusError(grpc.StatusCode.NOT_FOUND, f"{kind} not found (name={name})")


def make_already_exists_error(kind: str, name: str) -> StatusError:
    """Return ALREADY_EXISTS."""
    return StatusError(grpc.StatusCode.ALREADY_EXISTS, f"{kind} already exists (name={name})")


def make_unimplemented_error(detail: str) -> StatusError:
    """Return UNIMPLEMENTED: Google's service can do it, this emulator cannot."""
    return StatusError(grpc.StatusCode.UNIMPLEMENTED, f"{detail} is not part of this emulator")

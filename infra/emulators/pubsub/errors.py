"""Refusals, with the gRPC status that the service answers."""

import grpc


class Refused(Exception):
    """A request that is answered with a status other than OK."""

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def invalid(detail: str) -> Refused:
    """Return INVALID_ARGUMENT."""
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, detail)


def missing(kind: str, name: str) -> Refused:
    """Return NOT_FOUND."""
    return Refused(grpc.StatusCode.NOT_FOUND, f"{kind} not found (name={name})")


def exists(kind: str, name: str) -> Refused:
    """Return ALREADY_EXISTS."""
    return Refused(grpc.StatusCode.ALREADY_EXISTS, f"{kind} already exists (name={name})")


def unsupported(detail: str) -> Refused:
    """Return UNIMPLEMENTED: Google's service can do it, this emulator cannot."""
    return Refused(grpc.StatusCode.UNIMPLEMENTED, f"{detail} is not part of this emulator")

"""Hold callers to so many calls a minute, and tell them how they stand.

A call with a credential counts for that credential, before anything is asked of the database. Any
other counts for the network address that it comes from, and so does one whose credential turns out
to be nobody's. Public reads (documents, the console, health) do not count: monitors make them.
"""

import ipaddress
import logging
from dataclasses import dataclass

from flask import Request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers

from shared.accounts.call_counter import WINDOW, CallLimit, Standing
from shared.accounts.credentials import hash_token
from shared.calls import RequestInfo
from shared.declarations import HttpOperation
from shared.errors import AppError, TooMany, Unauthorized
from shared.runtime.requests import read_credential
from shared.services import services

log = logging.getLogger(__name__)

_HASH = 32  # characters of a credential's hash: 128 bits


class TooManyCalls(TooMany):
    """A key or an address has made its calls of this minute."""

    def __init__(self, limit: CallLimit, standing: Standing) -> None:
        super().__init__(
            f"This {limit.name} has made its {limit.calls} calls of a minute; "
            f"try again in {standing.seconds} seconds.",
            retry_after=standing.seconds,
        )


@dataclass
class CountedCall:
    """A call that counts for somebody, or for nobody where `limit` is None."""

    info: RequestInfo
    subject: str = ""
    limit: CallLimit | None = None
    standing: Standing | None = None

    def count(self) -> None:
        """Count it. Raises `TooManyCalls` for one too many."""
        if self.limit is None:
            return
        self.standing = services().call_counter.count(self.subject, self.limit)
        if self.standing.refused:
            raise TooManyCalls(self.limit, self.standing)

    def blame_address(self, refusal: Unauthorized) -> AppError:
        """Count a call whose credential is nobody's for its address; return what to answer."""
        if self.limit is None or self.limit.name != "key":
            return refusal
        services().call_counter.forget(self.subject)
        self.subject, self.limit, self.standing = *_find_address(self.info), None
        try:
            self.count()
        except TooManyCalls as error:
            return error
        return refusal

    def report(self) -> None:
        """Tell other processes of it, when it is time."""
        if self.limit is None:
            return
        try:
            services().call_counter.report(self.subject, self.limit)
        except SQLAlchemyError:  # the limit holds in this process meanwhile
            log.warning("counted calls were not reported", exc_info=True)

    def add_headers(self, headers: Headers) -> None:
        """Say what the limit is, and what is left of it.

        RateLimit and RateLimit-Policy as draft-ietf-httpapi-ratelimit-headers-10 has them.
        """
        if self.limit is None or self.standing is None:
            return
        name, standing = self.limit.name, self.standing
        headers["RateLimit-Policy"] = f'"{name}";q={self.limit.calls};w={WINDOW}'
        headers["RateLimit"] = f'"{name}";r={standing.remaining};t={standing.seconds}'


def begin_counted_call(
    operation: HttpOperation, request: Request, info: RequestInfo
) -> CountedCall:
    """Return for whom a request counts."""
    if operation.public and operation.method in ("GET", "OPTIONS"):
        return CountedCall(info)
    token = None if operation.public else _find_credential(request)
    if token is None:
        return CountedCall(info, *_find_address(info))
    limit = _make_limit("key", services().settings.calls_per_key)
    return CountedCall(info, f"key:{hash_token(token)[:_HASH]}", limit)


def _find_credential(request: Request) -> str | None:
    try:
        return read_credential(request)
    except AppError:
        return None


def _find_address(info: RequestInfo) -> tuple[str, CallLimit | None]:
    if info.ip is None:
        return "", None
    limit = _make_limit("address", services().settings.calls_per_address)
    return f"address:{_to_network(info.ip)}", limit


def _make_limit(name: str, calls: int) -> CallLimit | None:
    return CallLimit(name, calls) if calls else None


def _to_network(ip: str) -> str:
    """Return what one customer has of addresses: of IPv6 a network of 64 bits."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip[:64]
    return ip if address.version == 4 else str(ipaddress.ip_network((int(address), 64), False))

"""Requests to the web, their results, and the reasons of failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pycurl

from shared.fetching.licence_links import FindTerms
from shared.fetching.referrers import DEFAULT_POLICY, make_referrer
from shared.fetching.revalidation import StoredResponse
from shared.fetching.urls import BadUrl, Target, hash_address, parse_target, resolve
from shared.rights.signals import RightsSignal

FetchMode = Literal["plain", "decoded", "raw"]
FetchKind = Literal["image", "page", "sitemap", "json", "robots", "tdmrep", "rsl"]
# Files that say what holds for a whole site. The fetcher asks for them itself.
SITE_FILES: frozenset[FetchKind] = frozenset({"robots", "tdmrep", "rsl"})
RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})
# Worth another attempt within the same call; `retryable` also holds what may pass by tomorrow.
RETRIED_REASONS = frozenset({"timeout", "connection_reset", "rate_limited"})
_RETRYABLE = RETRIED_REASONS | {"connect_error", "dns_error"}

# What to do about an address of this machine, which a report says behind what is wrong with it.
OPENED_BY = "PIXMILL_CRAWL_ALLOW opens single ports of this machine"
_BLOCKED = {
    "blocked_address": f"the address is not on the public internet; {OPENED_BY}",
    "blocked_port": "the port is not one that web servers use",
}
_HTTP2_STREAM = 92  # CURLE_HTTP2_STREAM, which pycurl does not name
_CURL_REASONS = {
    pycurl.E_URL_MALFORMAT: "bad_url",
    pycurl.E_COULDNT_RESOLVE_HOST: "dns_error",
    pycurl.E_COULDNT_CONNECT: "connect_error",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_PARTIAL_FILE: "connection_reset",
    pycurl.E_GOT_NOTHING: "connection_reset",
    pycurl.E_SEND_ERROR: "connection_reset",
    pycurl.E_RECV_ERROR: "connection_reset",
    pycurl.E_HTTP2: "connection_reset",
    _HTTP2_STREAM: "connection_reset",
    pycurl.E_SSL_CONNECT_ERROR: "tls_error",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls_error",
    pycurl.E_SSL_CERTPROBLEM: "tls_error",
    pycurl.E_SSL_CIPHER: "tls_error",
    pycurl.E_SSL_CACERT_BADFILE: "tls_error",
    pycurl.E_SSL_ISSUER_ERROR: "tls_error",
}


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One URL to download. `tag` is the caller's own and comes back with the result.

    `max_bytes` lowers the fetcher's limit on the decoded body. `page`, a normalised address, is
    where the URL was found, of which each hop is told what `referrer_policy` allows. Header values
    must not come from strangers: they are sent as they are, and `Authorization` and `Cookie` stay
    with the first origin. With `stored` the body is wanted only where it is another than that
    answer's; the address that gave it is asked so, at the end of whatever redirects there are
    today. `find_terms` returns the references to RSL documents that the body of a page holds.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int | None = None
    kind: FetchKind = "image"
    stored: StoredResponse | None = None
    tag: Any = None
    page: str | None = None
    referrer_policy: str = DEFAULT_POLICY
    find_terms: FindTerms | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why a URL brought nothing.

    `reason` is one of `http_<status>`, `timeout` (the site took too long), `deadline` (there was
    no time left for it), `connect_error`, `dns_error`, `tls_error`, `too_large`,
    `blocked_address`, `blocked_port`, `bad_url`, `unsupported_scheme`, `too_many_redirects`,
    `robots`, `opted_out`, `connection_reset`, `bad_response`, `empty`, `rate_limited`,
    `host_closed` (the host refuses, and is left alone for a time), `host_busy` (other callers ask
    all that may be asked of it); `detail` is for people; `retryable` says that it may pass. `wait`
    are the seconds after which the same request may be made, where that is known.
    """

    reason: str
    detail: str
    http_status: int | None = None
    retryable: bool = False
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The end of one request: exactly one of `body`, `error` and `is_unchanged` is set.

    `headers` are the last answer's: names in lower case, repeats on lines of their own; of an
    unchanged one those that were stored are among them. `elapsed` is in seconds from the first
    attempt to the end, waiting between attempts included; `attempts` counts those of the last hop.
    `signals` are what the site and the answer said about its use.
    """

    request: FetchRequest
    url_final: str
    status: int | None
    headers: Mapping[str, str]
    body: bytes | None
    error: Failure | None
    elapsed: float
    attempts: int
    signals: tuple[RightsSignal, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Return whether the answer `stored` of the request still holds (status 304)."""
        return self.body is None and self.error is None


@dataclass(frozen=True, slots=True)
class CompleteAnswer:
    """An answer that is kept until the RSL documents that it names, by their addresses, are known.

    An unchanged one has an empty body.
    """

    body: bytes
    status: int
    headers: Mapping[str, str]
    terms: tuple[str, ...]


@dataclass(slots=True)
class FetchTask:
    """A request on its way: where it stands after redirects and earlier attempts.

    `left_origin` says that it left its first origin, `internal` that the fetcher asks for itself,
    `mode` how this hop is asked: `raw` where libcurl refuses the headers that come, `decoded` where
    libcurl has to undo the Content-Encoding. `signals` are what the site of this hop says.
    `wants_body` says that its body is wanted whatever is stored. `first_started` is when it was
    first asked for, on the run's clock, and `host_refusals` how many refusals in a row its host was
    known for when this attempt began. With `answer` only terms are waited for.
    """

    request: FetchRequest
    url: str
    target: Target
    began: float
    hops: int = 0
    attempts: int = 0
    left_origin: bool = False
    internal: bool = False
    mode: FetchMode = "plain"
    signals: tuple[RightsSignal, ...] = ()
    wants_body: bool = False
    first_started: float | None = None
    host_refusals: int = 0
    answer: CompleteAnswer | None = None

    @property
    def stored(self) -> StoredResponse | None:
        """Return the answer that this hop is asked about, if any."""
        stored = self.request.stored
        if stored is None or self.wants_body or stored.address != hash_address(self.url):
            return None
        return stored

    @property
    def path(self) -> str:
        """Return the path and query that are asked for."""
        return self.url.removeprefix(self.target.origin)

    @property
    def referrer(self) -> str | None:
        """Return the Referer of this hop, or None."""
        request = self.request
        if request.page is None:
            return None
        return make_referrer(request.page, self.url, request.referrer_policy)

    def redirect(self, reference: str, status: int, max_hops: int) -> Failure | None:
        """Move on to the address that an answer names. Return why that is not done, or None."""
        self.hops += 1
        if self.hops > max_hops:
            return Failure("too_many_redirects", f"more than {max_hops} redirects", status)
        try:
            self.url = resolve(self.url, reference)
        except BadUrl as error:
            return Failure(error.reason, f"redirected: {error.detail}", status)
        leads_to = parse_target(self.url)
        self.left_origin = self.left_origin or leads_to != self.target
        self.target, self.attempts, self.mode = leads_to, 0, "plain"
        return None


OUT_OF_TIME = Failure("deadline", "the call's time was up before this ended", retryable=True)


def explain_curl_error(code: int, detail: str) -> Failure:
    """Return the failure behind a libcurl error code."""
    reason = _CURL_REASONS.get(code, "bad_response")
    detail = detail or f"libcurl ended with error {code}"
    return Failure(reason, detail, retryable=reason in _RETRYABLE)


def explain_block(reason: str) -> Failure:
    """Return the failure of an address that `AddressPolicy.check_host` refuses for `reason`."""
    return Failure(reason, _BLOCKED[reason])


def explain_status(status: int) -> Failure:
    """Return the failure behind an HTTP status that brings no body."""
    reason = "rate_limited" if status == 429 else f"http_{status}"
    detail = f"the server answered {status}"
    return Failure(reason, detail, status, status in RETRIED_STATUS or status == 408)

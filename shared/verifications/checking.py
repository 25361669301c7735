"""Asks the origins of a chunk's images again, and compares what comes with what was stored.

Bytes are compared by their hash as they come; only other bytes are decoded, in a small pool. No
more bodies are between the two than the pool can take. None is kept.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from time import monotonic
from uuid import UUID

from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.names import is_numeric, is_unknown_name
from shared.fetching.urls import is_same_host, parse_target
from shared.imaging import ImageRejected, Limits, inspect
from shared.settings import Settings
from shared.verifications.chunks import ImageOrigin, LeasedVerification
from shared.verifications.rules import Verdict, judge_failure, judge_picture, judge_rejection

_MAX_PENDING_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CheckedOrigin:
    """The outcome of one image's origin, and what was met on the way."""

    image_id: UUID
    verdict: Verdict
    redirected_to: str | None
    rights_signals: list[UUID]


@dataclass
class VerificationFindings:
    """The outcomes of a chunk's origins; for `unfinished` ones there was no time."""

    ledger: RightsLedger
    checked: list[CheckedOrigin] = field(default_factory=list)
    unfinished: list[CheckedOrigin] = field(default_factory=list)


class OriginChecker:
    """Checks the origins of one chunk."""

    def __init__(self, chunk: LeasedVerification, settings: Settings) -> None:
        ledger = RightsLedger(chunk.crawl_job_id, chunk.verification_job_id)
        self.findings = VerificationFindings(ledger)
        self._chunk = chunk
        self._limits = Limits(max_bytes=settings.max_image_bytes)
        self._threads = settings.decode_threads
        self._pending: dict[Future[CheckedOrigin], int] = {}  # with their bytes
        self._nameless: list[CheckedOrigin] = []  # whose host was not found
        self._hosts: dict[UUID, str] = {}
        self._names_lead_somewhere = False

    def run(self, fetcher: Fetcher, check: Callable[[], None], deadline: float) -> None:
        """Fill `findings`, up to the deadline, a `time.monotonic()` moment.

        `check` is called many times a second and may raise to stop.
        """
        self.findings.ledger.site_files = fetcher.site_files
        requests = (FetchRequest(origin.url, tag=origin) for origin in self._chunk.origins)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="compare") as pool:
            try:
                for result in fetcher.fetch_all(
                    requests,
                    check,
                    respect_robots=self._chunk.respect_robots,
                    rights=self._chunk.rights,
                    deadline=deadline,
                ):
                    self._receive(pool, result)
            finally:
                self._collect(wait(self._pending).done)
        self._look_up_names(check, deadline)

    def _receive(self, pool: ThreadPoolExecutor, result: FetchResult) -> None:
        origin: ImageOrigin = result.request.tag
        signals = self.findings.ledger.note(result.signals, result.error)
        host = parse_target(result.url_final).host if result.status else ""
        self._names_lead_somewhere |= bool(host) and not is_numeric(host)
        moved = not is_same_host(origin.url, result.url_final)
        found = CheckedOrigin(
            origin.image_id, _SAME_BYTES, result.url_final if moved else None, signals
        )
        if result.error is not None:
            self._take_failure(replace(found, verdict=judge_failure(result.error)), result)
            return
        data = result.body or b""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == origin.sha256:
            same = replace(_SAME_BYTES, sha256=sha256, http_status=result.status)
            self.findings.checked.append(replace(found, verdict=same))
            return
        future = pool.submit(self._compare, origin, found, result, data, sha256)
        self._pending[future] = len(data)
        while len(self._pending) > 2 * self._threads or (
            len(self._pending) > 1 and sum(self._pending.values()) > _MAX_PENDING_BYTES
        ):
            self._collect(wait(self._pending, return_when=FIRST_COMPLETED).done)

    def _take_failure(self, found: CheckedOrigin, result: FetchResult) -> None:
        match found.verdict.reason:
            case "deadline":
                self.findings.unfinished.append(found)
            case "dns_error":
                self._hosts[found.image_id] = parse_target(result.url_final).host
                self._nameless.append(found)
            case _:
                self.findings.checked.append(found)

    def _compare(
        self,
        origin: ImageOrigin,
        found: CheckedOrigin,
        result: FetchResult,
        data: bytes,
        sha256: str,
    ) -> CheckedOrigin:
        """Decode other bytes than were stored, in a thread of the pool."""
        try:
            inspection = inspect(data, self._limits, thumbnail=None)
        except ImageRejected as error:
            media_type = result.headers.get("content-type", "").partition(";")[0].strip()
            verdict = judge_rejection(error, media_type, result.status)
        else:
            distance = None
            if origin.phash is not None:
                distance = ((origin.phash ^ inspection.phash) & (2**64 - 1)).bit_count()
            verdict = judge_picture(distance, self._chunk.max_distance)
        return replace(found, verdict=replace(verdict, sha256=sha256, http_status=result.status))

    def _collect(self, done: set[Future[CheckedOrigin]]) -> None:
        for future in done:
            del self._pending[future]
            self.findings.checked.append(future.result())

    def _look_up_names(self, check: Callable[[], None], deadline: float) -> None:
        """Tell hosts that are no more from hosts that were not found for a passing reason.

        A resolver is believed once another name led somewhere, in this chunk.
        """
        unknown: dict[str, bool] = {}
        for found in self._nameless:
            check()
            host, verdict = self._hosts[found.image_id], found.verdict
            if host not in unknown:
                may_ask = self._names_lead_somewhere and monotonic() < deadline
                unknown[host] = may_ask and is_unknown_name(host)
            if unknown[host]:
                detail = f"DNS knows no host named {host}"
                verdict = judge_failure(Failure("no_such_host", detail))
            self.findings.checked.append(replace(found, verdict=verdict))


_SAME_BYTES = Verdict("same_bytes")

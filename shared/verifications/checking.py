"""Asks the origins of a chunk's images again, and compares what comes with what was stored.

Bytes are compared by their hash as they come; only other bytes are decoded, in a small pool, or the
same where what they say of their use is to be judged anew. No more bodies are between the two than
the pool can take, and none is kept.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from time import monotonic
from uuid import UUID

from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.names import is_numeric, is_unknown_name
from shared.fetching.urls import is_same_host, parse_target
from shared.imaging import ImageRejected, Limits, inspect
from shared.imaging.embedded_rights import read_embedded_rights
from shared.rights.signals import RightsSignal, find_refusal
from shared.settings import Settings
from shared.verifications.chunks import ImageOrigin, LeasedVerification
from shared.verifications.page_checking import CheckedPage, check_pages
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
    pages: list[CheckedPage] = field(default_factory=list)
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
        # With their bytes.
        self._pending: dict[Future[tuple[_Comparison, FetchResult, str]], int] = {}
        self._nameless: list[tuple[str, CheckedOrigin]] = []  # whose host was not found
        self._names_lead_somewhere = False

    def run(self, fetcher: Fetcher, check: Callable[[], None], deadline: float) -> None:
        """Fill `findings`, up to the deadline, a `time.monotonic()` moment; pages have half of it.

        `check` is called many times a second and may raise to stop.
        """
        self.findings.ledger.site_files = fetcher.site_files
        half = (monotonic() + deadline) / 2
        self.findings.pages += check_pages(fetcher, self._chunk, self.findings.ledger, check, half)
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
        host = parse_target(result.url_final).host if result.status else ""
        self._names_lead_somewhere |= bool(host) and not is_numeric(host)
        if result.error is not None:
            self._take_failure(origin, result, result.error)
            return
        data = result.body or b""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == origin.sha256 and not self._chunk.reads_files:
            self._note(_Comparison(_SAME_BYTES, result.signals), result, sha256)
            return
        future = pool.submit(self._compare, origin, result, data, sha256)
        self._pending[future] = len(data)
        while len(self._pending) > 2 * self._threads or (
            len(self._pending) > 1 and sum(self._pending.values()) > _MAX_PENDING_BYTES
        ):
            self._collect(wait(self._pending, return_when=FIRST_COMPLETED).done)

    def _take_failure(self, origin: ImageOrigin, result: FetchResult, failure: Failure) -> None:
        noted = self.findings.ledger.note(result.signals, failure)
        found = CheckedOrigin(
            origin.image_id, judge_failure(failure), _find_other_host(result), noted
        )
        match failure.reason:
            case "deadline" | "host_busy":
                self.findings.unfinished.append(found)
            case "dns_error":
                self._nameless.append((parse_target(result.url_final).host, found))
            case _:
                self.findings.checked.append(found)

    def _compare(
        self, origin: ImageOrigin, result: FetchResult, data: bytes, sha256: str
    ) -> tuple["_Comparison", FetchResult, str]:
        """Decode what is served, in a thread of the pool; the file may say itself what it allows.

        The result comes without its body, which is of no use any more.
        """
        rest = replace(result, body=None)
        try:
            inspection = inspect(data, self._limits, thumbnail=None)
            said = read_embedded_rights(data, inspection, self._limits, result.url_final)
        except ImageRejected as error:
            media_type = result.headers.get("content-type", "").partition(";")[0].strip()
            verdict = judge_rejection(error, media_type, result.status)
            return _Comparison(verdict, result.signals), rest, sha256
        signals = [*result.signals, *said.signals]
        if refusal := find_refusal(signals, self._chunk.rights):
            failure = Failure("opted_out", refusal, result.status)
            return _Comparison(judge_failure(failure), signals, failure), rest, sha256
        if sha256 == origin.sha256:
            return _Comparison(_SAME_BYTES, signals), rest, sha256
        distance = None
        if origin.phash is not None:
            distance = ((origin.phash ^ inspection.phash) & (2**64 - 1)).bit_count()
        verdict = judge_picture(distance, self._chunk.max_distance)
        return _Comparison(verdict, signals), rest, sha256

    def _collect(self, done: set[Future[tuple["_Comparison", FetchResult, str]]]) -> None:
        for future in done:
            del self._pending[future]
            self._note(*future.result())

    def _note(self, comparison: "_Comparison", result: FetchResult, sha256: str) -> None:
        noted = self.findings.ledger.note(comparison.signals, comparison.failure)
        verdict = replace(comparison.verdict, sha256=sha256, http_status=result.status)
        image_id = result.request.tag.image_id
        self.findings.checked.append(
            CheckedOrigin(image_id, verdict, _find_other_host(result), noted)
        )

    def _look_up_names(self, check: Callable[[], None], deadline: float) -> None:
        """Tell hosts that are no more from hosts that were not found for a passing reason.

        A resolver is believed once another name led somewhere, in this chunk.
        """
        unknown: dict[str, bool] = {}
        for host, found in self._nameless:
            check()
            if host not in unknown:
                may_ask = self._names_lead_somewhere and monotonic() < deadline
                unknown[host] = may_ask and is_unknown_name(host)
            verdict = found.verdict
            if unknown[host]:
                verdict = judge_failure(Failure("no_such_host", f"DNS knows no host named {host}"))
            self.findings.checked.append(replace(found, verdict=verdict))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The outcome of bytes that came, with what was said about their use."""

    verdict: Verdict
    signals: Sequence[RightsSignal]
    failure: Failure | None = None


_SAME_BYTES = Verdict("same_bytes")


def _find_other_host(result: FetchResult) -> str | None:
    """Return the address that answered, where that is of another host than was asked."""
    return None if is_same_host(result.request.url, result.url_final) else result.url_final

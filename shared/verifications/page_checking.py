"""Asks the pages that showed images again, for what they say about the use of these.

A page is asked with the first of its images, once in a verification job; what it says is about all
of them (`shared.verifications.pages`). One that gives no answer says nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from shared.crawls.page_answers import read_answer
from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.pages.licence_links import find_terms
from shared.rights.answers import list_meta_signals
from shared.rights.signals import find_refusal
from shared.texts import clean_line
from shared.verifications.chunks import LeasedVerification
from shared.verifications.rules import judge_failure

_MAX_BYTES = 5 * 1024 * 1024
_MAX_DETAIL = 500


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """The words of a page, by the image it was asked with; `refusal` is None if it gives that."""

    image_id: UUID
    refusal: str | None
    rights_signals: list[UUID]


def check_pages(
    fetcher: Fetcher,
    chunk: LeasedVerification,
    ledger: RightsLedger,
    check: Callable[[], None],
    deadline: float,
) -> Iterator[CheckedPage]:
    """Yield what the pages that a chunk is to ask for say, up to a `time.monotonic()` moment."""
    if chunk.rights == "ignore":
        return
    requests = (
        FetchRequest(
            origin.page,
            kind="sitemap" if chunk.reads_sitemaps else "page",
            max_bytes=_MAX_BYTES,
            find_terms=find_terms,
            tag=origin.image_id,
        )
        for origin in chunk.origins
        if origin.page
    )
    for result in fetcher.fetch_all(
        requests,
        check,
        respect_robots=chunk.respect_robots,
        rights=chunk.rights,
        deadline=deadline,
    ):
        if found := _judge(result, chunk, ledger):
            yield found
        if monotonic() > deadline:
            return  # reading takes time as well


def _judge(
    result: FetchResult, chunk: LeasedVerification, ledger: RightsLedger
) -> CheckedPage | None:
    """Return the words of an answer; None where it has none."""
    failure, signals = result.error, [*result.signals]
    if failure is None:
        page, _ = read_answer(result)
        if chunk.reads_sitemaps and not page.images:
            return None  # a sitemap, which says in its headers what is about itself alone
        signals += list_meta_signals(
            page.directives, page.reservations, page.terms, result.url_final
        )
        if detail := find_refusal(signals, "respect"):
            failure = Failure("opted_out", detail, result.status)
    elif judge_failure(failure).outcome != "opted_out":
        return None
    refusal = f"its page {result.request.url}: {failure.detail}" if failure else None
    return CheckedPage(
        result.request.tag,
        refusal and clean_line(refusal, _MAX_DETAIL),
        ledger.note(signals, failure),
    )

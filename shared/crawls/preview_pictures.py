"""Small pictures of what a source would bring, fetched under the rules of a crawl."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Final

from shared.crawls.entries import CrawlEntry
from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.fetching.referrers import DEFAULT_POLICY
from shared.imaging import ImageRejected, Limits, inspect
from shared.imaging.embedded_rights import read_embedded_rights
from shared.imaging.limits import ImageFormat
from shared.imaging.variants import Variant
from shared.rights.signals import RightsPolicy, find_refusal
from shared.searching.names import EngineName

MAX_BYTES = 8 * 1024 * 1024  # of one picture; a crawl takes larger ones
_SIDE = 160
_PICTURE: Final = Variant(
    name="preview", width=_SIDE, height=_SIDE, fit="contain", format="webp", quality=60
)
_DRAWERS = 2
_OUT_OF_TIME = "There was no time left to look at it."
_TOO_LARGE = f"It is larger than the {MAX_BYTES // 1024**2} MiB that a preview fetches."


@dataclass
class PreviewCandidate:
    """An image that a crawl would ask for, and what became of its picture here.

    With a `reason` a crawl would not take it. Without one and without a `picture` there is none to
    show, and `detail` says why. Of an engine's result `width` and `height` are what that says, and
    `address` is where its small picture is, which with `of_engine` is a part of the interface.
    """

    entry: CrawlEntry
    engine: EngineName | None = None
    keyword: str | None = None
    address: str | None = None
    of_engine: bool = False
    width: int | None = None
    height: int | None = None
    format: ImageFormat | None = None
    picture: bytes | None = None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class PictureRules:
    """The rules under which pictures are asked for: as the options of the crawl have them."""

    respect_robots: bool
    rights: RightsPolicy
    tells_pages: bool = False


def fetch_pictures(
    fetcher: Fetcher, candidates: Sequence[PreviewCandidate], rules: PictureRules, deadline: float
) -> None:
    """Complete the candidates with their pictures, until a `time.monotonic()` moment.

    An engine's own small pictures are a part of its interface for programs, whose terms are not
    in a robots.txt; what stands anywhere else is asked for as a crawl would.
    """
    with ThreadPoolExecutor(_DRAWERS, thread_name_prefix="preview") as pool:
        for of_engine in (True, False):
            requests = [
                _make_request(one, rules)
                for one in candidates
                if one.reason is None and one.of_engine is of_engine
            ]
            if not requests:
                continue
            for result in fetcher.fetch_all(
                requests,
                respect_robots=rules.respect_robots and not of_engine,
                rights="ignore" if of_engine else rules.rights,
                deadline=deadline,
            ):
                pool.submit(_draw, result, rules, deadline)


def _make_request(candidate: PreviewCandidate, rules: PictureRules) -> FetchRequest:
    entry = candidate.entry
    return FetchRequest(
        candidate.address or entry.url,
        tag=candidate,
        page=entry.source_page if rules.tells_pages else None,
        referrer_policy=entry.referrer_policy or DEFAULT_POLICY,
    )


def _draw(result: FetchResult, rules: PictureRules, deadline: float) -> None:
    """Draw the picture of a candidate, or note why there is none."""
    candidate: PreviewCandidate = result.request.tag
    if result.error is not None:
        _note_failure(candidate, result.error.reason, result.error.detail)
    elif monotonic() > deadline:
        candidate.detail = _OUT_OF_TIME
    else:
        limits = Limits(max_bytes=MAX_BYTES)
        data = result.body or b""
        try:
            found = inspect(data, limits, thumbnail=_PICTURE)
            embedded = read_embedded_rights(data, found, limits, result.url_final)
        except ImageRejected as error:
            _note_failure(candidate, error.reason, error.detail)
            return
        if candidate.address is None:
            candidate.width, candidate.height = found.width, found.height
            candidate.format = found.format
            refusal = find_refusal([*result.signals, *embedded.signals], rules.rights)
            if refusal:
                candidate.reason, candidate.detail = "opted_out", refusal
                return
        candidate.picture = found.thumbnail.data if found.thumbnail else None


def _note_failure(candidate: PreviewCandidate, reason: str, detail: str) -> None:
    """Note why there is no picture: it is a crawl's reason only where the image itself failed."""
    if reason == "deadline":
        candidate.detail = _OUT_OF_TIME
    elif reason == "too_large":
        candidate.detail = _TOO_LARGE
    elif candidate.address is not None:
        candidate.detail = f"Its small picture could not be fetched: {detail}"
    else:
        candidate.reason, candidate.detail = reason, detail


def make_candidates(entries: Iterable[CrawlEntry]) -> list[PreviewCandidate]:
    """Return candidates for entries; those that cannot be fetched have their reasons already."""
    return [PreviewCandidate(one, reason=one.reason, detail=one.detail) for one in entries]

"""Downloads of images: fetch, inspect in one decode, put into the bucket.

An address that several entries of a chunk name is asked once for all of them, and one that the
project knows only as far as the crawl wants to hear from it again (`shared.crawls.known_images`).

The network runs in the caller's thread, decoding and uploading in small pools. No more images are
between the three than the pools can take, so memory stays bounded whatever a chunk holds.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from shared.crawls.checksums import check_picture
from shared.crawls.download_results import DownloadResult, FailedEntry, StoredImage
from shared.crawls.entries import CrawlEntry
from shared.crawls.image_sources import Source, find_address
from shared.crawls.known_images import KnownImage, make_source
from shared.crawls.leases import LeasedChunk
from shared.crawls.postponing import can_wait
from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.referrers import DEFAULT_POLICY
from shared.fetching.revalidation import StoredResponse
from shared.images.rows import make_columns
from shared.images.variants import store_variant
from shared.imaging import THUMBNAIL, ImageRejected, Inspection, Limits, inspect
from shared.imaging.embedded_rights import read_embedded_rights
from shared.rights.signals import RightsSignal, find_refusal
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_image
from shared.storage.writer import ObjectWriter
from shared.texts import make_file_name

MAX_PENDING_BYTES = 64 * 1024 * 1024
REMEMBERED = 100  # inspections, each with a thumbnail of some 10 KB


@dataclass(frozen=True, slots=True)
class AskedAddress:
    """An address with the entries that name it, each by its place in the chunk."""

    url: str
    entries: list[tuple[int, CrawlEntry]]
    known: KnownImage | None


# What its entries came to, under which signals, and what an address is known for from now on.
_Outcome = tuple[list[StoredImage | FailedEntry], Sequence[RightsSignal], Source | None]


class Downloader:
    """Downloads one chunk's images into its project."""

    def __init__(self, chunk: LeasedChunk, storage: Storage, settings: Settings) -> None:
        self.result = DownloadResult(RightsLedger(chunk.crawl_job_id))
        self.writer = ObjectWriter(storage)
        self._chunk = chunk
        self._patience = settings.crawl_patience
        self._project_id = chunk.project_id
        self._crawl_job_id = chunk.crawl_job_id
        self._known_images = chunk.known_images
        self._options = chunk.options
        self._tells_pages = chunk.source.get("referer") == "page"
        self._thumbnail = THUMBNAIL if THUMBNAIL.name in chunk.options.variants else None
        self._limits = Limits(max_bytes=settings.max_image_bytes)
        self._threads = settings.decode_threads + settings.upload_threads
        self._inspected: dict[bytes, Inspection] = {}
        self._decoding = threading.Semaphore(settings.decode_threads)
        self._pending: dict[Future[_Outcome], int] = {}  # with their bytes

    def run(
        self,
        fetcher: Fetcher,
        entries: Iterable[CrawlEntry],
        check: Callable[[], None],
        deadline: float,
    ) -> None:
        """Fill `result`, up to the deadline, a `time.monotonic()` moment.

        `check` is called many times a second and may raise to stop; `writer.made` then tells
        what was written so far. Trouble with the bucket is raised, for the chunk to be tried again.
        """
        self.result.ledger.site_files = fetcher.site_files
        requests = [
            self._make_request(one)
            for one in self._list_addresses(entries)
            if not self._settle_unasked(one)
        ]
        with ThreadPoolExecutor(self._threads, thread_name_prefix="download") as pool:
            try:
                for result in fetcher.fetch_all(
                    requests,
                    check,
                    respect_robots=self._options.respect_robots,
                    rights=self._options.rights,
                    deadline=deadline,
                ):
                    self._receive(pool, result)
            finally:
                self._collect(wait(self._pending).done)

    def _make_request(self, asked: AskedAddress) -> FetchRequest:
        """Return the request for an address, told of the first page that shows it."""
        _, entry = asked.entries[0]
        return FetchRequest(
            asked.url,
            stored=self._find_stored(asked),
            tag=asked,
            page=entry.source_page if self._tells_pages else None,
            referrer_policy=entry.referrer_policy or DEFAULT_POLICY,
        )

    def _refuse(self, place: int, entry: CrawlEntry) -> bool:
        """Return whether an address is known to be one that cannot be fetched."""
        if not entry.reason:
            return False
        failure = Failure(entry.reason, entry.detail or "")
        self.result.failed.append(FailedEntry(place, entry, failure))
        return True

    def _list_addresses(self, entries: Iterable[CrawlEntry]) -> list[AskedAddress]:
        """Return the addresses to ask, each once unless the crawl wants each time it is listed."""
        found: dict[Any, AskedAddress] = {}
        for place, entry in enumerate(entries):
            if self._refuse(place, entry):
                continue
            url = find_address(entry.url)
            one = AskedAddress(url or entry.url, [], self._known_images.get(url or ""))
            key = place if self._options.refresh == "always" or url is None else url
            found.setdefault(key, one).entries.append((place, entry))
        return list(found.values())

    def _settle_unasked(self, asked: AskedAddress) -> bool:
        """Return whether an address need not be asked, after settling its entries."""
        known = asked.known
        if known is None or any(
            known.must_be_asked(entry, self._options) for _, entry in asked.entries
        ):
            return False
        return self._settle_known(asked, known, [])

    def _find_stored(self, asked: AskedAddress) -> StoredResponse | None:
        """Return the answer that an address may repeat; None where its bytes are needed anyway."""
        known = asked.known
        if known is None or any(
            known.judge(entry, self._options) is None for _, entry in asked.entries
        ):
            return None
        return known.find_stored(self._options)

    def _settle_known(
        self, asked: AskedAddress, known: KnownImage, rights_signals: list[UUID]
    ) -> bool:
        """Settle the entries of an address by what it is known for; return whether that did."""
        verdicts = [known.judge(entry, self._options) for _, entry in asked.entries]
        if None in verdicts:
            return False
        for (place, entry), verdict in zip(asked.entries, verdicts, strict=True):
            if isinstance(verdict, Failure):
                self.result.failed.append(FailedEntry(place, entry, verdict))
            elif verdict is not None:
                image = StoredImage(
                    place,
                    entry,
                    verdict.columns,
                    verdict.thumbnail if self._thumbnail else None,
                    verdict.rights,
                    rights_signals,
                    is_repeated=verdict.crawl_job_id != self._crawl_job_id,
                )
                self.result.stored.append(image)
        return True

    def _receive(self, pool: ThreadPoolExecutor, result: FetchResult) -> None:
        asked: AskedAddress = result.request.tag
        if result.body is not None:
            self.result.downloaded_bytes += len(result.body)
            future = pool.submit(self._store, asked, result)
            self._pending[future] = len(result.body)
            while len(self._pending) > 2 * self._threads or (
                len(self._pending) > 1 and sum(self._pending.values()) > MAX_PENDING_BYTES
            ):
                self._collect(wait(self._pending, return_when=FIRST_COMPLETED).done)
        elif result.error is not None:
            self.result.ledger.note(result.signals, result.error)
            outcomes = self.result.failed
            if result.error.reason == "deadline":
                outcomes = self.result.unfinished
            elif can_wait(self._chunk, result.error, self._patience):
                outcomes = self.result.waiting
            outcomes += [FailedEntry(*one, result.error) for one in asked.entries]
        elif asked.known is not None:
            noted = self.result.ledger.note(result.signals, None)
            self._settle_known(asked, asked.known, noted)
            self.result.sources.append(make_source(asked.url, asked.known, result, self._options))

    def _collect(self, done: set[Future[_Outcome]]) -> None:
        for future in done:
            del self._pending[future]
            outcomes, signals, source = future.result()
            for one in outcomes:
                failure = one.failure if isinstance(one, FailedEntry) else None
                noted = self.result.ledger.note(signals, failure)
                if isinstance(one, StoredImage):
                    self.result.stored.append(replace(one, rights_signals=noted))
                else:
                    self.result.failed.append(one)
            if source is not None:
                self.result.sources.append(source)

    def _store(self, asked: AskedAddress, result: FetchResult) -> _Outcome:
        """Inspect the bytes and put them into the bucket, in a thread of the pool."""
        data, signals = result.body or b"", [*result.signals]
        try:
            with self._decoding:
                found = self._inspect(data)
                rights = read_embedded_rights(data, found, self._limits, result.url_final)
        except ImageRejected as error:
            return self._fail(asked, Failure(error.reason, error.detail), result), signals, None
        signals += rights.signals
        if refusal := find_refusal(signals, self._options.rights):
            return self._fail(asked, Failure("opted_out", refusal), result), signals, None
        source = make_source(asked.url, found, result, self._options)
        outcomes: list[StoredImage | FailedEntry] = []
        wanted = []
        for place, entry in asked.entries:
            if fault := check_picture(entry, found, self._options):
                fault = replace(fault, http_status=result.status)
                outcomes.append(FailedEntry(place, entry, fault))
            else:
                wanted.append((place, entry))
        if not wanted:
            return outcomes, signals, source
        name = name_image(self._project_id, found.sha256, found.extension)
        self.writer.put(name, data, found.mime_type)
        thumbnail = None
        if found.thumbnail:
            thumbnail = store_variant(self.writer, self._project_id, found.sha256, found.thumbnail)
        columns = {
            **make_columns(found, len(data)),
            "file_path": name,
            "file_name": _get_file_name(result.url_final),
            "processed_path": thumbnail.object if thumbnail else None,
        }
        outcomes += [StoredImage(*one, columns, thumbnail, rights) for one in wanted]
        return outcomes, signals, source

    def _inspect(self, data: bytes) -> Inspection:
        """Inspect a file; copies of one that came shortly before are not decoded again."""
        digest = hashlib.sha256(data).digest()
        found = self._inspected.get(digest)
        if found is None:
            found = inspect(data, self._limits, thumbnail=self._thumbnail)
            if len(self._inspected) >= REMEMBERED:
                self._inspected = {}
            self._inspected[digest] = found
        return found

    def _fail(
        self, asked: AskedAddress, failure: Failure, result: FetchResult
    ) -> list[StoredImage | FailedEntry]:
        failure = replace(failure, http_status=result.status)
        return [FailedEntry(*one, failure) for one in asked.entries]


def _get_file_name(url: str) -> str | None:
    """Return the file's name at its origin, if its address has one."""
    last = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    return make_file_name(last) if last else None

"""Downloads of images: fetch, inspect in one decode, put into the bucket.

The network runs in the caller's thread, decoding and uploading in small pools. No more images are
between the three than the pools can take, so memory stays bounded whatever a chunk holds.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from shared.crawls.checksums import compare_checksums
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.crawls.postponing import can_wait
from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.images.rows import make_columns
from shared.images.variants import StoredVariant, store_variant
from shared.imaging import THUMBNAIL, ImageRejected, Inspection, Limits, inspect
from shared.imaging.embedded_rights import read_embedded_rights
from shared.rights.embedded import FileRights
from shared.rights.signals import RightsSignal, find_refusal
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_image
from shared.storage.writer import ObjectWriter
from shared.texts import make_file_name

MAX_PENDING_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image in the bucket that has no row yet; `rights` is what the file says itself."""

    place: int
    entry: CrawlEntry
    columns: dict[str, Any]
    thumbnail: StoredVariant | None
    rights: FileRights
    rights_signals: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FailedEntry:
    """An address that brought no image, and why."""

    place: int
    entry: CrawlEntry
    failure: Failure


# With the signals under which it was taken, or not.
_Outcome = tuple[StoredImage | FailedEntry, Sequence[RightsSignal]]


@dataclass
class DownloadResult:
    """The outcome of a chunk's addresses; every one is in exactly one of the lists."""

    ledger: RightsLedger
    stored: list[StoredImage] = field(default_factory=list)
    failed: list[FailedEntry] = field(default_factory=list)
    unfinished: list[FailedEntry] = field(default_factory=list)  # when the time was up
    waiting: list[FailedEntry] = field(default_factory=list)  # for hosts that are closed for longer
    downloaded_bytes: int = 0


class Downloader:
    """Downloads one chunk's images into its project."""

    def __init__(self, chunk: LeasedChunk, storage: Storage, settings: Settings) -> None:
        self.result = DownloadResult(RightsLedger(chunk.crawl_job_id))
        self.writer = ObjectWriter(storage)
        self._chunk = chunk
        self._patience = settings.crawl_patience
        self._project_id = chunk.project_id
        self._options = chunk.options
        self._limits = Limits(max_bytes=settings.max_image_bytes)
        self._threads = settings.decode_threads + settings.upload_threads
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
        requests = (
            FetchRequest(entry.url, tag=(place, entry))
            for place, entry in enumerate(entries)
            if not self._refuse(place, entry)
        )
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

    def _refuse(self, place: int, entry: CrawlEntry) -> bool:
        """Return whether an address is known to be one that cannot be fetched."""
        if not entry.reason:
            return False
        failure = Failure(entry.reason, entry.detail or "")
        self.result.failed.append(FailedEntry(place, entry, failure))
        return True

    def _receive(self, pool: ThreadPoolExecutor, result: FetchResult) -> None:
        place, entry = result.request.tag
        if result.body is not None:
            self.result.downloaded_bytes += len(result.body)
            future = pool.submit(self._store, place, entry, result)
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
            outcomes.append(FailedEntry(place, entry, result.error))

    def _collect(self, done: set[Future[_Outcome]]) -> None:
        for future in done:
            del self._pending[future]
            outcome, signals = future.result()
            failure = outcome.failure if isinstance(outcome, FailedEntry) else None
            noted = self.result.ledger.note(signals, failure)
            if isinstance(outcome, StoredImage):
                self.result.stored.append(replace(outcome, rights_signals=noted))
            else:
                self.result.failed.append(outcome)

    def _store(self, place: int, entry: CrawlEntry, result: FetchResult) -> _Outcome:
        """Inspect the bytes and put them into the bucket, in a thread of the pool."""
        data, signals = result.body or b"", [*result.signals]
        wanted = THUMBNAIL if THUMBNAIL.name in self._options.variants else None
        try:
            with self._decoding:
                found = inspect(data, self._limits, thumbnail=wanted)
                rights = read_embedded_rights(data, found, self._limits, result.url_final)
        except ImageRejected as error:
            failure = Failure(error.reason, error.detail, result.status)
            return FailedEntry(place, entry, failure), signals
        signals += rights.signals
        if refusal := self._judge(entry, found, signals):
            return FailedEntry(place, entry, replace(refusal, http_status=result.status)), signals
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
        return StoredImage(place, entry, columns, thumbnail, rights), signals

    def _judge(
        self, entry: CrawlEntry, found: Inspection, signals: Sequence[RightsSignal]
    ) -> Failure | None:
        """Return why an image that can be read is not taken, or None."""
        if refusal := find_refusal(signals, self._options.rights):
            return Failure("opted_out", refusal)
        if found.width < self._options.min_width or found.height < self._options.min_height:
            return Failure(
                "too_small",
                f"{found.width} x {found.height} pixels; asked for at least "
                f"{self._options.min_width} x {self._options.min_height}",
            )
        return compare_checksums(entry, found, self._options.phash_distance)


def _get_file_name(url: str) -> str | None:
    """Return the file's name at its origin, if its address has one."""
    last = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    return make_file_name(last) if last else None

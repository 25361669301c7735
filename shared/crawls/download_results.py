"""The outcome of a chunk's addresses, before it is written."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.crawls.entries import CrawlEntry
from shared.crawls.image_sources import Source
from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure
from shared.images.variants import StoredVariant
from shared.rights.embedded import FileRights


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image in the bucket that has no row yet; `rights` is what the file says itself.

    `is_repeated` says that an earlier crawl job brought it from the same address.
    """

    place: int
    entry: CrawlEntry
    columns: dict[str, Any]
    thumbnail: StoredVariant | None
    rights: FileRights
    rights_signals: list[UUID] = field(default_factory=list)
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class FailedEntry:
    """An address that brought no image, and why."""

    place: int
    entry: CrawlEntry
    failure: Failure


@dataclass
class DownloadResult:
    """The outcome of a chunk's addresses; every one is in exactly one of the lists.

    `sources` are what addresses brought that were asked.
    """

    ledger: RightsLedger
    stored: list[StoredImage] = field(default_factory=list)
    failed: list[FailedEntry] = field(default_factory=list)
    unfinished: list[FailedEntry] = field(default_factory=list)  # when the time was up
    waiting: list[FailedEntry] = field(default_factory=list)  # for hosts that are closed for longer
    downloaded_bytes: int = 0
    sources: list[Source] = field(default_factory=list)

"""The images that a search in pages has found, up to as many as its job has room for."""

from shared.crawls.entries import CrawlEntry
from shared.crawls.frontier import Frontier
from shared.crawls.leases import LeasedChunk
from shared.pages.building import ImageLink, RefusedAddress
from shared.texts import clean_line

MAX_FOUND = 20_000  # of one call, after which others begin to fetch them


class FoundImages:
    """Entries for the images of a chunk of pages by address, new ones alone."""

    def __init__(self, chunk: LeasedChunk, frontier: Frontier) -> None:
        self.entries: dict[str, CrawlEntry] = {}
        self._known = chunk.known.images
        self._room = chunk.options.max_images - len(chunk.known.images)
        self._label: str | None = chunk.source.get("label")
        self._frontier = frontier

    @property
    def are_enough(self) -> bool:
        """True when the job wants no more."""
        return len(self.entries) >= self._room

    @property
    def are_many(self) -> bool:
        """True when others should begin on them."""
        return len(self.entries) >= MAX_FOUND

    def add(
        self,
        image: ImageLink | RefusedAddress,
        page: str,
        rights_signals: tuple[str, ...] = (),
        referrer_policy: str | None = None,
    ) -> None:
        """Add an image of a page; one that cannot be fetched is an entry that fails."""
        if isinstance(image, RefusedAddress):
            self._add(make_refused_entry(image, page))
        elif self._wants(image.url) and not self._frontier.excludes(image.url):
            self._add(
                CrawlEntry(
                    image.url,
                    label=self._label,
                    caption=_clean_text(image.alt or image.caption or image.title),
                    license=_clean_text(image.license),
                    attribution=_clean_text(image.attribution),
                    source_page=image.source_page,
                    rights_signals=rights_signals,
                    referrer_policy=image.referrer_policy or referrer_policy,
                )
            )

    def _add(self, entry: CrawlEntry) -> None:
        if self._wants(entry.url):
            self.entries[entry.url] = entry

    def _wants(self, url: str) -> bool:
        return not (self.are_enough or url in self._known or url in self.entries)


def make_refused_entry(address: RefusedAddress, page: str) -> CrawlEntry:
    """Return the entry of an address on a page that cannot be fetched."""
    return CrawlEntry(address.url, source_page=page, reason=address.reason, detail=address.detail)


def _clean_text(value: str | None) -> str | None:
    """Return text as PostgreSQL can keep it."""
    return clean_line(value) if value else None

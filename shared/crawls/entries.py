"""One address or image of a chunk, with what its source says about it."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class CrawlEntry:
    """An address to fetch; `depth` counts the links from the first page, for pages only.

    An address on a page that cannot be fetched has the `reason` and `detail` of its failure. In a
    chunk of variants it is the image `image_id`, and `url` where that came from.
    """

    url: str
    label: str | None = None
    caption: str | None = None
    license: str | None = None
    attribution: str | None = None
    source_page: str | None = None
    depth: int = 0
    reason: str | None = None
    detail: str | None = None
    image_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as `crawl_chunks.urls` holds it: without what is not known."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def parse(cls, given: str | dict[str, Any]) -> Self:
        """Read an entry of a source, where an address may stand alone, or of a chunk."""
        return cls(given) if isinstance(given, str) else cls(**given)

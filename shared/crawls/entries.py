"""One address or image of a chunk, with what its source says about it."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

# What a chunk of pages reads beside pages: a sitemap, perhaps one that nobody promised.
SITEMAP: Final = "sitemap"
SITEMAP_GUESS: Final = "sitemap_guess"


@dataclass(frozen=True, slots=True)
class CrawlEntry:
    """An address to fetch; `depth` counts the links from the first page, for pages only.

    What a request lists has its `position` there, from 0. A page that sent its readers on has the
    addresses that this led to by now in `refreshes`. An address in a list or on a page that cannot
    be fetched has the `reason` and `detail` of its failure. `sha256` and `phash`, in hex, are what
    the bytes and the picture should have. In a chunk of variants it is the image `image_id`, and
    `url` where that came from; in one of a manifest `url` is that, read as far as `progress` says.
    `rights_signals` are ids of what its page said about its use, `referrer_policy` what its page
    wants to be told of itself. A chunk of pages may hold sitemaps, by their `role`: then
    `source_page` is the listed page for whose site it is read, `depth` counts the indexes above it.
    """

    url: str
    label: str | None = None
    caption: str | None = None
    license: str | None = None
    attribution: str | None = None
    source_page: str | None = None
    depth: int = 0
    refreshes: tuple[str, ...] = ()
    reason: str | None = None
    detail: str | None = None
    image_id: str | None = None
    rights_signals: tuple[str, ...] = ()
    position: int | None = None
    sha256: str | None = None
    phash: str | None = None
    metadata: dict[str, Any] | None = None
    progress: dict[str, Any] | None = None
    referrer_policy: str | None = None
    role: Literal["sitemap", "sitemap_guess"] | None = None

    @property
    def current_url(self) -> str:
        """Return the address to fetch now."""
        return self.refreshes[-1] if self.refreshes else self.url

    def to_json(self) -> dict[str, Any]:
        """Return the entry as `crawl_chunks.urls` holds it: without what is not known."""
        known = {name: value for name, value in asdict(self).items() if value}
        return known | {"url": self.url} | ({"position": 0} if self.position == 0 else {})

    @classmethod
    def parse(cls, given: str | dict[str, Any]) -> Self:
        """Read an entry of a source, where an address may stand alone, or of a chunk."""
        if isinstance(given, str):
            return cls(given)
        lists = {name: tuple(given.get(name, ())) for name in ("refreshes", "rights_signals")}
        return cls(**given | lists)

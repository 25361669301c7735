"""Previews of sources, before a crawl starts."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from shared.imaging.limits import ImageFormat
from shared.rights.signals import RightsPolicy
from shared.schemas.kinds import Input, Read
from shared.schemas.sources import KeywordsSource, PagesSource, UrlsSource, choose_branch
from shared.searching.names import EngineName

_TYPES = ("urls", "pages", "keywords")


class SourcePreviewOptions(Input):
    """The options of a crawl that a preview heeds."""

    respect_robots: bool = True
    """Whether what a robots.txt forbids is left alone."""
    rights: RightsPolicy = "respect"
    """Policy about wishes of owners that concern use in AI."""


class SourcePreviewCreate(Input):
    """A source to look at, as a crawl would be given it. A manifest has no preview here."""

    source: Annotated[
        Annotated[UrlsSource, Tag("<urls>")]
        | Annotated[PagesSource, Tag("<pages>")]
        | Annotated[KeywordsSource, Tag("<keywords>")],
        Discriminator(
            lambda given: choose_branch(given, _TYPES),
            custom_error_type="refused",
            custom_error_message="must be urls, pages or keywords",
            custom_error_context={"path": ["type"]},
        ),
    ]
    """Source to look at; `type` says which kind it is."""
    options: SourcePreviewOptions = SourcePreviewOptions()
    """Options that the crawl would have."""


class PreviewSearchRead(Read):
    """Answer of an engine to a keyword."""

    keyword: str
    """Words that it was asked for."""
    engine: EngineName
    """Engine that was asked."""
    found: int
    """Number of results on its first page."""
    has_more: bool
    """Whether it has further pages."""
    reason: str | None
    """Reason why it gave no results; null where it answered."""
    detail: str | None
    """Sentence about the reason, for a person; null where it answered."""


class PreviewPageRead(Read):
    """A listed page, read once."""

    url: str
    """Address of the page, after redirects."""
    title: str | None
    """Title of the page; null where it has none or was not read."""
    images: int
    """Number of images that it shows or links to."""
    links: int
    """Number of other pages that it leads to."""
    further_pages: int
    """Number of these that a crawl would read next, by the depth and patterns of the source."""
    reason: str | None
    """Reason why it was not read, or not wholly; null where it was."""
    detail: str | None
    """Sentence about the reason, for a person; null where it was read."""


class PreviewCandidateRead(Read):
    """An image that a crawl would ask for."""

    url: str
    """Address of the image."""
    source_page: str | None
    label: str | None
    caption: str | None
    license: str | None
    attribution: str | None
    engine: EngineName | None
    """Engine that found it; null where it came from no search."""
    keyword: str | None
    """Words that it was found for; null where it came from no search."""
    width: int | None
    """Width in pixels: of the picture that was fetched, or as the engine says; null where neither
    is known.
    """
    height: int | None
    """Height in pixels, known as the width is."""
    format: ImageFormat | None
    """Format of the picture that was fetched; null where it was not."""
    thumbnail: Annotated[str | None, Field(max_length=100_000)]
    """Picture of at most 160 pixels on a side, as a `data:` address of WebP; null where there is
    none to show.
    """
    reason: str | None
    """Reason why a crawl would not take it, as far as can be seen now; null where it would."""
    detail: str | None
    """Sentence about the reason, or about why there is no picture; null where there is one."""


class SourcePreviewRead(Read):
    """First images that a source would bring now. Nothing was stored."""

    candidates: list[PreviewCandidateRead]
    """First images in the order of a crawl, at most 12."""
    found: int
    """Number of images that were found in what was looked at; a crawl may find more."""
    searches: list[PreviewSearchRead]
    """Searches for the first 3 keywords; none for other sources."""
    pages: list[PreviewPageRead]
    """First 3 pages of the source; none for other sources."""
    left_out: int
    """Number of keywords, pages or addresses of the source that were not looked at."""

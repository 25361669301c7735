"""The open figures of a page: their captions and licences hold for the images inside."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.pages.building import WebPageBuilder, clean_text
from shared.pages.markup import Tag, read_text

# Nobody nests figures deeper, and a caption is read once for each figure around it.
_MAX_FIGURES = 32
_MAX_CAPTION = 20_000  # characters of markup


@dataclass(slots=True)
class _Figure:
    images: list[str] = field(default_factory=list)
    caption: str | None = None
    caption_start: int | None = None
    license: str | None = None


class Figures:
    """The figures around the place that is being read, the innermost last."""

    def __init__(self, text: str, page: WebPageBuilder) -> None:
        self._text = text
        self._page = page
        self._open: list[_Figure] = []
        self._ignored = 0

    def start(self) -> None:
        """Take in the start of a figure."""
        if len(self._open) < _MAX_FIGURES:
            self._open.append(_Figure())
        else:
            self._ignored += 1

    def end(self) -> None:
        """Take in an end: what the figure says goes to its images."""
        if self._ignored:
            self._ignored -= 1
        elif self._open:
            self._close()

    def end_all(self) -> None:
        """Take in the end of the page."""
        while self._open:
            self._close()

    def start_caption(self, tag: Tag) -> None:
        """Take in the start of a caption."""
        if self._open and not self._ignored:
            self._open[-1].caption_start = tag.end

    def end_caption(self, tag: Tag) -> None:
        """Take in the end of a caption."""
        figure = self._open[-1] if self._open and not self._ignored else None
        if figure and figure.caption_start is not None:
            end = min(tag.start, figure.caption_start + _MAX_CAPTION)
            figure.caption = clean_text(read_text(self._text[figure.caption_start : end]))
            figure.caption_start = None

    def add(self, url: str | None) -> None:
        """Take in an image."""
        if url and self._open:
            self._open[-1].images.append(url)

    def note_license(self, url: str) -> bool:
        """Take in a licence; return whether it stands inside a figure."""
        if self._open:
            self._open[-1].license = url
        return bool(self._open)

    def _close(self) -> None:
        figure = self._open.pop()
        for url in figure.images:
            self._page.complete(url, caption=figure.caption, license=figure.license)

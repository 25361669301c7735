"""Reads HTML for the images that a page shows, what they show, and who made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.fetching.headers import parse_refresh
from shared.pages.building import BudgetSpent, WebPageBuilder, clean_text
from shared.pages.linked_data import read_image_objects
from shared.pages.markup import Tag, read_tags, read_text
from shared.pages.pictures import Picture, find_candidate, read_pixels
from shared.rights.directives import names_product, parse_directives
from shared.rights.rsl import read_embedded_terms

_HANDLED = frozenset(
    {"a", "base", "figcaption", "figure", "image", "img", "link", "meta", "noscript", "picture"}
    | {"script", "source", "title"}
)
_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp", ".tif", ".tiff")
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url")
_WISHES = frozenset({"robots", "x-robots-tag"})
_SHARED_IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")
# Nobody nests figures deeper, and a caption is read once for each figure around it.
_MAX_FIGURES = 32
_MAX_CAPTION = 20_000  # characters of markup


@dataclass(slots=True)
class _Figure:
    images: list[str] = field(default_factory=list)
    caption: str | None = None
    caption_start: int | None = None
    license: str | None = None


class HtmlReader:
    """One pass over the tags of a page, or of a piece of one, into a builder.

    Of an image offered in several sizes the largest is taken. A licence link inside a figure holds
    for its images, one outside for all that have none, unless the text names several. Links marked
    `nofollow` are left out. What is shown only where no script runs counts as shown.
    """

    def __init__(self, text: str, page: WebPageBuilder, *, xml: bool = False) -> None:
        self._text = text
        self._xml = xml
        self._page = page
        self.images: dict[str, None] = {}
        self._licenses: set[str] = set()
        self._figures: list[_Figure] = []
        self._ignored_figures = 0
        self._picture: Picture | None = None
        self._runs_no_script = False
        self._has_base = False
        self._readers: dict[str, Callable[[Tag], None]] = {
            "a": self._read_a,
            "base": self._read_base,
            "figcaption": self._start_figcaption,
            "image": self._read_image,
            "img": self._read_img,
            "link": self._read_link,
            "meta": self._read_meta,
            "script": self._read_script,
        }

    def read(self) -> None:
        """Read to the end. Raises `BudgetSpent`; what was found by then is in the builder."""
        count = self._page.budget.count_tag
        try:
            for tag in read_tags(self._text, _HANDLED, xml=self._xml, on_token=count):
                if tag.closing:
                    self._end(tag)
                else:
                    self._start(tag)
        finally:
            while self._figures:
                self._close_figure()
            if len(self._licenses) == 1:
                (license_url,) = self._licenses
                for url in self.images:
                    self._page.complete(url, license=license_url)

    def _start(self, tag: Tag) -> None:
        match tag.name:
            case "figure":
                self._start_figure()
            case "noscript":
                self._runs_no_script = True
            case "picture":
                self._picture = Picture()
            case "source" if self._picture:
                self._picture.add_source(tag.attributes)
            case "title" if not tag.foreign and not self._page.title:
                self._page.title = clean_text(read_text(tag.content))
            case name if name in self._readers:
                self._readers[name](tag)

    def _end(self, tag: Tag) -> None:
        match tag.name:
            case "figcaption":
                self._end_figcaption(tag)
            case "figure":
                self._end_figure()
            case "noscript":
                self._runs_no_script = False
            case "picture":
                self._picture = None

    def _read_base(self, tag: Tag) -> None:
        if self._has_base or "href" not in tag.attributes:
            return
        self._has_base = True
        url = self._page.resolve(tag.attributes["href"])
        if url:
            self._page.set_base(url)

    def _read_meta(self, tag: Tag) -> None:
        given = tag.attributes
        content = given.get("content", "")
        names = {given.get(name, "").strip().lower() for name in ("http-equiv", "name", "property")}
        if not names.isdisjoint(_WISHES) or any(map(names_product, names)):
            self._page.directives |= parse_directives(content)
        if "tdm-reservation" in names:
            self._page.note_reservation(content)
        if not names.isdisjoint(_SHARED_IMAGES):
            self._add_image(content)
        if given.get("http-equiv", "").strip().lower() == "refresh":
            self._page.note_refresh(parse_refresh(content), without_scripts=self._runs_no_script)

    def _read_link(self, tag: Tag) -> None:
        rel = tag.attributes.get("rel", "").lower().split()
        if "image_src" in rel:
            self._add_image(tag.attributes.get("href"))
        if "license" in rel:
            self._note_license(tag)

    def _read_a(self, tag: Tag) -> None:
        rel = tag.attributes.get("rel", "").lower().split()
        if "license" in rel:
            self._note_license(tag)
        reference = _get_href(tag)
        if reference and is_image_file(self._page.resolve(reference) or reference):
            title = clean_text(tag.attributes.get("title"))
            self._add_to_figure(self._add_image(reference, title=title))
        elif "nofollow" not in rel:
            self._page.add_link(reference)

    def _note_license(self, tag: Tag) -> None:
        url = self._page.resolve(tag.attributes.get("href"))
        if url and self._figures:
            self._figures[-1].license = url
        elif url:
            self._licenses.add(url)

    def _start_figure(self) -> None:
        if len(self._figures) < _MAX_FIGURES:
            self._figures.append(_Figure())
        else:
            self._ignored_figures += 1

    def _end_figure(self) -> None:
        if self._ignored_figures:
            self._ignored_figures -= 1
        elif self._figures:
            self._close_figure()

    def _start_figcaption(self, tag: Tag) -> None:
        if self._figures and not self._ignored_figures:
            self._figures[-1].caption_start = tag.end

    def _end_figcaption(self, tag: Tag) -> None:
        figure = self._figures[-1] if self._figures and not self._ignored_figures else None
        if figure and figure.caption_start is not None:
            end = min(tag.start, figure.caption_start + _MAX_CAPTION)
            figure.caption = clean_text(read_text(self._text[figure.caption_start : end]))
            figure.caption_start = None

    def _close_figure(self) -> None:
        figure = self._figures.pop()
        for url in figure.images:
            self._page.complete(url, caption=figure.caption, license=figure.license)

    def _add_to_figure(self, url: str | None) -> None:
        if url and self._figures:
            self._figures[-1].images.append(url)

    def _read_image(self, tag: Tag) -> None:
        if tag.foreign:
            self._add_to_figure(self._add_image(_get_href(tag)))
        else:
            self._read_img(tag)

    def _read_img(self, tag: Tag) -> None:
        given = tag.attributes
        picture, self._picture = self._picture, None
        best = picture.choose(given) if picture else find_candidate(given)
        width, height = read_pixels(given.get("width")), read_pixels(given.get("height"))
        if best:
            reference: str | None = best.url
            width, height = (best.width, None) if best.width else (width, height)
        else:
            lazy = (given[name] for name in _LAZY if given.get(name))
            reference = next(lazy, given.get("src"))
        url = self._add_image(
            reference,
            alt=clean_text(given.get("alt")),
            title=clean_text(given.get("title")),
            width=width,
            height=height,
        )
        self._add_to_figure(url)

    def _read_script(self, tag: Tag) -> None:
        kind = tag.attributes.get("type", "").partition(";")[0].strip().lower()
        if kind not in ("application/ld+json", "application/rsl+xml"):
            return
        try:
            self._page.budget.count_linked_data(len(tag.content))
        except BudgetSpent as spent:
            self._page.cut = str(spent)  # the page itself may still be read
            return
        if kind == "application/rsl+xml":
            self._page.note_terms(read_embedded_terms(tag.content.encode()))
            return
        for found in read_image_objects(tag.content):
            terms = found.license
            self._add_image(
                found.url,
                caption=clean_text(found.caption),
                title=clean_text(found.name),
                license=self._page.resolve(terms) if terms and "/" in terms else clean_text(terms),
                attribution=clean_text(found.attribution),
                width=read_pixels(found.width),
                height=read_pixels(found.height),
            )

    def _add_image(self, reference: str | None, **known: object) -> str | None:
        url = self._page.add_image(reference, **known)
        if url:
            self.images.setdefault(url)
        return url


def is_image_file(url: str) -> bool:
    """Return whether a link's last segment is an image file's name, not a wiki's `File:cat.jpg`."""
    name = url.partition("?")[0].rpartition("/")[2].lower()
    return name.endswith(_EXTENSIONS) and ":" not in name and "%3a" not in name


def _get_href(tag: Tag) -> str | None:
    return tag.attributes.get("href", tag.attributes.get("xlink:href"))

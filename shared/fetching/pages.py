"""What a web page says about its images: where they are, what they show, who made them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from shared.fetching.directives import PRODUCT, parse_directives
from shared.fetching.linked_data import image_objects
from shared.fetching.markup import Tag, candidates, decode, largest, plain_text, tags
from shared.fetching.urls import BadUrl, is_same_host, normalise, resolve

__all__ = ["ImageLink", "Page", "extract", "is_same_host"]

_WANTED = frozenset(
    "a base figcaption figure img link meta picture script source title".split()  # noqa: SIM905
)
_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp", ".tif", ".tiff")
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url")
_LAZY_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_SHARED_IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")
_MAX_TEXT = 2000
_MAX_ADDRESSES = 20_000


@dataclass(frozen=True, slots=True)
class ImageLink:
    """An image that a page shows or links to; sizes in pixels, as declared."""

    url: str
    alt: str | None = None
    caption: str | None = None
    title: str | None = None
    license: str | None = None
    attribution: str | None = None
    width: int | None = None
    height: int | None = None
    source_page: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page's images and links, normalised, each once and in order.

    `directives` are what its robots metas say to us, as `parse_directives` returns them.
    """

    images: list[ImageLink]
    links: list[str]
    title: str | None = None
    directives: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Figure:
    images: list[str] = field(default_factory=list)
    caption: str | None = None
    caption_start: int | None = None
    license: str | None = None


def extract(html: bytes, base_url: str, content_type: str | None = None) -> Page:
    """Read a page that was fetched from `base_url`.

    Of an image offered in several sizes the largest is taken. A licence link inside a figure
    holds for its images, one outside for all that have none, unless the page names several.
    Links marked `nofollow` are left out; the page's own `nofollow` is left to the caller. At
    most 20 000 addresses are looked at.
    """
    return _Reader(decode(html, content_type), base_url).read()


class _Reader:
    """One pass over a page's tags."""

    def __init__(self, html: str, base_url: str) -> None:
        self.html = html
        self.page_url = self.base = normalise(base_url)
        self.images: dict[str, ImageLink] = {}
        self.links: dict[str, None] = {}
        self.licenses: set[str] = set()
        self.directives: set[str] = set()
        self.title: str | None = None
        self.figures: list[_Figure] = []
        self.sources: list[str] | None = None
        self.based = False
        self.resolved: dict[str, str | None] = {}

    def read(self) -> Page:
        for tag in tags(self.html, _WANTED):
            handler = getattr(self, f"_{'end' if tag.closing else 'on'}_{tag.name}", None)
            if handler:
                handler(tag)
            if len(self.resolved) >= _MAX_ADDRESSES:
                break
        while self.figures:
            self._close_figure()
        if len(self.licenses) == 1:
            (found,) = self.licenses
            for url, image in self.images.items():
                self.images[url] = replace(image, license=image.license or found)
        return Page(
            list(self.images.values()),
            [url for url in self.links if url not in self.images],
            self.title,
            frozenset(self.directives),
        )

    def _resolve(self, reference: str | None) -> str | None:
        """A reference as a normalised URL; None for data: and whatever cannot be fetched."""
        if not reference or reference[:5].lower() == "data:":
            return None
        if reference not in self.resolved:
            try:
                self.resolved[reference] = resolve(self.base, reference)
            except BadUrl:
                self.resolved[reference] = None
        return self.resolved[reference]

    def _add(self, reference: str | None, **known: Any) -> str | None:
        """Note an image; what is known from several places adds up. Returns its URL."""
        url = self._resolve(reference)
        if url is None:
            return None
        new = ImageLink(url, source_page=self.page_url, **known)
        old = self.images.get(url)
        if old:
            gaps = (f.name for f in fields(old) if getattr(old, f.name) is None)
            new = replace(old, **{name: getattr(new, name) for name in gaps})
        self.images[url] = new
        return url

    def _on_base(self, tag: Tag) -> None:
        href = self._resolve(tag.attributes.get("href"))
        if href and not self.based:
            self.base, self.based, self.resolved = href, True, {}

    def _on_title(self, tag: Tag) -> None:
        self.title = self.title or _text(plain_text(tag.content))

    def _on_meta(self, tag: Tag) -> None:
        given = tag.attributes
        name = (given.get("property") or given.get("name") or "").lower()
        content = given.get("content", "")
        if name in ("robots", PRODUCT.lower()):
            self.directives |= parse_directives(content)
        elif name in _SHARED_IMAGES:
            self._add(content)

    def _on_link(self, tag: Tag) -> None:
        rel = tag.attributes.get("rel", "").lower().split()
        if "image_src" in rel:
            self._add(tag.attributes.get("href"))
        if "license" in rel:
            self._license(tag)

    def _on_a(self, tag: Tag) -> None:
        rel = tag.attributes.get("rel", "").lower().split()
        if "license" in rel:
            self._license(tag)
        url = self._resolve(tag.attributes.get("href"))
        if url is None:
            return
        if _is_image_file(url):
            self._in_figure(self._add(url, title=_text(tag.attributes.get("title"))))
        elif "nofollow" not in rel:
            self.links.setdefault(url)

    def _license(self, tag: Tag) -> None:
        url = self._resolve(tag.attributes.get("href"))
        if url and self.figures:
            self.figures[-1].license = url
        elif url:
            self.licenses.add(url)

    def _on_figure(self, tag: Tag) -> None:
        self.figures.append(_Figure())

    def _end_figure(self, tag: Tag) -> None:
        if self.figures:
            self._close_figure()

    def _on_figcaption(self, tag: Tag) -> None:
        if self.figures:
            self.figures[-1].caption_start = tag.end

    def _end_figcaption(self, tag: Tag) -> None:
        figure = self.figures[-1] if self.figures else None
        if figure and figure.caption_start is not None:
            figure.caption = _text(plain_text(self.html[figure.caption_start : tag.start]))
            figure.caption_start = None

    def _close_figure(self) -> None:
        figure = self.figures.pop()
        for url in figure.images:
            image = self.images[url]
            self.images[url] = replace(
                image,
                caption=image.caption or figure.caption,
                license=image.license or figure.license,
            )

    def _in_figure(self, url: str | None) -> None:
        if url and self.figures:
            self.figures[-1].images.append(url)

    def _on_picture(self, tag: Tag) -> None:
        self.sources = []

    def _end_picture(self, tag: Tag) -> None:
        self.sources = None

    def _on_source(self, tag: Tag) -> None:
        if self.sources is not None:
            self.sources += (tag.attributes[name] for name in _LAZY_SETS if name in tag.attributes)

    def _on_img(self, tag: Tag) -> None:
        given = tag.attributes
        width, height = _pixels(given.get("width")), _pixels(given.get("height"))
        if (width is not None and width <= 1) or (height is not None and height <= 1):
            return  # a counting pixel
        sets = [given[name] for name in _LAZY_SETS if name in given] + (self.sources or [])
        best = largest([candidate for text in sets for candidate in candidates(text)])
        if best:
            reference = best.url
            width, height = (best.width, None) if best.width else (width, height)
        else:
            lazy = [given[name] for name in _LAZY if given.get(name)]
            reference = lazy[0] if lazy else given.get("src", "")
        url = self._add(
            reference,
            alt=_text(given.get("alt")),
            title=_text(given.get("title")),
            width=width,
            height=height,
        )
        self._in_figure(url)

    def _on_script(self, tag: Tag) -> None:
        if tag.attributes.get("type", "").strip().lower() != "application/ld+json":
            return
        for found in image_objects(tag.content):
            terms = found.license
            self._add(
                found.url,
                caption=_text(found.caption),
                title=_text(found.name),
                license=self._resolve(terms) if terms and "/" in terms else _text(terms),
                attribution=_text(found.attribution),
                width=_pixels(found.width),
                height=_pixels(found.height),
            )


def _is_image_file(url: str) -> bool:
    """Whether a link's last segment is an image file's name, not a wiki's `File:cat.jpg`."""
    name = url.partition("?")[0].rpartition("/")[2].lower()
    return name.endswith(_EXTENSIONS) and ":" not in name and "%3a" not in name


def _pixels(value: str | None) -> int | None:
    text = (value or "").strip().removesuffix("px")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _text(value: str | None) -> str | None:
    """Text with single spaces, at most 2000 characters; None when nothing is left."""
    return " ".join((value or "").split())[:_MAX_TEXT].rstrip() or None

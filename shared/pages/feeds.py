"""Reads RSS and Atom feeds for the images of their items: attached ones, and those in their HTML.

RSS 2.0 and 1.0, Atom (RFC 4287), Media RSS and what is written beside them, by the prefixes that
everybody uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.pages.building import WebPageBuilder, clean_text
from shared.pages.html import HtmlReader
from shared.pages.markup import Tag, read_tags, read_text, read_xml_text
from shared.pages.places import is_image_file
from shared.rights.rsl import NAMESPACE, combine_terms, read_embedded_terms

_ROOTS = frozenset({"feed", "rdf:rdf", "rss"})
_DOCUMENTS = _ROOTS | {"html", "svg"}
_UNKNOWN_TYPES = frozenset({"binary", "octet-stream", "unknown"})
_HEAD = 4096  # characters within which a document's first element is looked for
_ITEMS = frozenset({"entry", "item"})
_HTML = frozenset({"content", "content:encoded", "description", "summary"})
_ATTACHMENTS = frozenset({"enclosure", "itunes:image", "media:content"})
_LICENSES = frozenset({"cc:license", "creativecommons:license", "media:license"})
# Elements whose content is character data; an RSS `image` holds a few elements of its own.
_TEXTS = _HTML | {"creativecommons:license", "image", "link", "media:credit", "media:description"}
_TEXTS |= {"media:title", "title"}
_TERMS = "rsl:content"
_TEXTS |= {_TERMS}
_HANDLED = _ROOTS | _ITEMS | _TEXTS | _ATTACHMENTS | _LICENSES | {"atom:link", "media:thumbnail"}
_IMAGE_ADDRESS = re.compile(r"<url>([^<]++)|\A([^<]++)\Z", re.IGNORECASE)


@dataclass(slots=True)
class _Item:
    base: str | None = None
    link: str | None = None
    title: str | None = None
    media_title: str | None = None
    caption: str | None = None
    license: str | None = None
    credit: str | None = None
    attachments: list[str] = field(default_factory=list)
    thumbnails: list[str] = field(default_factory=list)
    html: list[tuple[str, str | None]] = field(default_factory=list)  # with an xml:base
    terms: bool | None = None


def is_feed(text: str) -> bool:
    """Return whether a document is a feed, whatever it was sent as."""
    first = next(read_tags(text[:_HEAD], _DOCUMENTS, xml=True), None)
    return first is not None and first.name in _ROOTS


class FeedReader:
    """One pass over the elements of a feed into a builder.

    Addresses in an item's HTML are resolved against its `xml:base`, else the page that it links to.
    A thumbnail is taken only where an item has no other image. Logos of feeds are none of their
    images.
    """

    def __init__(self, text: str, page: WebPageBuilder) -> None:
        self._text = text
        self._page = page
        self._feed_url = page.base
        self._item: _Item | None = None

    def read(self) -> None:
        """Read to the end. Raises `BudgetSpent`; what was found by then is in the builder."""
        count = self._page.budget.count_tag
        tags = read_tags(self._text, _HANDLED, xml=True, raw=_TEXTS, on_token=count)
        try:
            for tag in tags:
                if tag.name in _ITEMS:
                    self._close_item()
                    self._item = None if tag.closing else _Item(self._read_base(tag))
                elif tag.name in _ROOTS:
                    self._feed_url = self._read_base(tag) or self._feed_url
                    self._page.set_base(self._feed_url)
                elif not tag.closing:
                    self._read_element(tag)
        finally:
            self._close_item()

    def _read_base(self, tag: Tag) -> str | None:
        return self._page.resolve(tag.attributes.get("xml:base"))

    def _read_element(self, tag: Tag) -> None:
        item, name, given = self._item, tag.name, tag.attributes
        if name in ("atom:link", "link"):
            self._read_link(tag)
        elif name == _TERMS:
            self._read_terms(tag)
        elif item is None:
            if name == "title":
                self._page.title = self._page.title or _read_plain(tag)
        elif name in _HTML:
            self._read_html(item, tag)
        elif name in _ATTACHMENTS:
            address = given.get("url", given.get("href"))
            if address and (name == "itunes:image" or _is_image(given, address)):
                item.attachments.append(address)
        elif name in _LICENSES:
            license_url = given.get("href", given.get("rdf:resource")) or read_xml_text(tag.content)
            item.license = item.license or license_url
        elif name == "media:thumbnail":
            item.thumbnails += filter(None, [given.get("url")])
        elif name == "image":
            found = _IMAGE_ADDRESS.search(read_xml_text(tag.content))
            item.attachments += filter(None, [found and (found[1] or found[2])])
        else:
            self._read_text(item, tag)

    def _read_terms(self, tag: Tag) -> None:
        """Read RSL terms: in an item they are about this, elsewhere about the whole feed."""
        self._page.budget.count_linked_data(len(tag.content))
        content = f'<rsl:content xmlns:rsl="{NAMESPACE}">{tag.content}</rsl:content>'
        terms = read_embedded_terms(content.encode())
        if self._item is None:
            self._page.note_terms(terms)
        else:
            self._item.terms = combine_terms([self._item.terms, terms])

    def _read_text(self, item: _Item, tag: Tag) -> None:
        text = _read_plain(tag)
        if tag.name == "title":
            item.title = item.title or text
        elif tag.name == "media:title":
            item.media_title = item.media_title or text
        elif tag.name == "media:description":
            item.caption = item.caption or text
        else:
            item.credit = item.credit or text

    def _read_link(self, tag: Tag) -> None:
        """Read a link: Atom has it in an attribute and says what it is for, RSS has it as text."""
        given, item = tag.attributes, self._item
        address = given.get("href") or read_xml_text(tag.content).strip()
        relation = given.get("rel", "alternate")
        if relation == "alternate":
            self._page.add_link(address)
            if item:
                item.link = item.link or self._page.resolve(address)
        elif item and relation == "license":
            item.license = item.license or address
        elif item and relation == "enclosure" and _is_image(given, address):
            item.attachments.append(address)

    def _read_html(self, item: _Item, tag: Tag) -> None:
        given = tag.attributes
        if given.get("src"):
            if _is_image(given, given["src"]):
                item.attachments.append(given["src"])
        elif given.get("type") == "xhtml":
            item.html.append((tag.content, given.get("xml:base")))
        else:
            item.html.append((read_xml_text(tag.content), given.get("xml:base")))

    def _close_item(self) -> None:
        item, self._item, page = self._item, None, self._page
        if item is None:
            return
        base = item.base or item.link or self._feed_url
        page.set_base(base)
        try:
            license_url = page.resolve(item.license)
            images: dict[str, None] = {}
            for html, inner in item.html:
                page.set_base((inner and page.resolve(inner)) or base)
                reader = HtmlReader(html, page)
                reader.read()
                images |= reader.images
                page.set_base(base)
            attached = [page.add_image(one) for one in item.attachments]
            if not images and not any(attached):
                attached = [page.add_image(one) for one in item.thumbnails]
            for url in filter(None, attached):
                page.complete(url, title=item.media_title or item.title, caption=item.caption)
                images.setdefault(url)
            for url in images:
                page.complete(url, license=license_url, attribution=item.credit)
                page.note_image_terms(url, item.terms)
        finally:
            page.set_base(self._feed_url)


def _is_image(attributes: Mapping[str, str], address: str) -> bool:
    """Return whether an attached file is an image, by what is said of it or else by its name."""
    kind, slash, name = attributes.get("type", "").strip().lower().partition("/")
    said = attributes.get("medium", "").strip().lower()
    if not said and slash and name not in _UNKNOWN_TYPES:
        said = kind
    return said == "image" if said else is_image_file(address)


def _read_plain(tag: Tag) -> str | None:
    return clean_text(read_text(read_xml_text(tag.content)))

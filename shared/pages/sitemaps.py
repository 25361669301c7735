"""Reads sitemaps: the pages and pictures of a site, or its further sitemaps.

Sitemaps and indexes of them (sitemaps.org 0.9) as XML or as text, one address a line, packed by
gzip or not; with Google's extensions for images and the thumbnails of videos.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

from shared.fetching.urls import BadUrl, resolve
from shared.pages.building import (
    ImageLink,
    ReadingBudget,
    ReadingLimits,
    RefusedAddress,
    clean_text,
    refuse_address,
)
from shared.pages.encodings import decode_page
from shared.pages.markup import Tag, read_tags, read_xml_text

MAX_BYTES = 50 * 1024 * 1024  # of one sitemap, by its protocol
_LIMITS = ReadingLimits(bytes=MAX_BYTES, tags=2_000_000, addresses=200_000, seconds=30.0)
_MAX_IMAGES = 1000  # of one page, by Google's extension; more come as further entries
_GZIP = b"\x1f\x8b"
_PIECE = 64 * 1024
_MAX_MEMBERS = 1000  # of one file
_ROOT = re.compile(
    r"<(?:(?P<prefix>[\w.-]+):)?(?P<name>urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE
)
_IMAGE_PREFIX = re.compile(
    r"""xmlns:([\w.-]+)\s*=\s*["'][^"']*google\.com/schemas/sitemap-image/""", re.IGNORECASE
)
_HEAD = 8192  # characters within which the first element is looked for


class NoSitemap(Exception):
    """A document is none."""


class SitemapEntry(NamedTuple):
    """A page, or another sitemap, that a sitemap lists, with the pictures that it names there."""

    address: str | RefusedAddress | None
    is_sitemap: bool
    images: tuple[ImageLink | RefusedAddress, ...] = ()


def unpack_sitemap(body: bytes, limit: int = MAX_BYTES) -> tuple[bytes, bool]:
    """Return a sitemap's bytes without gzip, and whether there are more of them than `limit`.

    A file that is broken off, or has something behind its end, is read as far as it goes.
    """
    if not body.startswith(_GZIP):
        return body[:limit], len(body) > limit
    pieces: list[bytes] = []
    start, room = 0, limit
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(wbits=31)
        while start < len(body) and room and not inflater.eof:
            try:
                pieces.append(inflater.decompress(body[start : start + _PIECE], room))
            except zlib.error:
                return b"".join(pieces), False
            start = min(start + _PIECE, len(body))
            room -= len(pieces[-1])
        start -= len(inflater.unused_data)
        if not room or not body.startswith(_GZIP, start):
            break
    return b"".join(pieces), not room


def read_sitemap(
    body: bytes, url: str, content_type: str | None = None, limits: ReadingLimits = _LIMITS
) -> Iterator[SitemapEntry]:
    """Yield the entries of a sitemap that was fetched from `url`, unpacked, one at a time.

    Entities that it declares stay as they are. Raises `NoSitemap` for what is none, and
    `BudgetSpent` where it holds more than the limits.
    """
    text, _ = decode_page(body, content_type)
    root = _ROOT.search(text, 0, _HEAD)
    if root is None and text.lstrip("\ufeff \t\r\n")[:1] == "<":
        raise NoSitemap
    budget = ReadingBudget(limits)
    if root is None:
        return _read_lines(text, url, budget)
    return _SitemapReader(text, url, root, budget).read()


def _read_lines(text: str, url: str, budget: ReadingBudget) -> Iterator[SitemapEntry]:
    if not text.lstrip("\ufeff \t\r\n")[:8].lower().startswith(("http://", "https://")):
        raise NoSitemap
    for found in re.finditer(r"[^\r\n]++", text.lstrip("\ufeff")):
        budget.count_tag()
        if line := found[0].strip():
            budget.count_address()
            yield SitemapEntry(_resolve(url, line, "page"), is_sitemap=False)


class _SitemapReader:
    """One pass over the elements of a sitemap."""

    def __init__(self, text: str, url: str, root: re.Match[str], budget: ReadingBudget) -> None:
        self._text = text
        self._url = url
        self._budget = budget
        self._is_index = root["name"].lower() == "sitemapindex"
        own = f"{root['prefix'].lower()}:" if root["prefix"] else ""
        found = _IMAGE_PREFIX.search(text, root.start(), root.start() + _HEAD)
        image = found[1].lower() if found else "image"
        self._item = own + ("sitemap" if self._is_index else "url")
        self._loc = f"{own}loc"
        self._image = f"{image}:image"
        self._of_image = {
            f"{image}:{name}": name for name in ("loc", "caption", "title", "license")
        }

    def read(self) -> Iterator[SitemapEntry]:
        """Yield the entries in order."""
        raw = frozenset({self._loc, "video:thumbnail_loc", *self._of_image})
        tags = read_tags(
            self._text,
            raw | {self._item, self._image},
            xml=True,
            raw=raw,
            on_token=self._budget.count_tag,
        )
        address: str | RefusedAddress | None = None
        images: list[dict[str, str]] = []
        for tag in tags:
            is_full = len(images) == _MAX_IMAGES and tag.name == self._image and not tag.closing
            if tag.name == self._item or is_full:
                if address or images:
                    yield self._make_entry(address, images)
                images = []
                address = None if tag.name == self._item else address
            if tag.closing or tag.name == self._item or self._is_cut_off(tag):
                continue
            if tag.name == self._loc:
                address = address or self._read_address(tag)
            elif tag.name == self._image:
                images.append({})
            elif tag.name == "video:thumbnail_loc":
                images.append({"loc": _read(tag)})
            elif images:
                images[-1].setdefault(self._of_image[tag.name], _read(tag))
        if address or images:  # its end is missing
            yield self._make_entry(address, images)

    def _is_cut_off(self, tag: Tag) -> bool:
        """Return whether the end of the file cut off a text."""
        return tag.name != self._image and tag.end + len(tag.content) == len(self._text)

    def _read_address(self, tag: Tag) -> str | RefusedAddress | None:
        self._budget.count_address()
        return _resolve(self._url, _read(tag), "page")

    def _make_entry(
        self, address: str | RefusedAddress | None, images: list[dict[str, str]]
    ) -> SitemapEntry:
        page = address if isinstance(address, str) else self._url
        return SitemapEntry(address, self._is_index, tuple(self._list_images(images, page)))

    def _list_images(
        self, images: list[dict[str, str]], page: str
    ) -> Iterator[ImageLink | RefusedAddress]:
        for said in images:
            if not (reference := said.get("loc")):
                continue
            self._budget.count_address()
            url = _resolve(self._url, reference, "image")
            if isinstance(url, str):
                terms = said.get("license")
                yield ImageLink(
                    url,
                    caption=clean_text(said.get("caption")),
                    title=clean_text(said.get("title")),
                    license=clean_text(terms),
                    source_page=page,
                )
            elif url:
                yield url


def _read(tag: Tag) -> str:
    return read_xml_text(tag.content).strip()


def _resolve(
    base: str, reference: str, kind: Literal["image", "page"]
) -> str | RefusedAddress | None:
    if not reference:
        return None
    try:
        return resolve(base, reference)
    except BadUrl as error:
        return refuse_address(base, reference, kind, error)

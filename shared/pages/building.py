"""A web page as it was read, and the builder that gathers it within a budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import thread_time
from typing import Any, Literal

from shared.fetching.headers import Refresh
from shared.fetching.urls import (
    MAX_LENGTH,
    BadUrl,
    hide_user_information,
    join,
    normalise,
    resolve,
)
from shared.texts import clean_line

_MAX_TEXT = 2000
# Addresses that lead nowhere outside the page, which pages are full of.
_WITHIN_THE_PAGE = ("about:", "blob:", "cid:", "data:", "javascript:")
_MAX_RESERVATIONS, _MAX_RESERVATION = 10, 20
_MAX_DELAY = 10  # seconds
_CHECK_EVERY = 1024


@dataclass(frozen=True, slots=True)
class ImageLink:
    """An image that a page shows or links to; sizes in pixels, as declared.

    `terms` is whether RSL terms of the feed's item that shows it allow training.
    """

    url: str
    alt: str | None = None
    caption: str | None = None
    title: str | None = None
    license: str | None = None
    attribution: str | None = None
    width: int | None = None
    height: int | None = None
    source_page: str | None = None
    referrer_policy: str | None = None
    terms: bool | None = None


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """An address on a page that cannot be fetched; `reason` and `detail` are those of a `Failure`.

    `url` is there to be shown: absolute as far as it can be, without a password, cut where it is
    long.
    """

    url: str
    kind: Literal["image", "page"]
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class PageRefresh:
    """The address to which a page sends its readers after so many seconds, perhaps its own.

    Where it cannot be fetched, `target` is the reason. `without_scripts` says that only readers who
    run no scripts are sent.
    """

    seconds: int
    target: str | BadUrl
    without_scripts: bool = False

    @property
    def is_redirect(self) -> bool:
        """Return whether all readers are sent on before they can have seen much of the page."""
        return self.seconds <= _MAX_DELAY and not self.without_scripts


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page's images and links, normalised, each once and in order.

    `directives` are what its robots metas say to us, as `parse_directives` returns them, and
    `reservations` the contents of its `tdm-reservation` metas. `terms` is whether RSL terms in it
    allow training, None where they do not say. `refused` are the addresses of images and pages that
    cannot be fetched. `cut` says, for people, why the page was read only in part; None when it was
    read to its end. `referrer_policy` is what its metas want others to be told of it.
    """

    images: list[ImageLink]
    links: list[str]
    title: str | None = None
    directives: frozenset[str] = frozenset()
    reservations: tuple[str, ...] = ()
    terms: bool | None = None
    refresh: PageRefresh | None = None
    refused: tuple[RefusedAddress, ...] = ()
    cut: str | None = None
    referrer_policy: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of one page: bytes, tags, addresses, characters of JSON-LD, CPU seconds."""

    bytes: int = 5 * 1024 * 1024
    tags: int = 500_000
    addresses: int = 20_000
    linked_data: int = 1_000_000
    seconds: float = 20.0


class BudgetSpent(Exception):
    """A page holds more than is read of one; the text says of what."""


class ReadingBudget:
    """The rest of a page's limits. Each method raises `BudgetSpent` when it is too little."""

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._tags = self._addresses = self._linked_data = 0
        self._end = thread_time() + limits.seconds

    def count_tag(self) -> None:
        """Count a tag, and now and then look at the time."""
        self._tags += 1
        if self._tags > self._limits.tags:
            raise BudgetSpent(f"more than {self._limits.tags} tags")
        if self._tags % _CHECK_EVERY == 0 and thread_time() > self._end:
            raise BudgetSpent(f"more than can be read in {self._limits.seconds:g} seconds")

    def count_address(self) -> None:
        """Count a different address."""
        self._addresses += 1
        if self._addresses > self._limits.addresses:
            raise BudgetSpent(f"more than {self._limits.addresses} addresses")

    def count_linked_data(self, characters: int) -> None:
        """Count a script of JSON-LD before it is parsed."""
        self._linked_data += characters
        if self._linked_data > self._limits.linked_data:
            raise BudgetSpent(f"more than {self._limits.linked_data} characters of JSON-LD")


class WebPageBuilder:
    """Gathers what readers find on a page that was fetched from `page_url`."""

    def __init__(self, page_url: str, encoding: str, budget: ReadingBudget) -> None:
        self.page_url = self.base = normalise(page_url)
        self.budget = budget
        self.images: dict[str, ImageLink] = {}
        self.links: dict[str, None] = {}
        self.directives: set[str] = set()
        self.reservations: dict[str, None] = {}
        self.terms: bool | None = None
        self.title: str | None = None
        self.refresh: PageRefresh | None = None
        self.cut: str | None = None
        self.referrer_policy: str | None = None
        self._encoding = encoding
        self._resolved: dict[str, str | BadUrl] = {}
        self._refused: dict[tuple[str, str], RefusedAddress] = {}  # by kind and address
        self._told: set[tuple[str, str]] = set()  # by kind and reference

    def set_base(self, url: str) -> None:
        """Resolve what follows against another address, a normalised one."""
        self.base, self._resolved, self._told = url, {}, set()

    def resolve(self, reference: str | None) -> str | None:
        """Return a reference as a normalised URL, or None for what cannot be fetched."""
        found = self._look_up(reference)
        return found if isinstance(found, str) else None

    def note_refresh(self, said: Refresh | None, *, without_scripts: bool = False) -> None:
        """Note where the page sends its readers. The first word counts, and one to all readers."""
        if said is None or (self.refresh and (without_scripts or not self.refresh.without_scripts)):
            return
        target: str | BadUrl = self.page_url
        try:
            if said.reference:
                target = resolve(self.base, said.reference, self._encoding)
        except BadUrl as error:
            target = error
        self.refresh = PageRefresh(said.seconds, target, without_scripts)

    def note_reservation(self, content: str) -> None:
        """Note a `tdm-reservation` meta; of many different ones the first few."""
        if len(self.reservations) < _MAX_RESERVATIONS:
            self.reservations.setdefault(content.strip()[:_MAX_RESERVATION])

    def note_terms(self, terms: bool | None) -> None:
        """Note whether RSL terms allow training; of several ones a refusal counts."""
        self.terms = self.terms if terms is None else terms and self.terms is not False

    def note_image_terms(self, url: str, terms: bool | None) -> None:
        """Note RSL terms of an image that was added; of several ones a refusal counts."""
        image = self.images[url]
        if terms is not None and image.terms is not False:
            self.images[url] = replace(image, terms=terms)

    def add_link(self, reference: str | None) -> None:
        """Note a page that this one leads to."""
        found = self._look_up(reference)
        if isinstance(found, str):
            self.links.setdefault(found)
        elif reference and found and found.reason == "bad_url":
            self._refuse(reference, "page", found)

    def add_image(self, reference: str | None, **known: Any) -> str | None:
        """Note an image; what is known from several places adds up. Return its URL."""
        url = self._look_up(reference)
        if not isinstance(url, str):
            if reference and url:
                self._refuse(reference, "image", url)
            return None
        if url in self.images:
            self.complete(url, **known)
        else:
            self.images[url] = ImageLink(url, source_page=self.page_url, **known)
        return url

    def complete(self, url: str, **known: Any) -> None:
        """Fill gaps in what is known of an image that was added."""
        image = self.images[url]
        gaps = {name: value for name, value in known.items() if getattr(image, name) is None}
        if any(value is not None for value in gaps.values()):
            self.images[url] = replace(image, **gaps)

    def build(self) -> WebPage:
        """Return the page."""
        return WebPage(
            images=list(self.images.values()),
            links=[url for url in self.links if url not in self.images],
            title=self.title,
            directives=frozenset(self.directives),
            reservations=tuple(self.reservations),
            terms=self.terms,
            refresh=self.refresh,
            refused=tuple(self._refused.values()),
            cut=self.cut,
            referrer_policy=self.referrer_policy,
        )

    def _look_up(self, reference: str | None) -> str | BadUrl | None:
        start = (reference or "").lstrip()[:16].lower()
        if reference is None or not start or start.startswith(_WITHIN_THE_PAGE):
            return None
        if reference not in self._resolved:
            self.budget.count_address()
            text = reference.replace("\0", "\ufffd")  # as the standard has it in attributes
            try:
                self._resolved[reference] = resolve(self.base, text, self._encoding)
            except BadUrl as error:
                self._resolved[reference] = error
        return self._resolved[reference]

    def _refuse(self, reference: str, kind: Literal["image", "page"], error: BadUrl) -> None:
        if (kind, reference) in self._told:
            return
        self._told.add((kind, reference))
        refused = refuse_address(self.base, reference, kind, error)
        self._refused.setdefault((kind, refused.url), refused)


def refuse_address(
    base: str, reference: str, kind: Literal["image", "page"], error: BadUrl
) -> RefusedAddress:
    """Return a reference that cannot be fetched as it may be shown."""
    start = hide_user_information(reference)[: MAX_LENGTH + 1]
    url = clean_line(join(base, start), MAX_LENGTH)
    return RefusedAddress(url, kind, error.reason, error.detail)


def clean_text(value: str | None) -> str | None:
    """Return text with single spaces, at most 2000 characters; None when nothing is left."""
    return " ".join((value or "").split())[:_MAX_TEXT].rstrip() or None

"""Reads HTML for the images that a page shows, what they show, and who made them."""

from __future__ import annotations

from collections.abc import Callable

from shared.fetching.headers import parse_refresh
from shared.fetching.referrers import parse_referrer_policy
from shared.pages.building import BudgetSpent, WebPageBuilder, clean_text
from shared.pages.css import find_css_images
from shared.pages.figures import Figures
from shared.pages.linked_data import read_image_objects
from shared.pages.markup import Tag, read_tags, read_text
from shared.pages.pictures import Picture, find_candidate, read_pixels
from shared.pages.places import (
    MAY_HOLD_BACKGROUND,
    find_backgrounds,
    find_embedded,
    find_lazy_source,
    find_poster,
    find_preloaded,
    is_image_file,
)
from shared.rights.directives import names_product, parse_directives
from shared.rights.rsl import read_embedded_terms

_HANDLED = frozenset(
    {"a", "amp-anim", "amp-img", "amp-video", "base", "embed", "figcaption", "figure", "image"}
    | {"img", "input", "link", "meta", "noscript", "object", "picture", "script", "source", "style"}
    | {"template", "title", "video"}
)
_WISHES = frozenset({"robots", "x-robots-tag"})
_SHARED_IMAGES = frozenset(
    {"og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"}
)
_ITEM_IMAGES = frozenset({"contenturl", "image", "thumbnailurl"})  # of microdata, by schema.org


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
        self._figures = Figures(text, page)
        self._picture: Picture | None = None
        self._runs_no_script = False
        self._templates = 0
        self._has_base = False
        self._readers: dict[str, Callable[[Tag], None]] = {
            "a": self._read_a,
            "amp-anim": self._read_img,
            "amp-img": self._read_img,
            "amp-video": self._read_video,
            "base": self._read_base,
            "embed": self._read_embedded,
            "figcaption": self._figures.start_caption,
            "image": self._read_image,
            "img": self._read_img,
            "input": self._read_embedded,
            "link": self._read_link,
            "meta": self._read_meta,
            "object": self._read_embedded,
            "script": self._read_script,
            "style": self._read_style,
            "video": self._read_video,
        }

    def read(self) -> None:
        """Read to the end. Raises `BudgetSpent`; what was found by then is in the builder."""
        count = self._page.budget.count_tag
        tags = read_tags(
            self._text, _HANDLED, xml=self._xml, marked=MAY_HOLD_BACKGROUND, on_token=count
        )
        try:
            for tag in tags:
                if tag.name == "template" and not tag.foreign:
                    self._count_template(tag)
                elif self._templates:
                    continue  # it is there for scripts, and shows nothing
                elif tag.closing:
                    self._end(tag)
                else:
                    self._start(tag)
        finally:
            self._figures.end_all()
            if len(self._licenses) == 1:
                (license_url,) = self._licenses
                for url in self.images:
                    self._page.complete(url, license=license_url)

    def _count_template(self, tag: Tag) -> None:
        if tag.closing:
            self._templates = max(0, self._templates - 1)
        elif self._templates or "shadowrootmode" not in tag.attributes:
            self._templates += 1

    def _start(self, tag: Tag) -> None:
        match tag.name:
            case "figure":
                self._figures.start()
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
        for reference in find_backgrounds(tag, self._page.budget.count_tag):
            self._figures.add(self._add_image(reference))

    def _end(self, tag: Tag) -> None:
        match tag.name:
            case "figcaption":
                self._figures.end_caption(tag)
            case "figure":
                self._figures.end()
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
        is_item = given.get("itemprop", "").strip().lower() in _ITEM_IMAGES
        if is_item or not names.isdisjoint(_SHARED_IMAGES):
            self._add_image(content)
        if "referrer" in names and (policy := parse_referrer_policy(content)):
            self._page.referrer_policy = policy
        if given.get("http-equiv", "").strip().lower() == "refresh":
            self._page.note_refresh(parse_refresh(content), without_scripts=self._runs_no_script)

    def _read_link(self, tag: Tag) -> None:
        rel = tag.attributes.get("rel", "").lower().split()
        is_item = tag.attributes.get("itemprop", "").strip().lower() in _ITEM_IMAGES
        if is_item or "image_src" in rel:
            self._add_image(tag.attributes.get("href"))
        if "preload" in rel:
            self._add_image(find_preloaded(tag.attributes))
        if "license" in rel:
            self._note_license(tag)

    def _read_a(self, tag: Tag) -> None:
        rel = tag.attributes.get("rel", "").lower().split()
        if "license" in rel:
            self._note_license(tag)
        reference = _get_href(tag)
        if reference and is_image_file(self._page.resolve(reference) or reference):
            title = clean_text(tag.attributes.get("title"))
            policy = "no-referrer" if "noreferrer" in rel else _find_policy(tag)
            self._figures.add(self._add_image(reference, title=title, referrer_policy=policy))
        elif "nofollow" not in rel:
            self._page.add_link(reference)

    def _note_license(self, tag: Tag) -> None:
        url = self._page.resolve(tag.attributes.get("href"))
        if url and not self._figures.note_license(url):
            self._licenses.add(url)

    def _read_image(self, tag: Tag) -> None:
        if tag.foreign:
            self._figures.add(self._add_image(_get_href(tag)))
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
            reference = find_lazy_source(given) or given.get("src")
        url = self._add_image(
            reference,
            alt=clean_text(given.get("alt")),
            title=clean_text(given.get("title")),
            width=width,
            height=height,
            referrer_policy=_find_policy(tag),
        )
        self._figures.add(url)

    def _read_video(self, tag: Tag) -> None:
        self._figures.add(self._add_image(find_poster(tag.attributes)))

    def _read_embedded(self, tag: Tag) -> None:
        alt = clean_text(tag.attributes.get("alt"))
        self._figures.add(self._add_image(find_embedded(tag), alt=alt))

    def _read_style(self, tag: Tag) -> None:
        for reference in find_css_images(tag.content, self._page.budget.count_tag):
            self._add_image(reference)

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


def _find_policy(tag: Tag) -> str | None:
    return parse_referrer_policy(tag.attributes.get("referrerpolicy", ""))


def _get_href(tag: Tag) -> str | None:
    return tag.attributes.get("href", tag.attributes.get("xlink:href"))

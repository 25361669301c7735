"""Sources of a crawl job's images."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, WrapValidator, model_validator

from shared.schemas.fields import (
    Fits,
    Name,
    Phash,
    Sha256,
    Text,
    check_unique,
    make_refusal,
)
from shared.schemas.kinds import Input
from shared.schemas.metadata import Metadata
from shared.searching.licenses import LicenseChoice
from shared.searching.names import EngineName
from shared.texts import has_half_pair

RefererPolicy = Literal["page", "none"]
"""Referer that images of pages are asked for with: their page's, as browsers send it, or none."""

_TYPES = ("urls", "pages", "manifest", "keywords")


def _take_any_text(value: Any, check: Callable[[Any], str]) -> str:
    return value if isinstance(value, str) and has_half_pair(value) else check(value)


# Any text, half of a surrogate pair included: what is no address that can be fetched fails by
# itself, as `bad_url`, with its place.
Address = Annotated[str, WrapValidator(_take_any_text)]


class UrlEntry(Input):
    """One image's address with what is known about it."""

    url: Address
    """Address of the image. One that cannot be fetched fails by itself, as `bad_url`."""
    label: Name | None = None
    caption: Annotated[Text, Field(max_length=5000)] | None = None
    """Text about the image, for training."""
    license: Name | None = None
    attribution: Name | None = None
    sha256: Sha256 | None = None
    """SHA-256 of the bytes that are expected; others fail as `checksum_mismatch`."""
    phash: Phash | None = None
    """Perceptual hash of the picture that is expected, 16 hexadecimal digits; needs the option
    `phash_distance`.
    """
    metadata: Metadata | None = None
    """Further facts, which the image keeps; any JSON, up to 8 KiB."""


class UrlsSource(Input):
    """Addresses of images, inline."""

    type: Literal["urls"]
    """Kind of source: a list of addresses."""
    urls: Annotated[
        list[
            # A tag in angle brackets is left out of JSON pointers (`shared.schemas.errors`).
            Annotated[
                Annotated[Address, Tag("<url>")] | Annotated[UrlEntry, Tag("<entry>")],
                Discriminator(lambda url: "<url>" if isinstance(url, str) else "<entry>"),
            ]
        ],
        Field(min_length=1, max_length=10_000),
    ]
    """Addresses of images, or entries with what is known about them."""


# As robots.txt writes them (RFC 9309 §2.2.2): no expression can take longer than its length.
AddressPattern = Annotated[
    Text,
    Field(min_length=1, max_length=200),
    Fits(r"(?:/|\*|https?://).*", "must begin with / or * or https:// (or http://)"),
]
_AddressPatterns = Annotated[
    list[AddressPattern], Field(max_length=50), AfterValidator(check_unique)
]


class PagesSource(Input):
    """Web pages whose images are wanted.

    `include` and `exclude` are patterns as in robots.txt: `*` stands for any characters, `$` at the
    end for the end, and the rest for itself. One that begins with `/` is compared with the
    beginning of an address's path and query, any other with that of the whole address.
    """

    type: Literal["pages"]
    """Kind of source: web pages."""
    pages: Annotated[list[Address], Field(min_length=1, max_length=100)]
    """Addresses of pages, which are always read."""
    max_depth: Annotated[int, Field(ge=0, le=10)] = 0
    """Links to follow from a listed page; 0 reads only that."""
    same_host: bool = True
    """Whether only pages on the host of the listed page are read; images are taken from any."""
    sitemap: bool = False
    """Whether the sitemaps of the pages' sites are read too, with the pages and images in
    them: those that a robots.txt names, and `/sitemap.xml`.
    """
    include: _AddressPatterns = Field(default_factory=list)
    """Patterns as in robots.txt, one of which the address of a further page must fit, if there are
    any.
    """
    exclude: _AddressPatterns = Field(default_factory=list)
    """Patterns as in robots.txt; pages and images that fit one are left out."""
    label: Name | None = None
    """Class that every image gets."""
    referer: RefererPolicy = "page"
    """Whether images are asked for with the address of their page, as browsers do (to other sites
    its origin alone, and what the page wishes by a Referrer-Policy), or without.
    """

    @model_validator(mode="after")
    def _check_use(self) -> Self:
        """Refuse what would be ignored where no page but the listed ones is read."""
        if self.max_depth == 0 and not self.sitemap:
            for name, is_given in (("same_host", not self.same_host), ("include", self.include)):
                if is_given:
                    raise make_refusal("applies with max_depth above 0 or with sitemap only", name)
        return self


_ColumnName = Annotated[Text, Field(min_length=1, max_length=200)]


class ManifestColumns(Input):
    """The names of a manifest's columns; those left out are found by their usual names.

    A field that is null has no column, also where there is one of a usual name.
    """

    url: _ColumnName | None = None
    """Column with the address of the image."""
    label: _ColumnName | None = None
    """Column with its class."""
    caption: _ColumnName | None = None
    """Column with a text about it."""
    license: _ColumnName | None = None
    """Column with its licence."""
    attribution: _ColumnName | None = None
    """Column with whom to credit."""
    sha256: _ColumnName | None = None
    """Column with the SHA-256 of its bytes."""
    phash: _ColumnName | None = None
    """Column with its perceptual hash; needs the option `phash_distance`."""


def check_phash_column(columns: ManifestColumns, distance: int | None) -> None:
    """Raise an error where a column of hashes is named that no option lets compare."""
    if columns.phash is not None and distance is None:
        message = "is required to compare columns.phash with pictures"
        raise make_refusal(message, "options", "phash_distance")


class ManifestSource(Input):
    """A table of addresses in a bucket: csv, tsv, jsonl, txt or parquet, perhaps packed (gz, zst).

    Columns are named in `columns` or one by one, each in one of the two ways.
    """

    type: Literal["manifest"]
    """Kind of source: a table in a bucket."""
    uri: Annotated[Text, Field(max_length=2048)]
    """Object in a bucket, as `gs://bucket/object`."""
    columns: ManifestColumns = ManifestColumns()
    url_column: _ColumnName | None = None
    """Column with the address of the image; the same as `columns.url`."""
    label_column: _ColumnName | None = None
    """Column with its class; the same as `columns.label`."""
    caption_column: _ColumnName | None = None
    """Column with a text about it; the same as `columns.caption`."""
    license_column: _ColumnName | None = None
    """Column with its licence; the same as `columns.license`."""
    sha256_column: _ColumnName | None = None
    """Column with the SHA-256 of its bytes; the same as `columns.sha256`."""

    @model_validator(mode="after")
    def _name_columns_once(self) -> Self:
        for name in self._get_single_names():
            if getattr(self.columns, name) is not None:
                raise make_refusal(f"is named in columns.{name} already", f"{name}_column")
        return self

    def name_columns(self) -> dict[str, str | None]:
        """Return the names that are given, by field; None where there is to be no column."""
        return self.columns.model_dump(exclude_unset=True) | self._get_single_names()

    def _get_single_names(self) -> dict[str, str]:
        single = {
            "url": self.url_column,
            "label": self.label_column,
            "caption": self.caption_column,
            "license": self.license_column,
            "sha256": self.sha256_column,
        }
        return {name: column for name, column in single.items() if column is not None}


_MAX_KEYWORDS = 500
_Keywords = Annotated[
    list[Name], Field(min_length=1, max_length=_MAX_KEYWORDS), AfterValidator(check_unique)
]


class KeywordsSource(Input):
    """Words for which engines are searched: `keywords`, or `categories` of them by label."""

    type: Literal["keywords"]
    """Kind of source: engines that know images by keywords."""
    keywords: _Keywords | None = None
    """Words to search for. Either these or `categories` are needed."""
    categories: Annotated[dict[Name, _Keywords], Field(min_length=1)] | None = None
    """Words to search for, by the class that their images get; up to 500 in all."""
    engines: (
        Annotated[list[EngineName], Field(min_length=1), AfterValidator(check_unique)] | None
    ) = None
    """Engines to ask; all that are set up and can search by the `license` where it is left out."""
    license: LicenseChoice | None = None
    """Only images under this licence, or one of this group."""

    @model_validator(mode="after")
    def _check_keywords(self) -> Self:
        if (self.keywords is None) == (self.categories is None):
            raise make_refusal("is needed, or categories, and not both", "keywords")
        if len(self.list_keywords()) > _MAX_KEYWORDS:
            raise make_refusal(f"must hold {_MAX_KEYWORDS} or fewer keywords", "categories")
        return self

    def list_keywords(self) -> list[str]:
        """Return the words of all categories, in their order."""
        if self.keywords is not None:
            return self.keywords
        return [words for given in (self.categories or {}).values() for words in given]


def choose_branch(source: Any, kinds: Sequence[str] = _TYPES) -> str | None:
    """Return the tag of the kind that a source says it is, or None where it is none of these."""
    if not isinstance(source, dict):
        return f"<{getattr(source, 'type', 'urls')}>"
    kind = source.get("type")
    return f"<{kind}>" if kind in kinds else None


Source = Annotated[
    Annotated[UrlsSource, Tag("<urls>")]
    | Annotated[PagesSource, Tag("<pages>")]
    | Annotated[ManifestSource, Tag("<manifest>")]
    | Annotated[KeywordsSource, Tag("<keywords>")],
    Discriminator(
        choose_branch,
        custom_error_type="refused",
        custom_error_message="must be urls, pages, manifest or keywords",
        custom_error_context={"path": ["type"]},
    ),
]

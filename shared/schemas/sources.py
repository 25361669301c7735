"""Where a crawl job's images come from."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from shared.schemas.fields import Key, Name, Text, Url, refused, unique
from shared.schemas.kinds import Input

_MANIFEST = re.compile(
    r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/[^\r\n]+\.(csv|jsonl|parquet)",
    re.ASCII | re.IGNORECASE,
)
_TYPES = ("urls", "manifest", "pages", "keywords")


def _manifest_uri(uri: str) -> str:
    if not _MANIFEST.fullmatch(uri):
        raise refused(
            "must be gs://bucket/object with an object that ends in .csv, .jsonl or .parquet"
        )
    return uri


class UrlEntry(Input):
    """One image's address with what is known about it."""

    url: Url
    label: Name | None = None
    caption: Annotated[Text, Field(max_length=5000)] | None = None
    license: Name | None = None


class UrlsSource(Input):
    """Addresses of images, inline."""

    type: Literal["urls"]
    urls: Annotated[
        list[
            # A tag in angle brackets is left out of JSON pointers (`shared.schemas.errors`).
            Annotated[
                Annotated[Url, Tag("<url>")] | Annotated[UrlEntry, Tag("<entry>")],
                Discriminator(lambda url: "<url>" if isinstance(url, str) else "<entry>"),
            ]
        ],
        Field(min_length=1, max_length=10_000),
    ]


class ManifestSource(Input):
    """A table of addresses in Cloud Storage; every row's columns are named here."""

    type: Literal["manifest"]
    uri: Annotated[
        Text,
        Field(max_length=1300),
        AfterValidator(_manifest_uri),
    ]
    url_column: Name = "url"
    label_column: Name | None = None
    caption_column: Name | None = None
    license_column: Name | None = None
    sha256_column: Name | None = None


class PagesSource(Input):
    """Web pages whose images are wanted; links are followed `max_depth` steps."""

    type: Literal["pages"]
    pages: Annotated[list[Url], Field(min_length=1, max_length=100)]
    max_depth: Annotated[int, Field(ge=0, le=3)] = 0
    same_host: bool = True


class KeywordsSource(Input):
    """Search terms for image search engines; no engine named means every one that is set up."""

    type: Literal["keywords"]
    keywords: Annotated[list[Name], Field(min_length=1, max_length=100), AfterValidator(unique)]
    engines: Annotated[list[Key], Field(max_length=10), AfterValidator(unique)] = Field(
        default_factory=list
    )
    license: Name | None = None
    max_images: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


def _branch(source: Any) -> str | None:
    if not isinstance(source, dict):
        return f"<{getattr(source, 'type', 'urls')}>"
    kind = source.get("type")
    return f"<{kind}>" if kind in _TYPES else None


Source = Annotated[
    Annotated[UrlsSource, Tag("<urls>")]
    | Annotated[ManifestSource, Tag("<manifest>")]
    | Annotated[PagesSource, Tag("<pages>")]
    | Annotated[KeywordsSource, Tag("<keywords>")],
    Discriminator(
        _branch,
        custom_error_type="refused",
        custom_error_message="must be urls, manifest, pages or keywords",
        custom_error_context={"path": ["type"]},
    ),
]

"""Sources of a crawl job's images."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from shared.schemas.fields import Name, Text, Url
from shared.schemas.kinds import Input

_TYPES = ("urls", "pages")


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


class PagesSource(Input):
    """Web pages whose images are wanted; links are followed `max_depth` steps."""

    type: Literal["pages"]
    pages: Annotated[list[Url], Field(min_length=1, max_length=100)]
    max_depth: Annotated[int, Field(ge=0, le=3)] = 0
    same_host: bool = True


def _choose_branch(source: Any) -> str | None:
    if not isinstance(source, dict):
        return f"<{getattr(source, 'type', 'urls')}>"
    kind = source.get("type")
    return f"<{kind}>" if kind in _TYPES else None


Source = Annotated[
    Annotated[UrlsSource, Tag("<urls>")] | Annotated[PagesSource, Tag("<pages>")],
    Discriminator(
        _choose_branch,
        custom_error_type="refused",
        custom_error_message="must be urls or pages; there are no others in this version",
        custom_error_context={"path": ["type"]},
    ),
]

"""The options of a crawl job."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from shared.imaging.variants import Variant
from shared.rights.signals import RightsPolicy
from shared.schemas.analyses import Analyzer
from shared.schemas.fields import (
    DEFAULT_DISTANCE,
    Interval,
    NearDuplicateDistance,
    Pixels,
    check_unique,
    make_refusal,
)
from shared.schemas.kinds import Input
from shared.schemas.validations import Rules
from shared.schemas.variants import check_variant

# A variant that everybody knows by its name, or a specification of one's own. Tags in angle
# brackets are left out of JSON pointers (`shared.schemas.errors`).
VariantChoice = Annotated[
    Annotated[Literal["thumbnail"], Tag("<name>")] | Annotated[Variant, Tag("<specification>")],
    Discriminator(lambda given: "<name>" if isinstance(given, str) else "<specification>"),
]


Dedup = Literal["none", "exact", "perceptual"]
"""Ways to tell duplicates: `none` keeps all, `exact` compares bytes, `perceptual` pictures too."""
Refresh = Literal["skip", "revalidate", "always"]
"""Way with known addresses: `skip` counts them as duplicates without asking, `revalidate` downloads
what has changed, `always` downloads everything anew.
"""


def _list_default_variants() -> list[Literal["thumbnail"] | Variant]:
    return ["thumbnail"]


def _check_names(choices: list[str | Variant]) -> list[str | Variant]:
    names = [choice if isinstance(choice, str) else choice.name for choice in choices]
    if len(set(names)) < len(names):
        raise make_refusal("must not contain the same name twice")
    return choices


class CrawlOptions(Input):
    """The options by which a crawl job chooses and treats images."""

    max_images: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Images that the job takes at most. Left out it is 1000 for pages, and as many as it lists for
    a source of `urls`.
    """
    chunk_size: Annotated[int, Field(ge=1, le=1000)] = 100
    """Images that one worker fetches in a piece: smaller chunks spread over more workers."""
    min_width: Pixels = 0
    """Pixels of width below which an image fails as `too_small`."""
    min_height: Pixels = 0
    """Pixels of height below which an image fails as `too_small`."""
    dedup: Dedup = "exact"
    """What counts as a duplicate."""
    max_distance: NearDuplicateDistance = DEFAULT_DISTANCE
    """Differing bits of 64 between perceptual hashes, up to which pictures count as near
    duplicates; for `"dedup": "perceptual"` only.
    """
    variants: Annotated[list[VariantChoice], Field(max_length=10), AfterValidator(_check_names)] = (
        Field(default_factory=_list_default_variants)
    )
    """Variants to make of every image: `thumbnail`, or specifications of one's own."""
    validate_: Rules | None = Field(default=None, alias="validate")
    """Rules of a validation that follows the crawl; null for none."""
    analyze: Annotated[list[Analyzer], Field(max_length=5), AfterValidator(check_unique)] = Field(
        default_factory=list
    )
    """Analyzers that are asked about every valid image after the crawl: `basic`, `gemini`, or
    `model:` and a model's id.
    """
    phash_distance: Annotated[int, Field(ge=0, le=32)] | None = None
    """Differing bits of 64 up to which a picture is taken for that of the entry's `phash`; one that
    differs more fails as `different_picture`. Needed where entries have one.
    """
    refresh: Refresh = "skip"
    """What is done with addresses that brought the project an image before."""
    every: Interval | None = None
    """Interval of hours, days or weeks (`12h`, `1d`, `2w`; up to a year) after which the crawl
    repeats at the same source with the same options, until its schedule is deleted; null for once.
    """
    respect_robots: bool = True
    """Whether what a robots.txt forbids is left alone."""
    rights: RightsPolicy = "respect"
    """Policy about wishes of owners that concern use in AI."""


def _check_options(options: CrawlOptions) -> CrawlOptions:
    """Refuse an option that would be ignored, but not its default: stored options hold it too."""
    if options.dedup != "perceptual" and options.max_distance != DEFAULT_DISTANCE:
        raise make_refusal('applies to "dedup": "perceptual" only', "max_distance")
    for place, variant in enumerate(options.variants):
        if isinstance(variant, Variant):
            check_variant(variant, "variants", str(place))
    return options


# The options of a request; those that are stored may be older than a check.
RequestedOptions = Annotated[CrawlOptions, AfterValidator(_check_options)]

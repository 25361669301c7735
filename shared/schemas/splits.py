"""The splits of a dataset: their shares, and what must not be separated by them."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from shared.schemas.fields import Fits, Key, check_unique, make_refusal
from shared.schemas.kinds import Input

_TOLERANCE = 1e-6
DEFAULT_LEAK_DISTANCE = 8


def _check_shares(splits: dict[str, float]) -> dict[str, float]:
    if abs(math.fsum(splits.values()) - 1) > _TOLERANCE:
        raise make_refusal("shares must add up to 1")
    return splits


Splits = Annotated[
    dict[Key, Annotated[float, Field(gt=0, le=1)]],
    Field(min_length=1, max_length=20),
    AfterValidator(_check_shares),
]
_KEY = Fits(
    r"host|source_page|label|metadata\.[^\x00-\x1f]{1,100}",
    "must be host, source_page, label or metadata.<column>",
)
GroupKey = Annotated[str, _KEY]


def _to_list(value: Any) -> Any:
    """Take one key for a list of it, and refuse it where it stands."""
    return [_KEY.check(value)] if isinstance(value, str) else value


Stratification = Literal["label"]
"""Field whose values have their share in every split."""


class SplitOptions(Input):
    """The splits of a dataset.

    `splits` gives each one's share of the images. What is split is groups: images whose perceptual
    hashes differ in at most `leak_distance` of 64 bits, duplicates with their originals, and images
    that agree in one of `group_by`. With `stratify` each class has its share in every split, as far
    as its groups allow. An image keeps its split as long as these options stay the same.
    """

    splits: Splits | None = None
    """Share of the images by name of the split; they add up to 1. Null for none."""
    stratify: Stratification | None = None
    """Makes each class have its share in every split, as far as its groups allow."""
    group_by: (
        Annotated[
            list[GroupKey],
            Field(min_length=1, max_length=5),
            AfterValidator(check_unique),
            BeforeValidator(_to_list, json_schema_input_type=str | list[str]),
        ]
        | None
    ) = None
    """Columns by which images stay in one split where they agree: `host`, `source_page`, `label`,
    or `metadata.` and a name.
    """
    leak_distance: Annotated[int, Field(ge=0, le=16)] = DEFAULT_LEAK_DISTANCE
    """Differing bits of 64 between perceptual hashes, up to which images stay in one split."""

    @model_validator(mode="after")
    def _check_splits(self) -> Self:
        if self.splits is None:
            for name in ("stratify", "group_by", "leak_distance"):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise make_refusal("is about splits: name them too, or leave it out", name)
        if self.stratify and "label" in (self.group_by or ()):
            message = "must not be label where stratify is: a class would be one group"
            raise make_refusal(message, "group_by")
        return self

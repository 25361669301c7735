"""Preconditions: a request says which generation it expects.

https://cloud.google.com/storage/docs/request-preconditions
"""

import re
from dataclasses import dataclass
from typing import Protocol

from infra.emulators.storage.errors import Invalid, NotModified, PreconditionFailed


class Versioned(Protocol):
    """What preconditions look at."""

    @property
    def generation(self) -> int:
        """Changes with the content."""
        ...

    @property
    def metageneration(self) -> int:
        """Counts changes of the metadata."""
        ...


class Values(Protocol):
    """A query or the headers of a request."""

    def get(self, name: str, /) -> str | None:
        """One value."""
        ...


@dataclass(frozen=True)
class Conditions:
    """Expected and unwanted generations; generation 0 stands for "no live object"."""

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def from_query(cls, query: Values, prefix: str = "if") -> "Conditions":
        """`ifGenerationMatch` and the others; `prefix="ifSource"` for a copy's source."""
        return cls(
            integer(query, f"{prefix}GenerationMatch"),
            integer(query, f"{prefix}GenerationNotMatch"),
            integer(query, f"{prefix}MetagenerationMatch"),
            integer(query, f"{prefix}MetagenerationNotMatch"),
        )

    @classmethod
    def from_headers(cls, headers: Values) -> "Conditions":
        """Return the XML API's form."""
        return cls(
            generation_match=integer(headers, "x-goog-if-generation-match"),
            metageneration_match=integer(headers, "x-goog-if-metageneration-match"),
        )

    def check(self, current: Versioned | None, *, reading: bool = False) -> None:
        """Raise `PreconditionFailed`, or `NotModified` for a read that wants what is new."""
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else None
        if self.generation_match not in (None, generation) or (
            self.metageneration_match is not None and self.metageneration_match != metageneration
        ):
            raise PreconditionFailed
        if generation == self.generation_not_match or (
            metageneration is not None and metageneration == self.metageneration_not_match
        ):
            raise NotModified if reading else PreconditionFailed


def integer(values: Values, name: str) -> int | None:
    """Return a 64-bit number that is not negative, or None when absent."""
    text = values.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) >= 2**63:
        raise Invalid(f"Invalid value for {name}: {text!r}")
    return int(text)

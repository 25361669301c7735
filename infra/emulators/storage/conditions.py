"""Preconditions: a request says which generation it expects.

https://cloud.google.com/storage/docs/request-preconditions
"""

import re
from dataclasses import dataclass
from typing import Protocol

from infra.emulators.storage.errors import InvalidArgument, NotModified, PreconditionFailed


class Versioned(Protocol):
    """The numbers of an object or bucket that preconditions compare."""

    @property
    def generation(self) -> int:
        """Changes with the content."""
        ...

    @property
    def metageneration(self) -> int:
        """Counts changes of the metadata."""
        ...


class Parameters(Protocol):
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
    def from_query(cls, query: Parameters) -> "Conditions":
        """Return the JSON API's form: `ifGenerationMatch` and the others."""
        return cls(
            parse_integer(query, "ifGenerationMatch"),
            parse_integer(query, "ifGenerationNotMatch"),
            parse_integer(query, "ifMetagenerationMatch"),
            parse_integer(query, "ifMetagenerationNotMatch"),
        )

    @classmethod
    def from_headers(cls, headers: Parameters) -> "Conditions":
        """Return the XML API's form."""
        return cls(
            generation_match=parse_integer(headers, "x-goog-if-generation-match"),
            metageneration_match=parse_integer(headers, "x-goog-if-metageneration-match"),
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


def parse_integer(values: Parameters, name: str) -> int | None:
    """Return a 64-bit number that is not negative, or None when absent."""
    text = values.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) >= 2**63:
        raise InvalidArgument(f"Invalid value for {name}: {text!r}")
    return int(text)


@dataclass(frozen=True)
class LengthRange:
    """Sizes in bytes that a signed upload may have, both ends included."""

    least: int = 0
    most: int = 5 * 2**40

    @classmethod
    def parse(cls, header: str | None) -> "LengthRange":
        """Return what an `x-goog-content-length-range` of `least,most` allows."""
        if header is None:
            return cls()
        least, _, most = (part.strip() for part in header.partition(","))
        try:
            return cls(int(least), int(most))
        except ValueError:
            raise InvalidArgument("Invalid value for x-goog-content-length-range") from None

    def check(self, size: int, *, complete: bool = True) -> None:
        """Raise `InvalidArgument` for a size outside; one that may still grow is not too small."""
        if size > self.most:
            raise InvalidArgument(
                "Your proposed upload exceeds the maximum allowed object size.",
                code="EntityTooLarge",
            )
        if complete and size < self.least:
            raise InvalidArgument(
                "Your proposed upload is smaller than the minimum object size specified in your "
                "Policy Document.",
                code="EntityTooSmall",
            )

"""Calls of the API as data: the same for clients that wait and for those that await."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import UUID

Answer = TypeVar("Answer")
Id = str | UUID


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One request, and by its type what it answers.

    `takes_key` says that a POST may be repeated under a key; `tag` is the edition that a change is
    meant for.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    takes_key: bool = False
    tag: str | None = None

    def find_parameters(self) -> dict[str, str] | None:
        """Return the query, without what is None, as it is written in an address."""
        given = {name: _to_text(value) for name, value in self.query.items() if value is not None}
        return given or None

    def turn_to(self, cursor: str) -> "Call[Answer]":
        """Return the call of a list's page that begins at `cursor`."""
        return replace(self, query={**self.query, "cursor": cursor})

    def wait(self, seconds: int) -> "Call[Answer]":
        """Return the call of a job that is answered at its end, or after `seconds`."""
        return replace(self, query={**self.query, "wait": seconds})

    def only_if(self, tag: str | None) -> "Call[Answer]":
        """Return the call of a change that is made only where the tag is still the resource's.

        Without a tag it is made in any case.
        """
        return replace(self, tag=tag)


def make_path(template: str, *values: object) -> str:
    """Return a path with its parameters, in their order, escaped."""
    parts = template.split("{")
    filled = [
        quote(str(value), safe="") + part.partition("}")[2]
        for value, part in zip(values, parts[1:], strict=True)
    ]
    return "".join([parts[0], *filled])


def _to_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

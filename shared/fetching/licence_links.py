"""Links to RSL documents: the terms under which an answer is given (RSL 1.0, HTTP and HTML)."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from shared.fetching.urls import BadUrl, resolve

RSL_TYPE = "application/rsl+xml"
MAX_LINKED = 5  # documents that one answer may name
# Returns the references to RSL documents in a body that came from an address with these headers.
FindTerms = Callable[[str, Mapping[str, str], bytes], Iterable[str]]

# A link-value (RFC 8288 §3). Each repetition is possessive, so that nothing is read twice.
_PARAMETER = r'\s*+;\s*+[^\s=;,"<]*+(?:\s*+=\s*+(?:"(?:[^"\\]|\\.)*+"?|[^\s;,"]*+))?+'
_LINK = re.compile(rf"<([^<>]*+)>((?:{_PARAMETER})*+)")
_NAMED = re.compile(r'([^\s=;,"]++)(?:\s*+(=)\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^\s;,"]*+)))?+')


def find_linked_terms(headers: Mapping[str, str]) -> Iterable[str]:
    """Yield the references of Link fields to licences that are RSL documents."""
    for found in _LINK.finditer(headers.get("link", "")):
        parameters: dict[str, str] = {}
        for name, equals, quoted, bare in _NAMED.findall(found[2]):
            if equals:
                parameters.setdefault(name.lower(), quoted or bare)  # the first one counts (§3.3)
        kind = parameters.get("type", "").strip().lower()
        if kind == RSL_TYPE and "license" in parameters.get("rel", "").lower().split():
            yield found[1].strip()


def resolve_terms(url: str, references: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses of RSL documents, each once, the first few of many."""
    found: dict[str, None] = {}
    for reference in references:
        with suppress(BadUrl):
            found.setdefault(resolve(url, reference))
        if len(found) == MAX_LINKED:
            break
    return tuple(found)

"""The rules of one robots.txt for us: read once (RFC 9309 §2.2), then matched in little time."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite

from shared.fetching.directives import PRODUCT, names_product

MAX_BYTES = 512 * 1024  # RFC 9309 §2.5 asks for 500 KiB at least
# What one address may cost: characters compared at worst, which takes a few milliseconds.
_MAX_EFFORT = 5_000_000
_EFFORT_PER_RULE = 500
_PIECE = 4

# Misspellings are those that Google's parser reads as well, and a missing colon.
_LINE = re.compile(
    r"""[\s\0]*+(?:(?P<agent>user[\s-]?agent)
        |(?P<allow>allow)|(?P<disallow>dis+al+ow|disallaw|diasllow)
        |(?P<delay>crawl[\s-]?delay))
        [ \t]*+(?::|(?<=[ \t]))(?P<value>[^#]*+)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_PLAIN = re.compile(r"[\w.~!'()+,;:@&=/?*$-]*", re.ASCII)
_STARS = re.compile(r"\*{2,}")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})|[^\w.~!'()+,;:@&=/?$-]", re.ASCII)


def parse_robots(data: bytes, product: str = PRODUCT) -> RobotsRules:
    """Return what a robots.txt says to `product`: in the groups that name it, else in those for *.

    Bytes are compared as they are, so that a file that is not in UTF-8 holds too. Of more than
    512 KiB the rest is not read. Lines that are no rule do not end a group (§2.2.4); what looks
    like no robots.txt at all has no rules.
    """
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            data = data[:MAX_BYTES].decode(codec, "replace").encode()
    text = data.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(data) >= MAX_BYTES:
        text = text[:MAX_BYTES].rpartition("\n")[0]  # half a rule would be another rule
    groups = list(_read_groups(text, product))
    chosen = [group for group in groups if group.ours] or [group for group in groups if group.all]
    rules = [rule for group in chosen for rule in group.rules]
    return RobotsRules(rules, max((group.crawl_delay for group in chosen), default=0.0))


@dataclass(slots=True)
class _Group:
    """Rules under one or more user-agent lines: for us, for all or for others."""

    ours: bool = False
    all: bool = False
    complete_agents: bool = False
    rules: list[tuple[str, bool]] = field(default_factory=list)
    crawl_delay: float = 0.0


def _read_groups(text: str, product: str) -> Iterator[_Group]:
    group = _Group(complete_agents=True)  # rules before any user-agent line are for nobody
    for line in text.split("\n"):
        found = _LINE.match(line)
        if not found:
            continue
        value = found["value"].strip()
        if found["agent"]:
            if group.complete_agents:
                yield group
                group = _Group()
            group.ours |= names_product(value, product)
            group.all |= value == "*"
        elif found["delay"]:
            group.crawl_delay = max(group.crawl_delay, _parse_seconds(value))
        else:
            group.complete_agents = True
            if value and (group.ours or group.all):
                group.rules.append((value, found["allow"] is not None))
    yield group


def _parse_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if isfinite(seconds) else 0.0


class RobotsRules:
    """Allow and disallow rules, prepared so that an address meets few of them.

    A rule without `*` is found by its own text. One with `*` is tried only where the address holds
    that four-letter piece of the rule which fewest others share. The work per address is bounded:
    where a file needs more than that, the address counts as forbidden. `size` is the number of
    rules, `crawl_delay` in seconds.
    """

    def __init__(self, rules: Iterable[tuple[str, bool]], crawl_delay: float = 0.0) -> None:
        self.crawl_delay = crawl_delay
        # Scores compare as RFC 9309 §2.2.2 says: more octets win, then allow. Odd ones allow.
        self._prefixes: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        wildcards: dict[str, int] = {}
        for value, allow in rules:
            pattern = _escape(value)
            score = 2 * len(pattern) + allow
            pattern = _simplify(pattern[:-1].replace("$", "%24") + pattern[-1:])
            if "*" in pattern:
                table = wildcards
            else:
                table = self._whole if pattern.endswith("$") else self._prefixes
                pattern = pattern.removesuffix("$")
            table[pattern] = max(score, table.get(pattern, 0))
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._wildcards = [
            (pattern, score, len(pattern) - pattern.count("*") - pattern.endswith("$"))
            for pattern, score in sorted(wildcards.items(), key=lambda item: -item[1])
        ]
        self._numbers = _index([pattern for pattern, _, _ in self._wildcards])
        self._piece_lengths = {len(piece) for piece in self._numbers if piece}
        self.size = len(self._prefixes) + len(self._whole) + len(self._wildcards)

    def find_refusal(self, path: str) -> str | None:
        """Return why `path`, with its query, may not be fetched, or None."""
        path = _escape(path).replace("*", "%2A").replace("$", "%24")
        if path == "/robots.txt":
            return None
        best = self._whole.get(path, 1)
        for length in self._lengths:
            if length > len(path):
                break
            best = max(best, self._prefixes.get(path[:length], 0))
        effort = _MAX_EFFORT
        for number in self._find_candidates(path):
            pattern, score, shortest = self._wildcards[number]
            if score <= best:
                break
            if shortest > len(path):
                continue
            effort -= _EFFORT_PER_RULE + len(pattern) * len(path)
            if effort < 0:
                return "the site's robots.txt is too complicated for this address"
            if _matches(pattern, path):
                best = score
        return None if best & 1 else "the site's robots.txt forbids this address"

    def _find_candidates(self, path: str) -> list[int]:
        """Return the numbers of the wildcard rules that may match, the highest score first."""
        pieces = {
            path[start : start + length]
            for length in self._piece_lengths
            for start in range(len(path) - length + 1)
        }
        found = [self._numbers[piece] for piece in pieces if piece in self._numbers]
        return sorted(chain(self._numbers.get("", ()), *found))


def _escape(text: str) -> str:
    """Spell a path or pattern in one way: escaped only what has to be (RFC 9309 §2.2.2).

    An escaped `*`, `$`, `%`, `/` or `?` is not the character itself; in a query `/` and `?` are.
    """
    if _PLAIN.fullmatch(text):
        return text
    path, mark, query = text.partition("?")
    return _escape_part(path, "*$%#?/") + mark + _escape_part(query, "*$%#")


def _escape_part(text: str, kept: str) -> str:
    def spell(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0] if found[0] == "*" else f"%{ord(found[0]):02X}"
        character = chr(int(found[1], 16))
        if character in kept or (_ESCAPED.match(character) and character != "*"):
            return found[0].upper()
        return character

    return _ESCAPED.sub(spell, text)


def _simplify(pattern: str) -> str:
    """Drop what changes nothing: repeated `*`, and `*` or `*$` at the end."""
    if "*" not in pattern:
        return pattern
    pattern = _STARS.sub("*", pattern)
    return pattern.removesuffix("$").removesuffix("*") if pattern.endswith(("*", "*$")) else pattern


def _index(patterns: list[str]) -> dict[str, list[int]]:
    """Number the patterns by the piece of each that fewest share; by "" those without any."""
    pieces = [_list_pieces(pattern) for pattern in patterns]
    shared = Counter(piece for own in pieces for piece in own)
    numbers: dict[str, list[int]] = {}
    for number, own in enumerate(pieces):
        piece = min(own, key=lambda piece: shared[piece], default="")
        numbers.setdefault(piece, []).append(number)
    return numbers


def _list_pieces(pattern: str) -> set[str]:
    """Return pieces of a pattern that are in every address that it matches, the longest ones."""
    literals = pattern.removesuffix("$").split("*")
    length = min(_PIECE, max(map(len, literals)))
    if not length:
        return set()
    return {
        literal[start : start + length]
        for literal in literals
        for start in range(len(literal) - length + 1)
    }


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern with `*` matches the beginning of a path, to its end with `$`."""
    first, *middle, last = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    for literal in middle:
        position = path.find(literal, position)
        if position < 0:
            return False
        position += len(literal)
    if pattern.endswith("$"):
        return path.endswith(last) and position <= len(path) - len(last)
    return path.find(last, position) >= 0

"""Rules for paths as robots.txt writes them: prepared once, then matched in little time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import urlsplit

# What one address may cost: characters compared at worst, which takes a few milliseconds.
_MAX_EFFORT = 5_000_000
_EFFORT_PER_RULE = 500
_PIECE = 4

_PLAIN = re.compile(r"[\w.~!'()+,;:@&=/?*$-]*", re.ASCII)
_STARS = re.compile(r"\*{2,}")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})|[^\w.~!'()+,;:@&=/?$-]", re.ASCII)


class TooManyRules(Exception):
    """The rules are too complicated for this address."""


class PathRules:
    """Patterns with a yes or no each, prepared so that an address meets few of them.

    A rule without `*` is found by its own text. One with `*` is tried only where the address holds
    that four-letter piece of the rule which fewest others share. `size` is the number of rules.
    """

    def __init__(self, rules: Iterable[tuple[str, bool]] = ()) -> None:
        # Scores compare as RFC 9309 §2.2.2 says: more octets win, then yes. Odd ones say yes.
        self._prefixes: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        wildcards: dict[str, int] = {}
        for value, answer in rules:
            score = 2 * len(_escape(value)) + 2 + answer
            pattern = _normalise(value)
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

    def find(self, path: str) -> bool | None:
        """Return what the longest pattern says that matches `path` with its query; None if none.

        Raises `TooManyRules` where finding it would take longer than one address may.
        """
        path = _spell_path(path)
        best = self._whole.get(path, 0)
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
                raise TooManyRules
            if _matches(pattern, path):
                best = score
        return bool(best & 1) if best else None

    def _find_candidates(self, path: str) -> list[int]:
        """Return the numbers of the wildcard rules that may match, the highest score first."""
        pieces = {
            path[start : start + length]
            for length in self._piece_lengths
            for start in range(len(path) - length + 1)
        }
        found = [self._numbers[piece] for piece in pieces if piece in self._numbers]
        return sorted(chain(self._numbers.get("", ()), *found))


class PathPatterns:
    """Patterns whose order means something, each tried on each address; `size` is their number.

    `max_effort` is what one address may cost: characters compared at worst.
    """

    def __init__(self, patterns: Iterable[str], *, max_effort: float = _MAX_EFFORT) -> None:
        self._patterns = [_normalise(pattern) for pattern in patterns]
        self._length = sum(map(len, self._patterns)) + len(self._patterns)
        self._max_effort = max_effort
        self.size = len(self._patterns)

    def find_all(self, path: str) -> Iterator[int]:
        """Yield the numbers of the patterns that match `path` with its query.

        Raises `TooManyRules` where trying all would take longer than one address may.
        """
        path = _spell_path(path)
        if self._length * len(path) > self._max_effort:
            raise TooManyRules
        return (number for number, pattern in enumerate(self._patterns) if _matches(pattern, path))


def split_address(address: str) -> tuple[str, str]:
    """Return an address's origin in lower case, and its path with the query; "" and "/" if absent.

    For patterns too, which urllib takes apart without refusing `*`.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", "/"
    origin = f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
    return origin, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def _normalise(value: str) -> str:
    """Spell a pattern in one way, with `$` meaning the end only where it stands at the end."""
    pattern = _escape(value)
    return _simplify(pattern[:-1].replace("$", "%24") + pattern[-1:])


def _spell_path(path: str) -> str:
    return _escape(path).replace("*", "%2A").replace("$", "%24")


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
    """Return whether a pattern matches the beginning of a path, to its end with `$`."""
    if "*" not in pattern:
        return path == pattern[:-1] if pattern.endswith("$") else path.startswith(pattern)
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

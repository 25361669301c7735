"""Make automata of what the standard library's parser reads as regular expressions."""

import importlib
import re
from collections.abc import Iterator
from typing import Any

from tests.automata import Automaton

_PARSER: Any = importlib.import_module("re._parser")
_OPS: Any = importlib.import_module("re._constants")

# More repetitions than this count as endless: fewer within others, which multiply.
_FEW, _FEW_WITHIN = 256, 16

# Characters that categories, ranges and differences of case tell apart.
_BEYOND_LATIN = (
    "\u0100\u0130\u0131\u017f\u0660\u1680\u2028\u2029\u212a\u3000\u4e00\ud800\ufeff\uffff\U0001f600"
)


class _Builder:
    """Makes an automaton of what the standard library's parser has read."""

    def __init__(self, alphabet: list[str], anchored: bool = True) -> None:
        self.automaton = Automaton(alphabet)
        self.groups: dict[int, Any] = {}
        self.anchored = anchored
        self.depth = 0

    def characters(self, op: Any, given: Any, flags: int) -> int:
        mask = 0
        for bit, character in enumerate(self.automaton.alphabet):
            forms = {character}
            if flags & re.IGNORECASE:
                forms |= {character.lower(), character.upper(), character.swapcase()}
            if any(len(one) == 1 and _takes(op, given, ord(one), flags) for one in forms):
                mask |= 1 << bit
        return mask

    def single(self, parsed: Any, flags: int) -> int | None:
        """Return the characters of a part that takes exactly one."""
        if len(parsed) == 1 and parsed[0][0] in _SINGLE:
            op, given = parsed[0]
            return self.characters(op, given, flags)
        return None

    def build(self, parsed: Any, state: int, flags: int) -> int:
        for op, given in parsed:
            state = self.build_one(op, given, state, flags)
        return state

    def link(self, start: int, mask: int | None = None, target: int | None = None) -> int:
        target = self.automaton.add() if target is None else target
        self.automaton.silent[start].append(
            (self.automaton.anything if mask is None else mask, target)
        )
        return target

    def build_one(self, op: Any, given: Any, state: int, flags: int) -> int:
        automaton = self.automaton
        if op in _SINGLE:
            target = automaton.add()
            start = self.link(state)
            automaton.taking[start] = (self.characters(op, given, flags), target)
            return target
        if op is _OPS.SUBPATTERN:
            group, added, removed, parsed = given
            if group is not None:
                self.groups[group] = parsed
            return self.build(parsed, state, (flags | added) & ~removed)
        if op is _OPS.BRANCH:
            joined = automaton.add()
            for parsed in given[1]:
                self.link(self.build(parsed, self.link(state), flags), target=joined)
            return joined
        if op in (_OPS.MAX_REPEAT, _OPS.MIN_REPEAT, _OPS.POSSESSIVE_REPEAT):
            self.depth += 1
            state = self.repeat(op is _OPS.POSSESSIVE_REPEAT, given, state, flags)
            self.depth -= 1
            return state
        if op is _OPS.ATOMIC_GROUP:
            return self.build(given, state, flags)
        if op in (_OPS.ASSERT, _OPS.ASSERT_NOT):
            return self.look(op is _OPS.ASSERT, given, state, flags)
        if op is _OPS.AT:
            return self.link(state, self.place(given))
        if op is _OPS.GROUPREF:
            return self.build(self.groups[given], state, flags)
        raise NotImplementedError(f"{op} is not known to the checker")

    def place(self, place: Any) -> int:
        if place is _OPS.AT_END_STRING:
            return self.automaton.end
        if place is _OPS.AT_END:
            newline = 1 << self.automaton.alphabet.index("\n")
            return self.automaton.end | newline
        if place in (_OPS.AT_BEGINNING, _OPS.AT_BEGINNING_STRING) and not self.anchored:
            return 0
        return self.automaton.anything

    def look(self, wanted: bool, given: Any, state: int, flags: int) -> int:
        direction, parsed = given
        if direction < 0:
            return self.link(state)
        mask = self.single(parsed, flags)
        if mask is not None:
            return self.link(state, mask if wanted else self.automaton.anything & ~mask)
        self.automaton.ends.add(self.build(parsed, self.link(state), flags))
        return self.link(state)

    def repeat(self, final: bool, given: Any, state: int, flags: int) -> int:
        least, most, parsed = given
        mask = self.automaton.anything
        if final and (most in (1, _OPS.MAXREPEAT)):
            body = _Builder(self.automaton.alphabet)
            body.groups = self.groups
            start = body.automaton.add()
            body.automaton.ends.add(body.build(parsed, start, flags))
            mask &= ~body.automaton.certain_first(start)
        for _ in range(min(least, 2)):
            state = self.build(parsed, state, flags)
        few = _FEW if self.depth == 1 else _FEW_WITHIN
        if most > few and most != least:
            loop = self.link(state)
            self.link(self.build(parsed, self.link(loop), flags), target=loop)
            return self.link(loop, mask)
        out = self.automaton.add()
        self.link(state, mask, out)
        for _ in range(min(most - least, 2)):
            state = self.build(parsed, self.link(state), flags)
            self.link(state, target=out)
        return out


_SINGLE = (_OPS.LITERAL, _OPS.NOT_LITERAL, _OPS.ANY, _OPS.IN)
_CATEGORIES = {
    _OPS.CATEGORY_DIGIT: r"\d",
    _OPS.CATEGORY_NOT_DIGIT: r"\D",
    _OPS.CATEGORY_SPACE: r"\s",
    _OPS.CATEGORY_NOT_SPACE: r"\S",
    _OPS.CATEGORY_WORD: r"\w",
    _OPS.CATEGORY_NOT_WORD: r"\W",
}


def _takes(op: Any, given: Any, code: int, flags: int) -> bool:
    if op is _OPS.LITERAL:
        return bool(code == given)
    if op is _OPS.NOT_LITERAL:
        return bool(code != given)
    if op is _OPS.ANY:
        return bool(flags & re.DOTALL) or code != ord("\n")
    if op is _OPS.RANGE:
        return bool(given[0] <= code <= given[1])
    if op is _OPS.CATEGORY:
        ascii_only = re.ASCII if flags & re.ASCII else re.NOFLAG
        return re.match(_CATEGORIES[given], chr(code), ascii_only) is not None
    negated = given[0][0] is _OPS.NEGATE
    return negated != any(_takes(kind, one, code, flags) for kind, one in given[negated:])


def _list_codes(parsed: Any) -> Iterator[int]:
    """Yield the characters that a pattern names."""
    for one in parsed:
        if isinstance(one, tuple) and len(one) == 2 and one[0] is _OPS.RANGE:
            yield from one[1]
        elif (
            isinstance(one, tuple) and len(one) == 2 and one[0] in (_OPS.LITERAL, _OPS.NOT_LITERAL)
        ):
            yield one[1]
        elif isinstance(one, (tuple, list, _PARSER.SubPattern)):
            yield from _list_codes(one)


def make_automaton(pattern: str | bytes, flags: int, method: str) -> tuple[Automaton, int]:
    """Return the automaton of a pattern that is used with match, fullmatch or search."""
    parsed = _PARSER.parse(pattern, flags)
    codes = set(range(256))
    flags = parsed.state.flags
    if isinstance(pattern, bytes):
        flags |= re.ASCII
    else:
        codes |= {ord(one) for one in _BEYOND_LATIN} | set(_list_codes(parsed))
    alphabet = [chr(code) for code in sorted(codes)]
    builder = _Builder(alphabet, anchored=method != "search")
    automaton = builder.automaton
    automaton.only_at_end = method == "fullmatch"
    start = automaton.add()
    if method == "search":  # begins at each place
        automaton.taking[start] = (automaton.anything & ~automaton.end, start)
    automaton.ends.add(builder.build(parsed, builder.link(start), flags))
    return automaton, start

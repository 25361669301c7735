"""Find regular expressions that could try one text in too many ways.

Matching takes more than linear time where a text leads from one repetition to itself and also on to
another (a polynomial), or back to itself in two ways (an exponential), and what follows can fail:
Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers"
(2016). Greed without return (`++`, `(?>…)`) is what mends such patterns, and the automaton knows:
it leaves such a repetition only before a character that the repetition could not have taken.
"""

from collections.abc import Iterator
from itertools import chain

from tests.automata import Automaton
from tests.automaton_building import make_automaton


def find_repetitions(pattern: str | bytes, flags: int = 0, method: str = "search") -> str:
    """Return how a pattern tries a text in too many ways, or nothing.

    `method` is how it is used: match, fullmatch, or search, which all others do.
    """
    automaton, start = make_automaton(pattern, flags, method)
    return _find_ambiguity(automaton, start)


def _find_ambiguity(automaton: Automaton, start: int) -> str:
    states = sorted(automaton.reachable(start) | {start})
    reach = {state: automaton.reachable(state) for state in states}
    loops = [state for state in states if state in reach[state]]
    for first in loops:
        same = {state for state in reach[first] if first in reach[state]}
        open_ = same - automaton.safe
        word = _search(automaton, (first, first), (first, first), (open_, open_), apart=True)
        if word is not None:
            return f"reads {word!r} again in two ways"
        for last in loops:
            if last != first and last in reach[first] and last not in automaton.safe:
                ring = {state for state in reach[last] if last in reach[state]} - automaton.safe
                between = {
                    state for state in states if state in reach[first] and last in reach[state]
                }
                word = _search(
                    automaton, (first, first, last), (first, last, last), (same, between, ring)
                )
                if word is not None:
                    return f"reads {word!r} in two repetitions that follow each other"
    return ""


def _search(
    automaton: Automaton,
    start: tuple[int, ...],
    goal: tuple[int, ...],
    within: tuple[set[int], ...],
    apart: bool = False,
) -> str | None:
    """Return a text that leads several runs from their starts to their goals together.

    With `apart`, two runs part on the way, or take one step in two ways.
    """
    seen = {(start, False)}
    waiting = [(start, False, "")]
    while waiting:
        here, parted, word = waiting.pop(0)
        for step, mask in _list_steps(automaton, here, within):
            now = parted or (apart and (step[0] != step[1] or _is_double(automaton, here, step)))
            text = word + automaton.alphabet[_lowest(mask)]
            if step == goal and (now or not apart):
                return text
            if (step, now) not in seen:
                seen.add((step, now))
                waiting.append((step, now, text))
    return None


def _list_steps(
    automaton: Automaton, here: tuple[int, ...], within: tuple[set[int], ...]
) -> Iterator[tuple[tuple[int, ...], int]]:
    found: list[tuple[tuple[int, ...], int]] = [((), automaton.anything)]
    for state, allowed in zip(here, within, strict=True):
        found = [
            ((*step, target), mask & also)
            for step, mask in found
            for also, target in automaton.moves[state]
            if mask & also and target in allowed
        ]
    yield from found


def _is_double(automaton: Automaton, here: tuple[int, ...], step: tuple[int, ...]) -> bool:
    ways = [mask for mask, target in automaton.moves[here[0]] if target == step[0]]
    return here[0] == here[1] and any(
        one & other for at, one in enumerate(ways) for other in ways[at + 1 :]
    )


def _lowest(mask: int) -> int:
    """Return the place of a readable character of a set, or of the first."""
    for code in chain(range(0x61, 0x7B), range(0x20, 0x7F)):
        if mask >> code & 1:
            return code
    return (mask & -mask).bit_length() - 1

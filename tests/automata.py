"""Automata of regular expressions, as the standard library's parser reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_

_MANY = 5000  # sets of states that one question may lead to
Edge = tuple[int, int]  # the next characters that it may be taken before, and where it leads


@dataclass
class Automaton:
    """States with edges that take nothing, and at most one that takes a character."""

    alphabet: list[str]
    silent: list[list[Edge]] = field(default_factory=list)
    taking: list[Edge | None] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)
    only_at_end: bool = False

    @property
    def end(self) -> int:
        """The bit that stands for the end of the text."""
        return 1 << len(self.alphabet)

    @property
    def anything(self) -> int:
        """All characters, and the end."""
        return (self.end << 1) - 1

    def add(self) -> int:
        """Add a state."""
        self.silent.append([])
        self.taking.append(None)
        return len(self.silent) - 1

    def list_paths(self, state: int) -> Iterator[tuple[int, int]]:
        """Yield the states that can be reached without a character, once for each way."""
        waiting: list[tuple[int, int, frozenset[tuple[int, int]]]] = [
            (state, self.anything, frozenset())
        ]
        while waiting:
            here, mask, taken = waiting.pop()
            yield here, mask
            for at, (allowed, target) in enumerate(self.silent[here]):
                if mask & allowed and (here, at) not in taken:
                    waiting.append((target, mask & allowed, taken | {(here, at)}))

    @cached_property
    def moves(self) -> list[list[Edge]]:
        """The characters that each state can take next, and where they lead, for each way."""
        return [
            [
                (mask & edge[0], edge[1])
                for here, mask in self.list_paths(state)
                if (edge := self.taking[here]) and mask & edge[0]
            ]
            for state in range(len(self.silent))
        ]

    @cached_property
    def accepted(self) -> list[int]:
        """The characters before which the text may end in each state."""
        last = self.end if self.only_at_end else self.anything
        return [
            reduce(
                or_, (mask & last for here, mask in self.list_paths(state) if here in self.ends), 0
            )
            for state in range(len(self.silent))
        ]

    @cached_property
    def letters(self) -> list[int]:
        """One character of each kind that some edge tells apart from others."""
        masks = {mask for edges in self.silent for mask, _ in edges}
        masks |= {edge[0] for edge in self.taking if edge}
        kinds = [self.anything]
        for mask in masks:
            kinds = [part for kind in kinds for part in (kind & mask, kind & ~mask) if part]
        return [kind & -kind for kind in kinds]

    @cached_property
    def safe(self) -> set[int]:
        """The states from which every text leads to an end, so that nothing is tried again."""
        return {state for state in range(len(self.silent)) if self.always_ends(frozenset({state}))}

    def always_ends(self, states: frozenset[int]) -> bool:
        """Return whether every text leads from one of some states to an end."""
        seen, waiting = {states}, [states]
        while waiting:
            here = waiting.pop()
            accepted = reduce(or_, (self.accepted[state] for state in here), 0)
            for letter in self.letters:
                if not accepted & letter:
                    following = self._follow(here, letter)
                    if not following or len(seen) > _MANY:
                        return False
                    if following not in seen:
                        seen.add(following)
                        waiting.append(following)
        return True

    def _follow(self, states: frozenset[int], letter: int) -> frozenset[int]:
        return frozenset(
            target for state in states for mask, target in self.moves[state] if mask & letter
        )

    def certain_first(self, state: int) -> int:
        """Return the characters after which an end is reached whatever follows."""
        found = 0
        for letter in self.letters:
            following = self._follow(frozenset({state}), letter)
            if following and self.always_ends(following):
                found |= self._widen(letter)
        return found

    def _widen(self, letter: int) -> int:
        """Return all characters of a kind."""
        masks = [mask for edges in self.silent for mask, _ in edges]
        masks += [edge[0] for edge in self.taking if edge]
        kind = self.anything
        for mask in masks:
            kind &= mask if mask & letter else ~mask
        return kind

    def reachable(self, state: int) -> set[int]:
        """Return the states that some text leads to."""
        found: set[int] = set()
        waiting = [state]
        while waiting:
            for _, target in self.moves[waiting.pop()]:
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

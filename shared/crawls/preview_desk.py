"""Turns at previews: few at once for each account, and what engines answered a moment ago."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

from shared.errors import TooMany
from shared.searching.asking import SearchAnswer
from shared.searching.pace import SearchPace

MOST_AT_ONCE = 2  # of one account: the one that is shown, and one whose form changed meanwhile
_LIFE = 600.0  # seconds that an answer of an engine is kept
_MOST_ANSWERS = 200

# The account, the engine, the words and the licence.
SearchKey = tuple[UUID, str, str, str | None]


class PreviewDesk:
    """The previews of one process, which is the only one: see where its function is declared."""

    def __init__(self, pace: SearchPace) -> None:
        self.pace = pace
        self._lock = threading.Lock()
        self._at_work: Counter[UUID] = Counter()
        self._answers: OrderedDict[SearchKey, tuple[float, SearchAnswer]] = OrderedDict()

    @contextmanager
    def take_turn(self, user_id: UUID) -> Iterator[None]:
        """Keep a turn of an account while the block runs. Raise `TooMany` where none is left."""
        with self._lock:
            if self._at_work[user_id] >= MOST_AT_ONCE:
                raise TooMany("Other previews of yours are still running.", retry_after=2)
            self._at_work[user_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work[user_id] -= 1
                if not self._at_work[user_id]:
                    del self._at_work[user_id]

    def find_answer(self, key: SearchKey) -> SearchAnswer | None:
        """Return what an engine answered this account within the last ten minutes, or None."""
        with self._lock:
            found = self._answers.get(key)
        return found[1] if found and monotonic() - found[0] < _LIFE else None

    def keep_answer(self, key: SearchKey, answer: SearchAnswer) -> None:
        """Keep an answer for a while; the oldest goes where there are many."""
        with self._lock:
            self._answers[key] = (monotonic(), answer)
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)

"""Counts calls by key and by address over a minute, in all processes together.

A process counts in memory. It adds what it has counted to a row of its own and reads the sum of all
rows, once a second or when a twentieth of the limit has come together: no call waits for a row that
another process writes, and most calls wait for none at all (docs/decisions/call-limits.md).
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert

from shared.database.transactions import transaction
from shared.models import CallCount
from shared.models.base import new_id

WINDOW = 60  # seconds
_REPORT_EVERY = 1.0  # seconds
_REPORT_SHARE = 20  # of a limit that is reported as soon as it has come together
_MOST_SUBJECTS = 10_000  # counted in one process; the longest unseen are forgotten


@dataclass(frozen=True)
class CallLimit:
    """A number of calls a minute; `name` says to callers whose it is."""

    name: str
    calls: int


@dataclass(frozen=True)
class Standing:
    """The state of a subject after a call: what is left of its limit, and until when.

    `seconds` is the time until a refused call would be let through, or else until this minute's
    calls begin to be forgotten.
    """

    remaining: int
    seconds: int
    refused: bool


@dataclass
class _Count:
    minute: int  # since the epoch
    before: int = 0  # calls of the minute before, of all processes
    known: int = 0  # calls of this minute, as they were read last
    unreported: int = 0  # of this process since then
    reported_at: float = -math.inf
    is_reporting: bool = False  # one thread at a time, or an older sum could replace a newer
    lock: threading.Lock = field(default_factory=threading.Lock)

    def move_to(self, minute: int) -> None:
        """Let the minutes pass that are over."""
        if minute > self.minute:
            self.before = self.known + self.unreported if minute == self.minute + 1 else 0
            self.minute, self.known, self.unreported = minute, 0, 0

    def estimate(self, into: float) -> float:
        """Return the calls of the last 60 seconds, `into` this minute (0 to 1).

        The minute before counts by the part of it that the 60 seconds still cover, as if its calls
        had come evenly: the sliding window counter of Cloudflare's rate limiting.
        """
        return self.before * (1 - into) + self.known + self.unreported


class CallCounter:
    """The counts of one process. `clock` gives Unix time."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._process: UUID = new_id()
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, subject: str, limit: CallLimit) -> Standing:
        """Count a call of a subject, unless it is refused: that one does not count."""
        now = self._clock()
        minute, into = int(now // WINDOW), now % WINDOW / WINDOW
        count = self._find(subject, minute)
        with count.lock:
            count.move_to(minute)
            refused = count.estimate(into) + 1 > limit.calls
            if not refused:
                count.unreported += 1
            remaining = max(0, limit.calls - math.ceil(count.estimate(into)))
            seconds = _wait(count, limit, into) if refused else math.ceil(WINDOW * (1 - into))
        return Standing(remaining, seconds, refused)

    def forget(self, subject: str) -> None:
        """Forget a subject that turned out to be none, such as a key that nobody has."""
        with self._lock:
            self._counts.pop(subject, None)

    def report(self, subject: str, limit: CallLimit) -> None:
        """Tell the other processes what this one has counted, and hear from them, if it is time."""
        now = self._clock()
        with self._lock:
            count = self._counts.get(subject)
        if count is None:
            return
        with count.lock:
            enough = count.unreported * _REPORT_SHARE >= limit.calls
            is_due = enough or now - count.reported_at >= _REPORT_EVERY
            if count.is_reporting or not count.unreported or not is_due:
                return
            reported, minute, count.reported_at = count.unreported, count.minute, now
            count.is_reporting = True
        try:
            known, before = self._exchange(subject, minute, reported)
            with count.lock:
                if count.minute == minute:
                    # What was not reported when the minute before ended is in the own sum only.
                    count.known, count.before = known, max(before, count.before)
                    count.unreported -= reported
        finally:
            count.is_reporting = False

    def _find(self, subject: str, minute: int) -> _Count:
        with self._lock:
            count = self._counts.get(subject)
            if count is None:
                count = self._counts[subject] = _Count(minute)
                if len(self._counts) > _MOST_SUBJECTS:
                    self._counts.popitem(last=False)
            else:
                self._counts.move_to_end(subject)
        return count

    def _exchange(self, subject: str, minute: int, calls: int) -> tuple[int, int]:
        """Add calls to this process's row; return those of all, in this minute and the one before.

        Raises `sqlalchemy.exc.SQLAlchemyError` where the database does not answer.
        """
        began = datetime.fromtimestamp(minute * WINDOW, UTC)
        before = datetime.fromtimestamp((minute - 1) * WINDOW, UTC)
        row = insert(CallCount).values(
            subject=subject, minute=began, process=self._process, calls=calls
        )
        keys = [CallCount.subject, CallCount.minute, CallCount.process]
        total = CallCount.calls + row.excluded.calls
        with transaction(self._engine) as session:
            session.execute(text("SET LOCAL synchronous_commit = off"))
            session.execute(row.on_conflict_do_update(index_elements=keys, set_={"calls": total}))
            sums = dict(
                session.execute(
                    select(CallCount.minute, func.sum(CallCount.calls))
                    .where(CallCount.subject == subject, CallCount.minute.in_([began, before]))
                    .group_by(CallCount.minute)
                ).all()
            )
        return int(sums.get(began, 0)), int(sums.get(before, 0))


def _wait(count: _Count, limit: CallLimit, into: float) -> int:
    """Return after how many seconds one more call would fit, if nobody calls meanwhile."""
    now = count.known + count.unreported
    room = limit.calls - 1 - now
    if room >= 0 and count.before:
        return max(1, math.ceil(WINDOW * (1 - room / count.before - into)))
    # This minute's calls are too many by themselves: they fade during the next.
    fades = 1 - (limit.calls - 1) / now if now else 0.0
    return max(1, math.ceil(WINDOW * (1 - into + max(0.0, fades))))

"""Waiting for the end of a job within a request that asks for it with `?wait=`.

No connection is held meanwhile: each look at the job's row is a transaction of its own.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.calls import Caller
from shared.database.transactions import is_transient, set_caller, transaction
from shared.declarations import WAITING, HttpOperation
from shared.models.base import Base
from shared.services import services
from shared.states import LIVE

MOST = 8  # requests that wait in one process, half of its threads: the others answer at once
MOST_OF_ONE = 4  # of them for one account
# Seconds from one look to the next: a tenth of the time that has passed, within these.
_SHORTEST, _LONGEST = 0.05, 2.0


@dataclass(frozen=True)
class AwaitedJob:
    """A job that has not ended, and the request that waits for it."""

    table: Any  # with `id` and `status`
    id: UUID
    caller: Caller
    seconds: int


def find_awaited_job(
    operation: HttpOperation, caller: Caller | None, given: Mapping[str, Any], result: Any
) -> AwaitedJob | None:
    """Return the job that a result shows, if it is to be waited for and has not ended."""
    table: type[Base] | None = operation.waits_for
    if table is None or caller is None or result.status not in LIVE:
        return None
    seconds = given[WAITING.name].wait
    return AwaitedJob(table, result.id, caller, seconds) if seconds else None


def wait_for_end(job: AwaitedJob) -> bool:
    """Return after a job's end, or its time; False at once where too many requests wait already.

    A job that is deleted meanwhile has ended too.
    """
    with _places.take(job.caller.id) as got_one:
        if not got_one:
            return False
        started = time.monotonic()
        while (passed := time.monotonic() - started) < job.seconds:
            pause = min(max(passed / 10, _SHORTEST), _LONGEST)
            time.sleep(min(pause, job.seconds - passed))
            if not _is_live(job):
                break
    return True


def _is_live(job: AwaitedJob) -> bool:
    """Look at a job's row as its caller, in one short transaction."""
    try:
        with transaction(
            services().engine, on_begin=lambda connection: set_caller(connection, job.caller.id)
        ) as session:
            statement = select(job.table.status).where(job.table.id == job.id)
            if hasattr(job.table, "deleted_at"):
                statement = statement.where(job.table.deleted_at.is_(None))
            return session.scalar(statement) in LIVE
    except PoolTimeout:
        return True
    except DBAPIError as error:
        if not is_transient(error):
            raise
        return True


class Places:
    """The places for requests that wait, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def take(self, account: UUID) -> Iterator[bool]:
        """Hold a place for the block; yield whether there was one."""
        with self._lock:
            got_one = self._taken.total() < MOST and self._taken[account] < MOST_OF_ONE
            self._taken[account] += got_one
        try:
            yield got_one
        finally:
            with self._lock:
                self._taken[account] -= got_one
                self._taken += Counter()  # forgets accounts that hold none


_places = Places()

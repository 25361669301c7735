"""Add up what was counted since the last time, so that statistics read few rows."""

import time

from sqlalchemy import Engine

from shared.database.transactions import transaction
from shared.insights.merging import TABLES, merge_counts
from shared.messaging.messages import RollUpDue

_BATCH = 10_000
_BUDGET = 50  # seconds; the next run comes after a minute


def handle(due: RollUpDue, engine: Engine) -> None:
    """Merge new rows of the tables of sums."""
    deadline = time.monotonic() + _BUDGET
    for table in TABLES:
        while time.monotonic() < deadline:
            with transaction(engine) as session:
                if merge_counts(session, table, _BATCH) < _BATCH:
                    break

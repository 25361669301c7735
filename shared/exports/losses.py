"""Images over which workers of an export died: tried twice, then left out and named.

Before a variant is made its image is noted in the job's state (`making`). Who finds it noted there
comes after a worker that died, or that is still at it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, cast, update
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.transactions import transaction
from shared.models import ExportJob

KILLED = "killed_its_worker"
_MOST_DEATHS = 2


@contextmanager
def note_making(
    engine: Engine, conditions: tuple[ColumnElement[bool], ...], position: UUID
) -> Iterator[None]:
    """Keep in mind, while the block runs, what is to blame if the worker does not survive it.

    `conditions` are those under which the call counts. The note stays behind until the next one: it
    does no harm, as an image whose variant is there is not made again.
    """
    write_note(engine, conditions, str(position))
    try:
        yield
    except BaseException:
        write_note(engine, conditions, None)
        raise


def write_note(
    engine: Engine, conditions: tuple[ColumnElement[bool], ...], making: str | None
) -> None:
    """Note which image is being made, or that none is, while the call counts."""
    changed = ExportJob.state.concat(cast({"making": making}, JSONB))
    with transaction(engine) as session:
        session.execute(
            update(ExportJob)
            .where(*conditions)
            .values(state=changed)
            .execution_options(synchronize_session=False)
        )


def count_death(state: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return a job's state with the death that it tells of, and whether that was one too many."""
    position = state.get("making")
    if position is None:
        return state, False
    deaths = state.get("deaths") or {}
    count = deaths.get(position, 0) + 1
    changed = state | {"making": None, "deaths": deaths | {position: count}}
    return changed, count >= _MOST_DEATHS


def list_given_up(deaths: Mapping[str, int]) -> frozenset[UUID]:
    """Return the positions of images that are not tried any more."""
    return frozenset(UUID(one) for one, count in deaths.items() if count >= _MOST_DEATHS)

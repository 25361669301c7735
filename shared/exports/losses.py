"""Images over which workers of an export died: tried twice, then left out and named.

Before a variant is made its image is noted in the part's row (`making`), and in a part that was
begun before each image that is taken up: so what ends workers is found in the second attempt. Who
finds an image noted comes after a worker that died. Resizing alone is not noted in a first attempt:
it is most of an export's work, of pictures that were decoded before, and a note costs as much.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, update

from shared.database.transactions import transaction
from shared.models import ExportPart

KILLED = "killed_its_worker"
_MOST_DEATHS = 2


@contextmanager
def note_making(
    engine: Engine, fence: tuple[ColumnElement[bool], ...], position: UUID
) -> Iterator[None]:
    """Keep in mind, while the block runs, what is to blame if the worker does not survive it.

    `fence` holds the conditions under which the worker may write. The note stays behind until the
    next one: it does no harm, as an image whose variant is there is not made again.
    """
    write_note(engine, fence, position)
    try:
        yield
    except BaseException:
        write_note(engine, fence, None)
        raise


def write_note(engine: Engine, fence: tuple[ColumnElement[bool], ...], making: UUID | None) -> None:
    """Note which image is being made, or that none is, while the worker may write."""
    with transaction(engine) as session:
        session.execute(
            update(ExportPart)
            .where(*fence)
            .values(making=making)
            .execution_options(synchronize_session=False)
        )


def count_death(part: ExportPart) -> bool:
    """Count the death that a part's row tells of; return whether it was one too many."""
    if part.making is None:
        return False
    position = str(part.making)
    count: int = part.deaths.get(position, 0) + 1
    part.making, part.deaths = None, part.deaths | {position: count}
    return count >= _MOST_DEATHS


def list_given_up(deaths: Mapping[str, Any]) -> frozenset[UUID]:
    """Return the positions of images that are not tried any more."""
    return frozenset(UUID(one) for one, count in deaths.items() if count >= _MOST_DEATHS)

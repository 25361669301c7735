"""Stores which splits images were given: added to in blocks, never changed."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import SplitBlock
from shared.schemas.splits import SplitOptions

BLOCK = 50_000  # images


def name_scheme(options: SplitOptions) -> str:
    """Return the name under which splits of these options are stored: SHA-256 hex of them.

    The order in which they name things does not matter.
    """
    named = sorted(options.group_by) if options.group_by else None
    rest = options.model_copy(update={"group_by": named})
    wanted = rest.model_dump_json(include=set(SplitOptions.model_fields) - {"splits"})
    shares: Mapping[str, float] = options.splits or {}
    return sha256(f"{wanted}{sorted(shares.items())}".encode()).hexdigest()


def load_splits(
    session: Session, project_id: UUID, scheme: str
) -> tuple[int, NDArray[np.bytes_], NDArray[np.int8]]:
    """Return the number of blocks, and all images with their splits in the order of the ids."""
    blocks = session.execute(
        select(SplitBlock.image_ids, SplitBlock.splits)
        .where(SplitBlock.project_id == project_id, SplitBlock.scheme == scheme)
        .order_by(SplitBlock.number)
    ).all()
    ids = np.frombuffer(b"".join(block.image_ids for block in blocks), "S16")
    splits = np.frombuffer(b"".join(block.splits for block in blocks), np.int8)
    order = np.argsort(ids)
    return len(blocks), ids[order], splits[order]


def store_splits(
    session: Session,
    project_id: UUID,
    scheme: str,
    after: int,
    ids: NDArray[np.bytes_],
    splits: NDArray[np.int8],
) -> bool:
    """Add images with their splits; return False when others were added since `after` blocks."""
    lock = func.hashtextextended(f"{project_id} {scheme}", 0)
    session.execute(select(func.pg_advisory_xact_lock(lock)))
    known = session.scalar(
        select(func.count()).where(SplitBlock.project_id == project_id, SplitBlock.scheme == scheme)
    )
    if known != after:
        return False
    for number, begin in enumerate(range(0, len(ids), BLOCK), after):
        block = slice(begin, begin + BLOCK)
        session.add(
            SplitBlock(
                project_id=project_id,
                scheme=scheme,
                number=number,
                image_ids=ids[block].tobytes(),
                splits=splits[block].tobytes(),
            )
        )
    session.flush()
    return True


def look_up(
    ids: NDArray[np.bytes_], splits: NDArray[np.int8], wanted: NDArray[np.bytes_]
) -> NDArray[np.int8]:
    """Return the splits of wanted images, -1 for those that are not among `ids` (in order)."""
    found = np.full(len(wanted), -1, np.int8)
    if len(ids):
        places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        known = ids[places] == wanted
        found[known] = splits[places[known]]
    return found

"""Splits a project's images: reads, groups, assigns, checks and stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select, true
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict, Unavailable
from shared.models import Image
from shared.schemas.splits import SplitOptions
from shared.splitting.assignment import NONE, assign_groups
from shared.splitting.blocks import load_splits, look_up, name_scheme, store_splits
from shared.splitting.grouping import count_crossings, group_images
from shared.splitting.images import read_images
from shared.splitting.proof import list_warnings, make_proof

_TRIES = 5
_LISTED = 50


@dataclass(frozen=True)
class SplitBook:
    """The splits of a project's images: `codes` are places in `names`, ids are in order."""

    names: Sequence[str]
    ids: NDArray[np.bytes_]
    codes: NDArray[np.int8]

    def find(self, image_ids: Sequence[UUID]) -> list[str | None]:
        """Return the split of each of these images; None for one that is in none."""
        wanted = np.frombuffer(b"".join(one.bytes for one in image_ids), "S16")
        codes = look_up(self.ids, self.codes, wanted)
        return [self.names[code] if code != NONE else None for code in codes]

    def to_bytes(self) -> bytes:
        """Return the book without its names, for `from_bytes`."""
        return self.ids.tobytes() + self.codes.tobytes()

    @classmethod
    def from_bytes(cls, names: Sequence[str], data: bytes) -> "SplitBook":
        """Read what `to_bytes` wrote."""
        count = len(data) // 17
        ids = np.frombuffer(data, "S16", count)
        return cls(names, ids, np.frombuffer(data, np.int8, count, offset=16 * count))


@dataclass(frozen=True)
class SplitOutcome:
    """A project's splits, what proves them, and what a person should know."""

    book: SplitBook
    proof: dict[str, Any]
    warnings: list[str]


def split_images(engine: Engine, project_id: UUID, options: SplitOptions) -> SplitOutcome:
    """Give all images of a project their splits, and keep those that they were given before.

    Takes part of a minute and some hundred bytes for each of a million images. Raises `Conflict`
    for options that no image answers to, and `Unavailable` when others split it all the time.
    """
    _check_columns(engine, project_id, options)
    joins_plain = options.leak_distance > 0
    images = read_images(engine, project_id, options.group_by or (), joins_plain=joins_plain)
    grouping = group_images(images, options.leak_distance)
    shares = options.splits or {}
    scheme = name_scheme(options)
    for _ in range(_TRIES):
        with transaction(engine) as session:
            known, ids, splits = load_splits(session, project_id, scheme)
        earlier = look_up(ids, splits, images.ids)
        assignment = assign_groups(
            images,
            grouping,
            shares,
            earlier,
            options.leak_distance,
            stratified=options.stratify is not None,
        )
        crossing = count_crossings(images, grouping, assignment.splits, options.leak_distance)
        new = np.flatnonzero((earlier == NONE) & (assignment.splits != NONE))
        with transaction(engine) as session:
            added = store_splits(
                session, project_id, scheme, known, images.ids[new], assignment.splits[new]
            )
        if added:
            proof = make_proof(images, grouping, assignment, options, crossing)
            book = SplitBook(sorted(shares), images.ids, assignment.splits)
            return SplitOutcome(book, proof, list_warnings(proof))
    raise Unavailable("Others are splitting this project's images; try again in a minute.")


def _check_columns(engine: Engine, project_id: UUID, options: SplitOptions) -> None:
    """Raise `Conflict` for a column of `group_by` that no image has."""
    columns = [key for key in options.group_by or () if key.startswith("metadata.")]
    if not columns:
        return
    with transaction(engine) as session:
        for column in columns:
            name = column.removeprefix("metadata.")
            found = select(Image.id).where(
                Image.project_id == project_id, Image.metadata_.has_key(name)
            )
            if session.scalar(found.limit(1)) is None:
                raise Conflict(_describe_columns(session, project_id, column))


def _describe_columns(session: Session, project_id: UUID, column: str) -> str:
    names = func.jsonb_object_keys(Image.metadata_).table_valued("name").lateral()
    found = (
        select(names.c.name)
        .select_from(Image)
        .join(names, true())
        .where(Image.project_id == project_id)
        .distinct()
        .order_by(names.c.name)
        .limit(_LISTED)
    )
    known = ", ".join(f"metadata.{name}" for name in session.scalars(found))
    there = f"there are {known}" if known else "no image has any"
    return f"group_by: no image has {column}; {there}."

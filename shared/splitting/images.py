"""Reads what grouping must know of a project's images, packed by the database.

A row of its own for each image would take the driver ten times as long, and more memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Integer,
    LargeBinary,
    Select,
    SQLColumnExpression,
    and_,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.database.transactions import transaction
from shared.images.queries import extract_host
from shared.imaging.hashes import HALVES, HALVES_LAYOUT
from shared.models import Image

BLOCK = 20_000  # images read at a time
_METADATA = "metadata."
PLAIN = "plain pictures"
# A hash is noise where saving again flips more tenths of bits than these: half of what the usual
# distance bridges. `docs/decisions/splits.md` has what was measured, here and below.
_NOISE = 40
# Images whose hashes have no measure of it, as they were stored before there was one, are plain
# with hardly an edge (a sharpness below that) and much of one colour (a uniformity above this).
_EVEN, _ONE_COLOR = 2.0, 0.4
# Halves are compared within three quarters of the distance: they say less.
_OF_HALVES = 3, 4


@dataclass(frozen=True)
class Looks:
    """A hash of each image; those that are `usable` are compared, within `distance` bits."""

    hashes: NDArray[np.uint64]
    usable: NDArray[np.bool_]
    distance: int


@dataclass(frozen=True)
class SplitImages:
    """Images of a project in the order of their ids, one element each in every array.

    `halves` and `has_half` have a row for each of `HALVES`: their hashes, where these are not
    mostly noise. `points` are the first 64 bits of the contents' SHA-256. `counts` tells which
    images a dataset holds as a rule: valid ones that duplicate none. `labels` are numbers that
    stand for texts, 0 for none, and so are the arrays of `keys`, by the name of what is grouped by;
    that of `PLAIN` stands for pictures in which there is nothing, or in a corner alone.
    """

    ids: NDArray[np.bytes_]
    originals: NDArray[np.bytes_]
    hashes: NDArray[np.uint64]
    has_hash: NDArray[np.bool_]
    halves: NDArray[np.uint64]
    has_half: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    points: NDArray[np.uint64]
    labels: NDArray[np.int64]
    keys: dict[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.ids)

    def list_looks(self, distance: int) -> list[Looks]:
        """Return what is compared: the whole pictures, and their halves unless it is for equality.

        Near copies are whoever is near in one of these.
        """
        looks = [Looks(self.hashes, self.has_hash, distance)]
        if distance:
            part, whole = _OF_HALVES
            within = distance * part // whole
            looks += map(Looks, self.halves, self.has_half, [within] * len(HALVES))
        return looks


def read_images(
    engine: Engine, project_id: UUID, group_by: Sequence[str], *, joins_plain: bool
) -> SplitImages:
    """Read a project's images, but for those that are rejected or not complete.

    In pages, so that no transaction stays open; 110 bytes for each image, 8 more for each name.
    """
    layout = np.dtype(
        [
            ("id", "S16"),
            ("original", "S16"),
            ("hash", ">u8"),
            ("flags", "u1"),
            ("point", ">u8"),
            ("label", ">i8"),
            ("halves", HALVES_LAYOUT),
            *((name, ">i8") for name in group_by),
        ]
    )
    rows = np.frombuffer(b"".join(_read_blocks(engine, project_id, group_by, layout)), layout)
    keys = {name: rows[name].astype(np.int64) for name in group_by}
    is_measured = (rows["flags"] & 8 > 0)[:, None]
    is_noise = find_noise(rows["halves"]["flips"]) & is_measured
    if joins_plain:
        keys[PLAIN] = (find_plain(is_noise) | (rows["flags"] & 4 > 0)).astype(np.int64)
    return SplitImages(
        ids=rows["id"].copy(),
        originals=rows["original"].copy(),
        hashes=rows["hash"].astype(np.uint64),
        has_hash=rows["flags"] & 1 > 0,
        halves=rows["halves"]["hashes"].T.astype(np.uint64),
        has_half=(is_measured & ~is_noise[:, 1:]).T.copy(),
        counts=rows["flags"] & 2 > 0,
        points=rows["point"].astype(np.uint64),
        labels=rows["label"].astype(np.int64),
        keys=keys,
    )


def find_noise(flips: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which hashes are noise, of the bytes that `hash_halves` says it with."""
    return flips > _NOISE


def find_plain(is_noise: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pictures are plain: as a whole, or but for one of their corners.

    `is_noise` has columns for the whole and each of `HALVES`. A mark in the corner of a clear sky
    is all that there is to see, and in no copy but this.
    """
    whole, upper, lower, left, right = is_noise.T
    return np.asarray(whole | ((upper | lower) & (left | right)))


def find_key(name: str) -> SQLColumnExpression[Any]:
    """Return SQL for the text of an `Image` that a name of `group_by` stands for."""
    if name.startswith(_METADATA):
        key = name.removeprefix(_METADATA)
        return func.jsonb_extract_path_text(Image.metadata_, key)
    columns: dict[str, SQLColumnExpression[Any]] = {
        "host": extract_host(Image.original_url),
        "source_page": Image.source_page,
        "label": Image.label,
    }
    return columns[name]


def _read_blocks(
    engine: Engine, project_id: UUID, group_by: Sequence[str], layout: np.dtype[Any]
) -> Iterator[bytes]:
    after = UUID(int=0)
    while True:
        with transaction(engine) as session:
            block = session.scalar(_select_block(project_id, group_by, after))
        if not block:
            return
        yield bytes(block)
        last = block[-layout.itemsize :]
        after = UUID(bytes=bytes(last[:16]))


def _select_block(project_id: UUID, group_by: Sequence[str], after: UUID) -> Select[bytes]:
    nothing = literal_column("''::bytea", LargeBinary)
    is_plain = and_(
        Image.phash.is_not(None),
        Image.phash_halves.is_(None),
        Image.sharpness < _EVEN,
        Image.uniformity > _ONE_COLOR,
    )
    flags = (
        cast(Image.phash.is_not(None), Integer)
        + 2 * cast(and_(Image.is_valid, ~Image.is_duplicate), Integer)
        + 4 * cast(func.coalesce(is_plain, false()), Integer)
        + 8 * cast(Image.phash_halves.is_not(None), Integer)
    )
    digits = func.left(func.coalesce(Image.sha256, "0" * 16), 16)
    no_halves = func.decode("00" * HALVES_LAYOUT.itemsize, "hex")
    fields = [
        func.uuid_send(func.coalesce(Image.duplicate_of, literal(UUID(int=0)))),
        func.int8send(func.coalesce(Image.phash, 0)),
        func.set_byte(literal_column(r"'\x00'::bytea", LargeBinary), 0, flags),
        func.decode(digits, "hex"),
        func.int8send(_number(Image.label)),
        func.coalesce(Image.phash_halves, no_halves),
        *(func.int8send(_number(find_key(name))) for name in group_by),
    ]
    packed: Any = func.uuid_send(Image.id, type_=LargeBinary)
    for field in fields:
        packed = packed.op("||", return_type=LargeBinary())(field)
    page = (
        select(Image.id, packed.label("packed"))
        .where(
            Image.project_id == project_id,
            Image.id > after,
            Image.status == "completed",
            ~Image.rejected,
        )
        .order_by(Image.id)
        .limit(BLOCK)
        .subquery()
    )
    return select(func.string_agg(page.c.packed, aggregate_order_by(nothing, page.c.id)))


def _number(text: SQLColumnExpression[Any]) -> ColumnElement[int]:
    """Return SQL for a number that stands for a text: equal for equal texts, 0 for none."""
    return func.coalesce(func.hashtextextended(text, cast(0, BigInteger)), cast(0, BigInteger))

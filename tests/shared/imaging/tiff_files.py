"""TIFF files of kinds that Pillow does not write: one row of samples, uncompressed."""

import struct
from collections.abc import Sequence

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
UNSIGNED, SIGNED, FLOAT = 1, 2, 3


def make_tiff(
    samples: bytes,
    *,
    width: int,
    bits: int,
    order: str = "<",
    channels: int = 1,
    photometric: int = BLACK_IS_ZERO,
    sample_format: int = UNSIGNED,
    extra: int | None = None,
) -> bytes:
    """Return a TIFF; `order` is that of `struct`, `extra` says what the last channel is."""
    tags: list[tuple[int, Sequence[int]]] = [
        (256, [width]),
        (257, [1]),
        (258, [bits] * channels),
        (259, [1]),
        (262, [photometric]),
        (273, [8]),
        (277, [channels]),
        (278, [1]),
        (279, [len(samples)]),
        *([] if extra is None else [(338, [extra])]),
        (339, [sample_format] * channels),
    ]
    directory = 8 + len(samples) + len(samples) % 2
    more = directory + 2 + 12 * len(tags) + 4
    rows, values = b"", b""
    for tag, numbers in tags:
        packed = struct.pack(f"{order}{len(numbers)}H", *numbers)
        rows += struct.pack(f"{order}HHI", tag, 3, len(numbers))
        if len(packed) <= 4:
            rows += packed.ljust(4, b"\0")
        else:
            rows += struct.pack(f"{order}I", more + len(values))
            values += packed
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", directory)
    body = samples + bytes(len(samples) % 2)
    return head + body + struct.pack(f"{order}H", len(tags)) + rows + bytes(4) + values

"""Small files that claim much, or many parts that say nothing, are refused at once."""

import struct
from collections.abc import Callable

import pytest

from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected, Limits
from tests.growth import measure_cpu
from tests.shared.imaging import hostile
from tests.shared.imaging.containers.building import (
    make_avif,
    make_bmp_of_runs,
    make_box,
    make_riff_chunk,
    make_tiff,
    make_webp,
)

PIXELS = make_riff_chunk(b"VP8X", bytes(10))
# (a file, why it is refused)
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "gif blocks": (
        lambda: hostile.gif_claiming(9, 9)[:-1] + b"!\xfe\0" * 100_001,
        "decode_error: gif: more than 100000 blocks",
    ),
    "gif sub-blocks": (
        lambda: hostile.gif_claiming(9, 9)[:-1] + b"!\xfe" + b"\1a" * 1_000_001,
        "decode_error: gif: more than 1000000 sub-blocks",
    ),
    "webp chunks": (
        lambda: make_webp(PIXELS, make_riff_chunk(b"abcd", b"") * 100_001),
        "decode_error: webp: more than 100000 chunks",
    ),
    "tiff strips": (
        lambda: make_tiff((273, 4, 100_001, 1024), rest=bytes(500_000)),
        "decode_error: tiff: more than 100000 values of tag 273",
    ),
    "tiff numbers": (
        lambda: make_tiff((258, 3, 200_001, 1024), rest=bytes(500_000)),
        "decode_error: tiff: more than 200000 values of tag 258",
    ),
    "tiff tags": (
        lambda: b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 100_001) + bytes(2_100_000),
        "decode_error: tiff: more than 4096 tags",
    ),
    "bmp runs": (
        lambda: make_bmp_of_runs(5000, 5000, b"\0\0" * 100),
        "too_many_pixels: 5000 x 5000 pixels of run lengths",
    ),
    "bmp bytes of runs": (
        lambda: make_bmp_of_runs(100, 100, b"\0\0" * 8_000_000),
        "too_many_pixels: 100 x 100 pixels of run lengths",
    ),
    "avif boxes": (
        lambda: make_avif() + make_box(b"free") * 100_001,
        "decode_error: avif: more than 100000 boxes",
    ),
    "avif items": (
        lambda: make_avif(iinf=make_box(b"infe", bytes(13)) * 3000),
        "decode_error: avif: 63",
    ),
    "avif references": (
        lambda: make_avif(iref=bytes(4) + make_box(b"dimg", bytes(6)) * 6000),
        "decode_error: avif: 84",
    ),
    "avif associations": (
        lambda: make_avif(ipma=b"".join(struct.pack(">HB", i, 0) for i in range(20_000))),
        "decode_error: avif: 600",
    ),
    "avif properties": (
        lambda: make_avif(ipco=make_box(b"irot", b"\1") * 4096),
        "decode_error: avif: 4100 properties",
    ),
    "avif extents": (
        lambda: (
            make_box(b"ftyp", b"avif", bytes(4))
            + make_box(
                b"meta", bytes(4), make_box(b"iloc", bytes(6) + b"\0\1" + bytes(4) + b"\xff" * 2)
            )
        ),
        "decode_error: avif: 65535 extents",
    ),
    "avif samples": (
        lambda: make_avif() + make_box(b"moov", make_box(b"stsz", bytes(8) + b"\xff" * 4)),
        "too_many_frames: more than 1000 frames",
    ),
    "avif samples of a chunk": (
        lambda: (
            make_avif()
            + make_box(
                b"moov",
                make_box(b"stco", struct.pack(">2I", 0, 10)),
                make_box(b"stsc", struct.pack(">5I", 0, 1, 1, 1_000_000, 1)),
            )
        ),
        "too_many_frames: more than 1000 frames",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str) -> None:
    build, reason = BOMBS[name]
    bomb = build()

    def refuse() -> None:
        with pytest.raises(ImageRejected, match=f"^{reason}"):
            inspect(bomb)

    assert measure_cpu(refuse) < 2


def test_what_encoders_write_is_within_the_budgets() -> None:
    assert inspect(make_avif(iinf=make_box(b"infe", bytes(13)) * 400)).width == 64
    assert inspect(make_tiff((273, 4, 16, 1024), (278, 4, 1, 1), rest=bytes(5000))).width == 16
    runs = b"".join(b"\x64" + bytes([row]) + b"\0\0" for row in range(50)) + b"\0\1"
    assert inspect(make_bmp_of_runs(100, 50, runs)).height == 50


def test_a_limit_holds_for_every_format() -> None:
    assert inspect(make_tiff(), Limits(max_parts=20)).width == 16
    with pytest.raises(ImageRejected, match="more than 8 tags"):
        inspect(make_tiff(), Limits(max_parts=8))

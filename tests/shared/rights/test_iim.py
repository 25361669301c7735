"""Credits of IPTC's Information Interchange Model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.iim import find_iptc, read_iptc_credit
from tests.embedding import iptc, photoshop
from tests.growth import Maker, assert_linear, repetitions

BLOCK = iptc((80, b"Ann"), (80, "Bé".encode()), (110, b"Agency"), (116, "© 2026".encode("latin-1")))


def test_names_and_notices() -> None:
    assert read_iptc_credit(BLOCK) == (["Ann", "Bé"], "Agency", "© 2026")
    assert read_iptc_credit(b"") == ([], None, None)


@pytest.mark.parametrize(
    ("block", "creators"),
    [
        (BLOCK[:-8], ["Ann", "Bé"]),
        (iptc((5, b"Title"), (80, b" \0 "), (80, b"A\0\nB")), ["A B"]),
        (b"\x1c\1" + BLOCK[2:8], []),  # of another record
        (b"\x1c\2\x50\x80\4\0\0\0\3Ann" + BLOCK, []),  # more than 32 kB, which nothing here is
        (iptc(*((80, b"%d" % n) for n in range(30))), [str(n) for n in range(20)]),
    ],
)
def test_odd_blocks(block: bytes, creators: list[str]) -> None:
    assert read_iptc_credit(block).creators == creators


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_image_resources(cut: int) -> None:
    resources = photoshop(BLOCK)
    assert find_iptc(resources) == BLOCK
    assert BLOCK.startswith(find_iptc(resources[:cut]))
    assert find_iptc(b"8BIM") == find_iptc(b"other" + resources) == b""


@given(make=repetitions((b"8BIM", b"\4\4", b"\0\0", b"\x1c\2\x50\0\0", b"\x1c\2\x74\0\1x")))
@settings(max_examples=30)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(find_iptc, make, 20_000)
    assert_linear(read_iptc_credit, make, 20_000)


@given(st.binary())
def test_any_bytes_are_read(data: bytes) -> None:
    read_iptc_credit(find_iptc(data))
    read_iptc_credit(data)

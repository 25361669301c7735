"""Properties that an XMP packet states about its file."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.xmp import PacketTooLarge, read_packet
from tests.embedding import wrap, xmp
from tests.growth import Maker, assert_linear, repetitions

MADE_OF = (
    "<xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description>{}</rdf:Description></rdf:li></rdf:Bag>"
    "</xmpMM:Pantry>"
)


@pytest.mark.parametrize(
    ("packet", "stated"),
    [
        (xmp(dc_rights="© Ann"), {"dc:rights": ["© Ann"]}),
        (wrap("", 'plus:DataMining="x"'), {"plus:DataMining": ["x"]}),
        (
            wrap("<dc:creator><rdf:Seq><rdf:li>A &amp; B</rdf:li><rdf:li>C</rdf:li></rdf:Seq>"
                 "</dc:creator>"),
            {"dc:creator": ["A & B", "C"]},
        ),
        (
            wrap('<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All</rdf:li>'
                 '<rdf:li xml:lang="de">Alle</rdf:li></rdf:Alt></dc:rights>'),
            {"dc:rights": ["All", "Alle"]},
        ),
        (
            wrap('<cc:license rdf:resource="https://a.example/by"/>'),
            {"cc:license": ["https://a.example/by"]},
        ),
        # By the namespace, not by the prefix; TDMRep's is written in three ways.
        (
            wrap('<a:reservation xmlns:a="http://www.w3.org/ns/tdmrep#">1</a:reservation>'),
            {"tdm:reservation": ["1"]},
        ),
        (wrap('<dc:rights xmlns:dc="urn:other">x</dc:rights>'), {}),
        # Of the pictures that this one was made of, nothing is said of this one.
        (wrap(MADE_OF.format("<dc:rights>other</dc:rights>")), {}),
        (wrap("<dc:title>x</dc:title>"), {}),
        (xmp(dc_rights=" \n "), {}),
        (xmp(dc_rights="x" * 9000), {"dc:rights": ["x" * 2000]}),
        (xmp(dc_rights="a").decode().encode("utf-16"), {"dc:rights": ["a"]}),
        (xmp(dc_rights="a") + bytes(2000), {"dc:rights": ["a"]}),
        # What breaks off says what stands before.
        (xmp(dc_rights="a")[:-45], {"dc:rights": ["a"]}),
        (b"", {}),
        (b"no XML", {}),
    ],
)  # fmt: skip
def test_properties(packet: bytes, stated: dict[str, list[str]]) -> None:
    assert dict(read_packet(packet)) == stated


def test_no_entity_is_expanded() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}]>'
    packet = doctype.encode() + xmp(dc_rights="x").replace(b">x<", b">&e9;<")
    assert not read_packet(packet)


@pytest.mark.parametrize(
    "inside", ["<dc:subject/>" * 100_001, "<dc:subject>" * 100_001, " " * (16 * 1024 * 1024)]
)
def test_what_is_too_large_is_said_to_be(inside: str) -> None:
    with pytest.raises(PacketTooLarge):
        read_packet(wrap(inside))


def test_a_deep_packet_is_read() -> None:
    depth = 90_000
    deep = "<dc:subject>" * depth + "</dc:subject>" * depth
    assert read_packet(wrap(f"{deep}<dc:rights>a</dc:rights>")) == {"dc:rights": ["a"]}


@given(
    make=repetitions(
        (
            b"<dc:rights>",
            b"</dc:rights>",
            b"<rdf:li>",
            b"</rdf:li>",
            b"&amp;",
            b"x",
            b"<!--",
            b" a='b'",
        )
    )
)
@settings(max_examples=30)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    start = wrap("")[: wrap("").index(b"</rdf:Description>")]

    def read(packet: bytes) -> None:
        with suppress(PacketTooLarge):
            read_packet(packet)

    assert_linear(read, lambda size: start + make(size), 20_000)


@given(st.binary())
def test_any_bytes_are_read(data: bytes) -> None:
    read_packet(data)

"""Statements are found in files of every format, wherever it keeps them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging import Limits, inspect
from shared.imaging.containers.chunks import build_chunk
from shared.imaging.containers.metadata import find_metadata
from shared.imaging.embedded_rights import read_embedded_rights
from shared.imaging.limits import FORMATS, ImageFormat
from tests.credentials import SIGNED, box, mining, put_in_jpeg, store
from tests.embedding import PLUS, insert_segment, iptc, save, xmp
from tests.growth import Maker, assert_linear, repetitions
from tests.shared.imaging.photographs import load_photograph

LIMITS = Limits()
PICTURE = load_photograph().resize((64, 40))
HERE = "https://a.example/x"
REFUSING = xmp(plus_DataMining=f"{PLUS}DMI-PROHIBITED", dc_creator="Ann")
WITH_XMP: tuple[ImageFormat, ...] = tuple(kind for kind in FORMATS if kind != "bmp")
MORE = b"http://ns.adobe.com/xmp/extension/\0"


@pytest.mark.parametrize("kind", WITH_XMP)
def test_xmp(kind: ImageFormat) -> None:
    data = save(PICTURE, kind, REFUSING)
    rights = read_embedded_rights(data, inspect(data), LIMITS, HERE)
    assert [(one.source, one.allows, one.address) for one in rights.signals] == [
        ("xmp", False, HERE)
    ]
    assert rights.creator == rights.attribution == "Ann"


@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff"])
def test_iptc(kind: ImageFormat) -> None:
    block = iptc((80, b"Bea"), (116, b"(c) Bea"))
    data = save(PICTURE, kind, block=block)
    rights = read_embedded_rights(data, inspect(data), LIMITS, HERE)
    assert (rights.creator, rights.attribution) == ("Bea", "Bea, (c) Bea")
    assert [one.value for one in rights.signals] == ["CopyrightNotice=(c) Bea"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_without_statements(kind: ImageFormat) -> None:
    data = save(PICTURE, kind)
    assert find_metadata(data, kind, LIMITS) == ((), b"", b"")


def test_a_long_packet_of_a_jpeg_is_joined() -> None:
    """A segment holds 64 KiB, so what is longer lies in several, by a digest of the whole."""
    packet = xmp(plus_DataMining=f"{PLUS}DMI-PROHIBITED", dc_description="x" * 100_000)
    data = save(PICTURE, "jpeg", xmp(dc_creator="Ann"))
    pieces = [(start, packet[start : start + 60_000]) for start in range(0, len(packet), 60_000)]
    for start, piece in pieces:  # which come in any order
        head = MORE + b"D" * 32 + len(packet).to_bytes(4) + start.to_bytes(4)
        data = insert_segment(data, 0xE1, head + piece)
    assert find_metadata(data, "jpeg", LIMITS).xmp[1] == packet
    rights = read_embedded_rights(data, inspect(data), LIMITS, HERE)
    assert ([one.allows for one in rights.signals], rights.creator) == ([False], "Ann")


def test_few_packets_are_read() -> None:
    data = save(PICTURE, "jpeg")
    for number in range(20):
        data = insert_segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0%d" % number)
        data = insert_segment(data, 0xE1, MORE + b"%32d" % number + bytes(8) + b"x")
    assert len(find_metadata(data, "jpeg", LIMITS).xmp) == 4


def test_a_packet_in_a_png_inflates_to_no_more_than_is_read() -> None:
    data = save(PICTURE, "png", xmp(dc_description="x" * (17 * 1024 * 1024)))
    rights = read_embedded_rights(data, inspect(data), LIMITS, HERE)
    assert rights.signals == ()


@pytest.mark.parametrize("kind", FORMATS)
@given(make=repetitions((b"8BIM\4\4", b"!\xff\x0bXMP DataXMP", b"\xff\xe1\0\x30", b"XMP \0\0\0\0")))
@settings(max_examples=10, deadline=None)
def test_finding_takes_time_in_proportion(kind: ImageFormat, make: Maker) -> None:
    head = save(PICTURE, kind)

    def find(data: bytes) -> None:
        find_metadata(data, kind, Limits(max_parts=10_000_000))

    assert_linear(find, lambda size: head[:-2] + make(size), 20_000)


@pytest.mark.parametrize("kind", WITH_XMP)
@given(place=st.floats(0, 1), byte=st.integers(0, 255))
@settings(max_examples=50, deadline=None)
def test_damaged_files_raise_nothing(kind: ImageFormat, place: float, byte: int) -> None:
    data = bytearray(save(Image.new("RGB", (8, 8)), kind, REFUSING))
    data[int(place * (len(data) - 1))] = byte
    find_metadata(bytes(data), kind, LIMITS)
    find_metadata(bytes(data[: int(place * len(data))]), kind, LIMITS)


def put(kind: ImageFormat, credentials: bytes) -> bytes:
    """Return a picture with Content Credentials where its format keeps them."""
    data = save(PICTURE, kind)
    match kind:
        case "jpeg":
            return put_in_jpeg(data, credentials)
        case "png":
            return data[:33] + build_chunk(b"caBX", credentials) + data[33:]
        case "webp":
            body = data[8:] + b"C2PA" + len(credentials).to_bytes(4, "little") + credentials
            return b"RIFF" + len(body).to_bytes(4, "little") + body
        case "gif":
            pieces = (credentials[at : at + 255] for at in range(0, len(credentials), 255))
            blocks = b"".join(bytes([len(piece)]) + piece for piece in pieces)
            return data[:-1] + b"!\xff\x0bC2PA_GIF\1\0\0" + blocks + b"\0;"
        case "tiff":
            return save(PICTURE, kind, tags={52545: credentials})
        case "avif":
            uuid = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
            return data + box(b"uuid", uuid + b"\0\0\0\0manifest\0" + bytes(8) + credentials)
        case "bmp":
            raise AssertionError(kind)


@pytest.mark.parametrize("kind", WITH_XMP)
def test_content_credentials(kind: ImageFormat) -> None:
    long = box(b"free", b"x" * 200_000)
    data = put(
        kind,
        store(
            [
                ("org.example.long", long),
                ("cawg.training-mining", mining({"cawg.ai_training": "notAllowed"})),
            ]
        ),
    )
    rights = read_embedded_rights(data, inspect(data), LIMITS, HERE)
    assert [(one.source, one.value, one.allows) for one in rights.signals] == [
        ("c2pa", "cawg.ai_training=notAllowed", False)
    ]


@pytest.mark.parametrize("name", ["refused.jpg", "refused.avif"])
def test_what_a_signer_made(name: str) -> None:
    data = SIGNED[name]
    rights = read_embedded_rights(data, inspect(data), LIMITS, HERE)
    assert [one.value for one in rights.signals if one.allows is False] == [
        "cawg.ai_training=notAllowed"
    ]

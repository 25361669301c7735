"""Renditions show the colours that people see: those that Chromium 156 shows of the same bytes.

The expected values are what its canvas gave back, with `--force-color-profile=srgb`.
"""

import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging.color_spaces import find_conversion
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageFormat
from tests.shared.imaging.color_files import (
    ADOBE_RGB,
    BT709,
    DISPLAY_P3,
    GAMMA_2_2,
    LINEAR,
    PATCHES,
    SRGB_CHUNK,
    add_tags,
    chromaticities_chunk,
    code_points_chunk,
    gamma_chunk,
    make_file,
    make_gray_profile,
    make_png,
    make_profile,
    parse_colors,
    profile_chunk,
    render_patches,
    set_code_points,
)
from tests.shared.imaging.distances import measure_distance
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.photographs import encode_image, load_photograph

PLAIN = "ff0000 00ff00 0000ff 808080 404040 c86432 ffffff 000000"
AS_LINEAR = "ff0000 00ff00 0000ff bcbcbc 898989 e5a87a ffffff 000000"
AS_P3 = "ff0000 00ff00 0000ff 808080 404040 d75d1f ffffff 000000"
AS_ADOBE_RGB = "ff0000 00ff00 0000ff 818181 3e3e3e e3642a ffffff 000000"
AS_GAMMA_2_2 = "ff0000 00ff00 0000ff 818181 3e3e3e c9642e ffffff 000000"
AS_GAMMA_2_4 = "ff0000 00ff00 0000ff 797979 363636 c55b27 ffffff 000000"
AS_BT2020 = "ff0000 00ff00 0000ff 808080 404040 f14c1d ffffff 000000"
AS_PQ = "ff0000 00ff00 0000ff 848484 1e1e1e ff0000 ffffff 000000"
AS_HLG = "ff0000 00ff00 0000f9 636363 2b2b2b e63011 ffffff 000000"
AS_SWAPPED = "00ff00 ff0000 0000ff 808080 404040 64c832 ffffff 000000"

SWAPPED = (0.3127, 0.3290, 0.30, 0.60, 0.64, 0.33, 0.15, 0.06)
P3_PROFILE, LINEAR_PROFILE = make_profile(DISPLAY_P3), make_profile(BT709, LINEAR)


def assert_colors(data: bytes, expected: str, most: int = 2) -> None:
    """Compare each patch, within so many levels."""
    seen, wanted = render_patches(data), parse_colors(expected)
    assert len(seen) == len(wanted)
    for one, other in zip(seen, wanted, strict=True):
        assert one == pytest.approx(other, abs=most), (one, other)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ((), PLAIN),
        ((gamma_chunk(1.0),), AS_LINEAR),
        ((gamma_chunk(1.0), chromaticities_chunk(BT709)), AS_LINEAR),
        ((gamma_chunk(0.5),), "ff0000 00ff00 0000ff 898989 474747 ce6d37 ffffff 000000"),
        (
            (gamma_chunk(0.45455), chromaticities_chunk(DISPLAY_P3)),
            "ff0000 00ff00 0000ff 818181 3e3e3e d85d18 ffffff 000000",
        ),
        ((chromaticities_chunk(DISPLAY_P3),), PLAIN),
        ((gamma_chunk(0.45455),), PLAIN),
        ((gamma_chunk(0.44),), PLAIN),
        ((gamma_chunk(0),), PLAIN),
        ((gamma_chunk(1.0), chromaticities_chunk((0.3127, 0.329, 0, 0, 0, 0, 0, 0))), PLAIN),
        ((gamma_chunk(0.45455), gamma_chunk(1.0)), PLAIN),
        ((SRGB_CHUNK, gamma_chunk(1.0), chromaticities_chunk(DISPLAY_P3)), PLAIN),
        ((profile_chunk(P3_PROFILE), gamma_chunk(1.0)), AS_P3),
        ((profile_chunk(b"nonsense" * 30), gamma_chunk(1.0)), AS_LINEAR),
        ((code_points_chunk(1, 8), profile_chunk(P3_PROFILE)), AS_LINEAR),
        ((code_points_chunk(12, 13), SRGB_CHUNK), AS_P3),
        ((code_points_chunk(9, 13),), AS_BT2020),
        ((code_points_chunk(1, 1),), AS_GAMMA_2_4),
        ((code_points_chunk(1, 4),), AS_GAMMA_2_2),
        ((code_points_chunk(9, 16),), AS_PQ),
        ((code_points_chunk(9, 18),), AS_HLG),
        ((code_points_chunk(12, 13, full_range=0),), PLAIN),
        ((code_points_chunk(1, 13, full_range=0), gamma_chunk(1.0)), AS_LINEAR),
        ((code_points_chunk(2, 2), gamma_chunk(1.0)), AS_LINEAR),
        ((code_points_chunk(3, 8), gamma_chunk(1.0)), AS_LINEAR),
        ((code_points_chunk(1, 2), SRGB_CHUNK, gamma_chunk(1.0)), PLAIN),
        ((chunk(b"cICP", b"\1\x08\0"), gamma_chunk(1.0)), AS_LINEAR),
    ],
)
def test_the_chunks_of_a_png_count_in_the_order_of_the_standard(
    chunks: tuple[bytes, ...], expected: str
) -> None:
    assert_colors(make_png(*chunks), expected)


def test_chunks_behind_the_pixels_or_with_a_wrong_checksum_do_not_count() -> None:
    plain = make_png()
    assert_colors(plain[:-12] + code_points_chunk(1, 8) + plain[-12:], PLAIN)
    assert find_conversion(make_png(gamma_chunk(1.0)[:-1] + b"?"), "png", "RGB", None) is None
    assert find_conversion(make_png(gamma_chunk(1.0)), "png", "RGB", None) is not None


def test_what_encoders_write_for_srgb_is_srgb() -> None:
    """A gamma of 1/2.2 with the primaries of sRGB, as ImageMagick writes; libpng agrees."""
    assert_colors(make_png(gamma_chunk(0.45455), chromaticities_chunk(BT709)), PLAIN, most=0)


@pytest.mark.parametrize(
    ("primaries", "expected"),
    [
        (4, "e85d1e 00c55d 644ace 808080"),
        (5, "cb6433 15c866 6632c7 808080"),
        (6, "c46631 45c563 643ac8 808080"),
        (7, "c46631 45c563 643ac8 808080"),
        (8, "de5c20 00cd5a 6e23cf 808080"),
        (9, "f14c1d 00d352 6c21d1 808080"),
        (10, "ff003d 00ff2c 4b00d5 808080"),
        (11, "d35d20 00cc56 692dd0 808080"),
        (12, "d75d1f 00cc56 6c2fd0 808080"),
        (22, "ca6631 24c464 6540c8 808080"),
    ],
)
def test_every_code_point_of_primaries(primaries: int, expected: str) -> None:
    rows = bytes((200, 100, 50, 50, 200, 100, 100, 50, 200, 128, 128, 128))
    assert_colors(make_png(code_points_chunk(primaries, 13), rows=rows, width=4), expected)


@pytest.mark.parametrize(
    ("transfer", "expected"),
    [
        (5, "000000 080808 242424 424242 6a6a6a a5a5a5 d4d4d4 f9f9f9"),
        (6, "010101 121212 313131 515151 797979 b0b0b0 dadada fafafa"),
        (7, "191919 303030 4d4d4d 6a6a6a 8d8d8d bcbcbc e0e0e0 fbfbfb"),
        (8, "383838 606060 858585 a0a0a0 bcbcbc dbdbdb efefef fdfdfd"),
        (9, "0a0a0a 1e1e1e 3c3c3c 5a5a5a 808080 b4b4b4 dcdcdc fafafa"),
        (11, "010101 121212 313131 515151 797979 b0b0b0 dadada fafafa"),
        (12, "0a0a0a 1e1e1e 3c3c3c 5a5a5a 808080 b4b4b4 dcdcdc fafafa"),
        (14, "010101 121212 313131 515151 797979 b0b0b0 dadada fafafa"),
        (15, "010101 121212 313131 515151 797979 b0b0b0 dadada fafafa"),
        (17, "010101 0d0d0d 2c2c2c 4c4c4c 767676 b1b1b1 e0e0e0 ffffff"),
    ],
)
def test_every_code_point_of_transfer(transfer: int, expected: str) -> None:
    rows = b"".join(bytes((v, v, v)) for v in (10, 30, 60, 90, 128, 180, 220, 250))
    assert_colors(make_png(code_points_chunk(1, transfer), rows=rows), expected)


GREYS = bytes((0, 32, 64, 128, 180, 200, 240, 255))
LINEAR_GREYS = "000000 636363 898989 bcbcbc dbdbdb e5e5e5 f8f8f8 ffffff"
PLAIN_GREYS = "000000 202020 404040 808080 b4b4b4 c8c8c8 f0f0f0 ffffff"


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (gamma_chunk(1.0), LINEAR_GREYS),
        (code_points_chunk(1, 8), LINEAR_GREYS),
        (profile_chunk(make_gray_profile(1.0)), LINEAR_GREYS),
        (profile_chunk(LINEAR_PROFILE), LINEAR_GREYS),
        (profile_chunk(P3_PROFILE), PLAIN_GREYS),
    ],
)
def test_greys_are_converted_with_and_without_alpha(extra: bytes, expected: str) -> None:
    assert_colors(make_png(extra, kind=0, rows=GREYS), expected)
    with_alpha = b"".join(bytes((grey, 255)) for grey in GREYS)
    assert_colors(make_png(extra, kind=4, rows=with_alpha), expected)


def test_a_profile_of_greys_does_not_count_for_palettes_and_colours() -> None:
    gray = profile_chunk(make_gray_profile(1.0))
    palette = chunk(b"PLTE", bytes((0, 0, 0, 64, 64, 64, 128, 128, 128, 255, 255, 255)))
    expected = "000000 404040 808080 ffffff"
    data = make_png(gray, palette, kind=3, rows=bytes(range(4)), width=4)
    assert_colors(data, expected)
    linear = make_png(gamma_chunk(1.0), palette, kind=3, rows=bytes(range(4)), width=4)
    assert_colors(linear, "000000 898989 bcbcbc ffffff")
    assert_colors(make_png(gray), PLAIN)


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize(
    ("icc", "expected"),
    [
        (P3_PROFILE, AS_P3),
        (make_profile(ADOBE_RGB, GAMMA_2_2), AS_ADOBE_RGB),
        (LINEAR_PROFILE, AS_LINEAR),
        (make_profile(SWAPPED), AS_SWAPPED),
        (make_profile(BT709), PLAIN),
        (make_gray_profile(1.0), PLAIN),
        (make_profile(BT709, cicp=b"cicp\0\0\0\0\x09\x10\0\1"), AS_PQ),
        (make_profile(BT709, cicp=b"cicp\0\0\0\0\x0c\x0d\0\1"), AS_P3),
        (P3_PROFILE[:12] + b"abst" + P3_PROFILE[16:], AS_P3),
        (P3_PROFILE[:200], PLAIN),
        (P3_PROFILE[:36] + b"none" + P3_PROFILE[40:], PLAIN),
    ],
)
def test_a_profile_counts_by_what_it_does(name: str, icc: bytes, expected: str) -> None:
    """All of them call themselves sRGB. Coding rounds black and full colours in JPEG and AVIF."""
    assert_colors(make_file(name, icc_profile=icc), expected, most=14 if name != "WEBP" else 2)


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_a_profile_of_greys_counts_for_greys(name: str) -> None:
    expected = "949494 cacaca 5f5f5f bcbcbc 898989 b9b9b9 ffffff 000000"
    for icc in (make_gray_profile(1.0), LINEAR_PROFILE):
        assert_colors(make_file(name, "L", icc_profile=icc), expected)


def test_cmyk_is_converted_by_a_profile_of_cmyk_only() -> None:
    plain = make_file("JPEG", "CMYK")
    assert render_patches(make_file("JPEG", "CMYK", icc_profile=P3_PROFILE)) == render_patches(
        plain
    )
    inverted = make_file("JPEG", "CMYK", icc_profile=make_cmyk_profile())
    assert render_patches(inverted)[6][0] < 10 < 245 < render_patches(inverted)[7][0]


def make_cmyk_profile() -> bytes:
    """Return a profile whose paper is black: a table of 2 × 2 × 2 × 2 colours (ICC.1, lut8Type)."""
    corners = (
        (255 * (c & m & y | k), 128, 128)
        for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)
    )  # fmt: skip
    identity = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + identity * 4
    table += b"".join(map(bytes, corners)) + identity * 3
    icc = bytearray(add_tags(make_profile(BT709)[:128] + bytes(4), {"A2B0": table}))
    icc[8:12], icc[12:24] = b"\2\x10\0\0", b"prtrCMYKLab "
    return bytes(icc)


@pytest.mark.parametrize(
    ("primaries", "transfer", "expected"),
    [
        (1, 13, PLAIN),
        (2, 2, PLAIN),
        (1, 1, PLAIN),
        (1, 6, PLAIN),
        (1, 14, PLAIN),
        (3, 13, PLAIN),
        (1, 99, PLAIN),
        (1, 8, AS_LINEAR),
        (1, 4, AS_GAMMA_2_2),
        (9, 1, AS_BT2020),
        (9, 13, AS_BT2020),
        (12, 13, AS_P3),
        (12, 2, AS_P3),
        (9, 16, AS_PQ),
        (9, 18, "ff0000 00ff00 0000f7 636363 2b2b2b e63011 ffffff 000000"),
    ],
)
def test_the_code_points_of_an_avif(primaries: int, transfer: int, expected: str) -> None:
    """A level more or less of blue or red in the coding is 14 on the linear scale."""
    still = set_code_points(make_file("AVIF"), primaries, transfer)
    assert_colors(still, expected, most=14)
    frames = [load_photograph().resize((128, 16))]
    moving = make_file("AVIF", save_all=True, append_images=frames)
    assert_colors(set_code_points(moving, primaries, transfer), expected, most=14)


def test_the_profile_of_an_avif_goes_before_its_code_points() -> None:
    data = set_code_points(make_file("AVIF", icc_profile=P3_PROFILE), 1, 8)
    assert_colors(data, AS_P3, most=4)


def test_a_bitmap_holds_a_profile_too() -> None:
    pixels = b"".join(bytes(reversed(color)) for color in PATCHES)
    for space, icc, expected in ((b"DEBM", P3_PROFILE, AS_P3), (b"BGRs", P3_PROFILE, PLAIN)):
        header = (
            struct.pack("<IiiHHIIiiII", 124, 8, 1, 1, 24, 0, 24, 0, 0, 0, 0) + bytes(16) + space
        )
        header += bytes(48) + struct.pack("<4I", 4, 124 + len(pixels), len(icc), 0)
        size = 14 + len(header) + len(pixels) + len(icc)
        data = struct.pack("<2sIHHI", b"BM", size, 0, 0, 138) + header + pixels + icc
        assert_colors(data, expected)


def test_what_a_camera_says_in_exif_changes_no_colours() -> None:
    """Adobe RGB by `ColorSpace` and `InteroperabilityIndex`: browsers pass over it."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 0xFFFF
    exif.get_ifd(0xA005)[1] = "R03"
    assert_colors(make_file("JPEG", exif=exif), PLAIN)


def test_the_base_picture_of_a_gain_map_is_shown() -> None:
    """Its gain map is a second JPEG behind it (CIPA DC-007), for screens of high dynamic range."""
    gains = Image.new("L", (64, 8), 200)
    data = make_file("MPO", save_all=True, append_images=[gains], icc_profile=P3_PROFILE)
    assert_colors(data, AS_P3)
    assert inspect(data).format == "jpeg"
    assert inspect(data).frames == 1


def test_measures_and_hashes_are_those_of_the_colours_that_are_seen() -> None:
    """A linear copy of a photograph is the same picture, though its numbers are darker."""
    photograph = load_photograph("astronaut.png").resize((256, 256))
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    copy = photograph.point(list(np.rint(255 * linear).astype(int)) * 3)
    plain, named = encode_image(photograph, "PNG"), encode_image(copy, "PNG")
    named = named[:33] + code_points_chunk(1, 8) + named[33:]
    original, same, other = (inspect(data) for data in (plain, named, encode_image(copy, "PNG")))
    assert same.brightness == pytest.approx(original.brightness, abs=0.01)
    assert other.brightness < original.brightness - 0.1
    assert measure_distance(same.phash, original.phash) <= 2


def test_the_brightest_pixel_of_a_picture_decides_how_it_is_compressed() -> None:
    """MaxCLL of 4000 and 203 cd/m²: the levels 128 and 160 of the perceptual quantizer."""
    rows = bytes((128, 128, 128, 160, 160, 160))
    for peak, expected in ((0, "848484 d5d5d5"), (4000, "848484 cacaca"), (203, "b5b5b5 ffffff")):
        light = chunk(b"cLLI", struct.pack(">II", peak * 10_000, 0))
        assert_colors(make_png(code_points_chunk(9, 16), light, rows=rows, width=2), expected)


VALID = {
    "png": make_png(profile_chunk(P3_PROFILE), code_points_chunk(9, 16), gamma_chunk(0.6)),
    "avif": make_file("AVIF", save_all=True, append_images=[load_photograph().resize((128, 16))]),
    "bmp": make_file("BMP"),
    "tiff": make_file("TIFF"),
}


@given(
    name=st.sampled_from(["png", "avif", "bmp"]),
    patches=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=5)), max_size=5),
    keep=st.floats(0, 1),
)
@settings(max_examples=150)
def test_damaged_descriptions_are_ignored(
    name: str, patches: list[tuple[float, bytes]], keep: float
) -> None:
    data = bytearray(VALID[name])
    for position, patch in patches:
        start = int(position * len(data))
        data[start : start + len(patch)] = patch
    find_conversion(bytes(data[: int(keep * len(data))]), name, "RGB", None)  # type: ignore[arg-type]


@given(
    patches=st.lists(st.tuples(st.integers(0, 500), st.binary(max_size=5)), max_size=5),
    keep=st.integers(0, 500),
    mode=st.sampled_from(["L", "RGB", "CMYK"]),
)
@settings(max_examples=150)
def test_damaged_profiles_are_ignored_or_used(
    patches: list[tuple[int, bytes]], keep: int, mode: str
) -> None:
    icc = bytearray(make_profile(BT709, cicp=b"cicp\0\0\0\0\x09\x10\0\1"))
    for start, patch in patches:
        icc[start : start + len(patch)] = patch
    find_conversion(b"", "jpeg", mode, bytes(icc[:keep]))


@pytest.mark.parametrize("name", ["png", "avif"])
def test_looking_for_colours_takes_time_in_proportion_to_the_file(name: ImageFormat) -> None:
    def build(count: int) -> bytes:
        if name == "png":
            return make_png(*[chunk(b"tEXt", b"")] * count)
        avif = make_file("AVIF")
        return avif[:32] + b"\0\0\0\x08free" * count + avif[32:]

    def measure(count: int) -> float:
        data, times = build(count), []
        for _ in range(5):
            started = time.thread_time()
            find_conversion(data, name, "RGB", None)
            times.append(time.thread_time() - started)
        return min(times)

    assert measure(20_000) < 10 * measure(5_000)

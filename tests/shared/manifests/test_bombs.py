"""Manifests that are far larger than they look, damaged, or that lie about their sizes."""

from __future__ import annotations

import gzip
import io
import random
import zlib
from collections.abc import Callable

import pyarrow as pa
import pytest

from shared.manifests import lines, parquet, unpacking
from shared.manifests.limits import ManifestError
from shared.manifests.reading import ManifestReader
from tests.growth import assert_linear
from tests.memory import measure_growth
from tests.shared.manifests.tables import (
    PACKINGS,
    read,
    read_places,
    reasons,
    refuse,
    to_parquet,
    to_zstd,
    urls,
)

HEAD = b"url,caption\n"
ROW = b"https://example.com/a.jpg,cat\n"
ADDRESS = "https://example.com/a.jpg"
_MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("pack", [gzip.compress, to_zstd])
def test_what_unpacks_to_more_than_the_limit_is_refused_in_little_memory(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_TEXT", 64 * _MEGABYTE)
    bomb = pack(HEAD + bytes(80 * _MEGABYTE))
    assert len(bomb) < 100_000
    assert measure_growth(lambda: refuse(bomb)) < 40 * _MEGABYTE
    assert refuse(bomb).startswith("too_large")


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_several_members_are_one_text(packing: str) -> None:
    pack = PACKINGS[packing]
    data = pack(HEAD) + pack(b"") + pack(ROW[:9]) + pack(ROW[9:])
    assert urls(read(data)) == [ADDRESS]


@pytest.mark.parametrize(
    ("name", "line"), [("m.csv", b"\n"), ("m.csv", b"\r\n"), ("m.txt", b"#\n"), ("m.jsonl", b" \n")]
)
def test_lines_that_make_no_row_are_bounded(
    name: str, line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_LINES", 20_000)
    head = {"m.csv": HEAD, "m.jsonl": b'{"url": "https://example.com/a.jpg"}\n'}.get(name, b"")
    assert "more than 20000 lines" in refuse(gzip.compress(head + line * 30_000), name)
    assert "more than 20000 lines" in refuse(head + line * 20_000 + ROW, name)


def test_padding_behind_gzip_is_passed_over() -> None:
    assert urls(read(gzip.compress(HEAD + ROW) + bytes(512))) == [ADDRESS]


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_what_breaks_off_or_is_damaged_says_so(packing: str) -> None:
    pack = PACKINGS[packing]
    rows = "".join(f"https://example.com/{n}.jpg,{n}\n" for n in range(10_000)).encode()
    whole = pack(HEAD + rows)
    assert refuse(whole[:-9]).startswith("damaged")
    assert refuse(whole + b"and more").startswith("damaged")
    if packing == ".gz":  # which always has a checksum
        broken = bytearray(whole)
        broken[len(broken) // 2] ^= 0xFF
        assert refuse(bytes(broken)).startswith("damaged")


def test_members_that_hold_nothing_are_refused() -> None:
    assert "members that hold nothing" in refuse(gzip.compress(HEAD) + gzip.compress(b"") * 20_000)


@pytest.mark.parametrize("unit", [b"", ROW])
def test_unpacking_grows_with_the_bytes(unit: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MEMBERS", 10**9)
    head, packed = gzip.compress(HEAD), gzip.compress(unit)
    assert_linear(
        lambda data: read(head + data), lambda size: packed * (size // len(packed)), 100_000
    )


def repeat(text: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), [text])


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("caption", {"store_schema": False}),
        ("caption", {}),  # Arrow's own types make it a dictionary again
        ("url", {"compression": "zstd"}),
    ],
)
def test_text_that_a_dictionary_repeats_costs_its_rows_and_no_memory(
    column: str, options: dict[str, object]
) -> None:
    count = 1500
    table = {"url": repeat(ADDRESS, count), column: repeat("x" * 1_000_000, count)}
    bomb = to_parquet(table, **options)
    assert len(bomb) < 60_000
    read(to_parquet({"url": [ADDRESS]}))

    def work() -> None:
        assert set(reasons(read(bomb)).values()) == {"bad_row"}

    assert measure_growth(work) < 100 * _MEGABYTE


@pytest.mark.parametrize("columns", [1, 20])
def test_what_rows_come_to_is_bounded_whatever_repeats_it(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "MAX_TEXT", 30 * _MEGABYTE)
    count = 100_000
    long = {f"c{n}": repeat("x" * (1_000_000 // columns), count) for n in range(columns)}
    bomb = to_parquet({"url": repeat(ADDRESS, count), **long}, store_schema=False)
    read(to_parquet({"url": [ADDRESS]}))
    assert measure_growth(lambda: refuse(bomb)) < 100 * _MEGABYTE
    assert refuse(bomb).startswith("too_large: unpacked")
    assert len(read_places(bomb, limit=10)) == 10


def test_parts_of_a_list_count_what_rows_come_to_as_the_whole_does() -> None:
    table = {"url": [ADDRESS] * 3000, "caption": ["x" * (n % 200) for n in range(3000)]}
    data = to_parquet(table, row_group_size=1700)
    whole = [position for position, _ in read_places(data)]
    assert 3000 * 100 < whole[-1].text < 3000 * 200
    for start in (whole[10], whole[1699], whole[2500]):
        assert [position for position, _ in read_places(data, start=start)][-1] == whole[-1]


def test_pages_of_one_long_text_each_are_refused_before_they_are_unpacked() -> None:
    bomb = to_parquet(
        {"url": [ADDRESS] * 40, "caption": ["x" * 5_000_000] * 40},
        use_dictionary=False,
        compression="zstd",
        data_page_size=1,
        write_batch_size=1,
    )
    assert len(bomb) < 60_000
    assert measure_growth(lambda: refuse(bomb)) < 40 * _MEGABYTE
    assert "pages are too large" in refuse(bomb)


def test_texts_that_all_differ_take_no_memory_either() -> None:
    count = 30_000
    table = {"url": [f"https://example.com/{n:0>300}.jpg" for n in range(count)]}
    data = to_parquet(table, row_group_size=count)
    read(to_parquet({"url": [ADDRESS]}))

    def work() -> None:
        reader = ManifestReader(io.BytesIO(data), len(data), "m.parquet", {})
        assert sum(1 for _ in reader.read()) == count

    assert measure_growth(work) < 30 * _MEGABYTE


def test_text_that_repeats_the_one_before_costs_its_rows_and_no_memory() -> None:
    bomb = to_parquet(
        {"url": [ADDRESS] * 200, "caption": ["x" * 1_000_000] * 200},
        use_dictionary=False,
        column_encoding={"caption": "DELTA_BYTE_ARRAY"},
        compression="zstd",
    )
    assert len(bomb) < 10_000
    read(to_parquet({"url": [ADDRESS]}))
    assert measure_growth(lambda: read(bomb)) < 100 * _MEGABYTE
    assert len(reasons(read(bomb))) == 200


def test_a_page_that_is_too_large_is_refused_before_it_is_unpacked() -> None:
    bomb = to_parquet(
        {"url": [ADDRESS] * 300, "caption": ["x" * 1_000_000] * 300},
        use_dictionary=False,
        compression="zstd",
        data_page_size=2**30,
        write_batch_size=1000,
    )
    assert len(bomb) < 50_000
    assert measure_growth(lambda: refuse(bomb)) < 40 * _MEGABYTE
    assert "pages are too large" in refuse(bomb)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data_page_version": "2.0", "compression": "zstd"},
        {"use_dictionary": False, "compression": "gzip"},
        {"use_dictionary": False, "column_encoding": {"caption": "DELTA_LENGTH_BYTE_ARRAY"}},
        {"use_dictionary": False, "column_encoding": {"url": "DELTA_BYTE_ARRAY"}},
        {"row_group_size": 100, "compression": "none"},
        {"data_page_size": 100, "write_page_checksum": True, "compression": "lz4"},
        {"dictionary_pagesize_limit": 1000, "compression": "brotli"},
    ],
)
def test_honest_files_of_every_encoding_are_read(options: dict[str, object]) -> None:
    count = 3000
    table = {
        "url": [f"https://example.com/{n}.jpg" for n in range(count)],
        "caption": [None if n % 3 else f"cat {n}" for n in range(count)],
        "n": list(range(count)),
    }
    found = read(to_parquet(table, **options))
    assert urls(found) == table["url"]


def test_damaged_files_are_read_or_refused() -> None:
    table = {"url": [f"https://example.com/{n}.jpg" for n in range(200)], "n": list(range(200))}
    whole = to_parquet(table, compression="none")
    chance = random.Random(7)
    for _ in range(100):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(4, len(broken) - 8)] = chance.randrange(256)
        try:
            read(bytes(broken))
        except ManifestError:
            continue


def test_a_packed_file_of_parquet_is_unpacked_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = gzip.compress(to_parquet({"url": [ADDRESS]}))
    assert urls(read(packed)) == [ADDRESS]
    monkeypatch.setattr("shared.manifests.reading.MAX_UNPACKED", 100)
    assert "send it as it is" in refuse(packed)


def test_a_footer_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAX_FOOTER", 10)
    assert "footer is too large" in refuse(to_parquet({"url": [ADDRESS]}))


def test_a_stream_of_zlib_is_not_gzip() -> None:
    assert refuse(b"\x1f\x8b" + zlib.compress(HEAD)).startswith("damaged")

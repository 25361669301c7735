"""Separated values: what separates them, quotes that never close, and tables that are odd."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from shared.manifests.rows import ManifestRow
from tests.growth import Maker, assert_linear, repetitions
from tests.shared.manifests.tables import read, reasons, refuse, urls

ADDRESS = "https://example.com/{}.jpg"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("declared", [False, True])
def test_what_separates_values_is_found(delimiter: str, declared: bool) -> None:
    table = f"url{delimiter}caption\n{ADDRESS.format(1)}{delimiter}x: y\n"
    text = f"sep={delimiter}\r\n{table}" if declared else table
    (row,) = read(text.encode())
    assert isinstance(row, ManifestRow)
    assert (row.url, row.caption) == (ADDRESS.format(1), "x: y")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_lines_is_one(end: str) -> None:
    text = end.join(["url,caption", f"{ADDRESS.format(1)},a", f"{ADDRESS.format(2)},b", ""])
    assert urls(read(text.encode())) == [ADDRESS.format(1), ADDRESS.format(2)]


def test_values_in_quotes_hold_delimiters_quotes_and_line_breaks() -> None:
    text = f'url,caption\n{ADDRESS.format(1)},"a, ""b""\r\n\nc"\n{ADDRESS.format(2)},d\n'
    first, second = read(text.encode())
    assert isinstance(first, ManifestRow)
    assert (first.line, first.caption) == (2, 'a, "b"\n\nc')
    assert second.line == 5


@pytest.mark.parametrize("row", ['{},"a" dog', '{},a "dog"', '{},5" tall', '{},"5" tall'])
def test_stray_quotes_do_no_harm(row: str) -> None:
    text = "url,caption\n" + "".join(row.format(ADDRESS.format(n)) + "\n" for n in range(4))
    assert urls(read(text.encode())) == [ADDRESS.format(n) for n in range(4)]


def test_a_quote_that_never_closes_costs_one_row() -> None:
    lines = [f"{ADDRESS.format(n)},cat {n}" for n in range(3000)]
    lines[3] = f'{ADDRESS.format(3)},"cat'
    rows = read("\n".join(["url,caption", *lines]).encode())
    assert reasons(rows) == {5: "bad_row"}
    assert urls(rows) == [ADDRESS.format(n) for n in range(3000) if n != 3]


def test_a_quote_that_closes_in_a_later_row_costs_one_row() -> None:
    lines = [f'{ADDRESS.format(n)},"cat {n}"' for n in range(100)]
    lines[3] = f'{ADDRESS.format(3)},"cat'
    rows = read("\n".join(["url,caption", *lines]).encode())
    assert reasons(rows) == {5: "bad_row"}
    assert len(urls(rows)) == 99


def test_quotes_in_tables_with_tabs_need_not_close() -> None:
    (row, other) = read(f'caption\turl\n"cat\t{ADDRESS.format(1)}\nx\t{ADDRESS.format(2)}'.encode())
    assert isinstance(row, ManifestRow)
    assert (row.caption, other.url) == ('"cat', ADDRESS.format(2))


def test_a_line_that_is_too_long_costs_one_row() -> None:
    long = f"{ADDRESS.format(1)}," + "x" * 200_000
    rows = read(f"url,caption\n{long}\n{ADDRESS.format(2)},a\n".encode())
    assert (reasons(rows), urls(rows)) == ({2: "bad_row"}, [ADDRESS.format(2)])
    assert refuse(b"url," + b"x" * 200_000).startswith("bad_columns")


def test_a_column_that_stands_twice() -> None:
    twice = f"url,url\n{ADDRESS.format(1)},{ADDRESS.format(2)}\n".encode()
    assert "the column url stands 2 times" in refuse(twice)
    other = f"a,url,a,,\n1,{ADDRESS.format(1)},2,3,4\n".encode()
    (row,) = read(other)
    assert isinstance(row, ManifestRow)
    assert row.metadata == {"a": "1", "a.2": "2"}
    assert refuse(b"url," + b"a," * 300).startswith("bad_columns: there are 302 columns")


def work(head: bytes) -> Callable[[bytes], object]:
    return lambda data: read(head + data)


@pytest.mark.parametrize(
    "unit",
    [b'x","\n', b'"\n', b'"""\n', b'"x"y\n', b"\n", b"\r\n", b"\x00", b",\n", b'"', b"\xff\n"],
)
def test_work_grows_with_the_bytes(unit: bytes) -> None:
    assert_linear(work(b"url,caption\n"), lambda size: unit * (size // len(unit)), 40_000)


@settings(max_examples=20)
@given(repetitions([b'"', b",", b"\n", b"\r", b'""', b'","', b'"\n', b"x"]))
def test_work_grows_with_the_bytes_of_any_repetition(make: Maker) -> None:
    assert_linear(work(b"url,caption\n"), make, 20_000)

"""Manifests of every form, as people write them, and the going on from any row of them."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.manifests.limits import ManifestError
from shared.manifests.reading import ManifestReader
from shared.manifests.rows import BadRow, ManifestRow, Position
from tests.shared.manifests.tables import (
    PACKINGS,
    read,
    read_places,
    reasons,
    refuse,
    to_parquet,
    urls,
)

ROWS = [
    {
        "url": f"https://example.com/{number}.jpg",
        "caption": f"Cat {number}, “so” \n on",
        "n": number,
    }
    for number in range(5)
]


def write(kind: str) -> bytes:
    """Write the rows as people do."""
    frame = pd.DataFrame(ROWS)
    match kind:
        case "csv":
            text = frame.to_csv(index=False)
        case "tsv":
            text = frame.to_csv(index=False, sep="\t")
        case "jsonl":
            text = frame.to_json(orient="records", lines=True)
        case "txt":
            text = "".join(f"{row['url']}\n" for row in ROWS)
        case _:
            return to_parquet(pa.Table.from_pandas(frame))
    return str(text).encode()


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "txt", "parquet"])
def test_every_form_gives_the_same_rows_from_any_place_on(kind: str, packing: str) -> None:
    data = PACKINGS[packing](write(kind))
    name = f"m.{kind}{packing}"
    rows = read_places(data, name)
    expected = [row["url"] for row in ROWS]
    assert urls([row for _, row in rows]) == expected
    if kind != "txt":
        first = rows[0][1]
        assert isinstance(first, ManifestRow)
        assert (first.caption, first.metadata["n"]) == (
            "Cat 0, “so” \n on",
            "0" if kind in ("csv", "tsv") else 0,
        )
    for done, (position, _) in enumerate(rows, start=1):
        again = read_places(data, name, position)
        assert again == rows[done:]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "txt", "parquet"])
def test_the_content_decides_where_the_name_says_nothing(kind: str) -> None:
    assert len(urls(read(write(kind), "object"))) == 5


def test_columns_as_users_of_img2dataset_have_them() -> None:
    table = {
        "URL": ["https://example.com/a.jpg"],
        "TEXT": ["a cat"],
        "similarity": [0.31],
        "punsafe": [None],
        "hash": [-(2**62)],
        "sha256": ["AB" * 32],
        "LICENSE": ["CC-BY"],
        "label": [3],
    }
    (row,) = read(to_parquet(table))
    assert row == ManifestRow(
        line=1,
        url="https://example.com/a.jpg",
        label="3",
        caption="a cat",
        license="CC-BY",
        sha256="ab" * 32,
        metadata={"similarity": 0.31, "hash": -(2**62)},
    )


def test_columns_that_the_owner_names() -> None:
    data = b"url,picture,title,text\nhttps://p.example/,https://i.example/1.png,T,x\n"
    (row,) = read(data, url="picture", caption="title")
    assert isinstance(row, ManifestRow)
    assert (row.url, row.caption) == ("https://i.example/1.png", "T")
    assert row.metadata == {"url": "https://p.example/", "text": "x"}
    assert "no column foto; the columns are url, picture, title, text" in refuse(data, url="foto")


def test_image_addresses_go_before_those_of_their_pages() -> None:
    (row,) = read(b"url,image_url\nhttps://p.example/,https://i.example/1.png\n")
    assert row.url == "https://i.example/1.png"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"a,b\n1,2\n", "m.csv"),
        (b'{"a": 1, "b": "x"}\n{"b": 1}\n', "m.jsonl"),
        (to_parquet({"a": [1], "b": ["x"]}), "m.parquet"),
    ],
)
def test_a_table_without_addresses_is_refused_with_the_columns_that_it_has(
    data: bytes, name: str
) -> None:
    detail = refuse(data, name)
    assert detail.startswith("no_url_column: ")
    assert "the columns are a, b." in detail


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refuse(data).startswith(("empty", "bad_columns"))


def test_what_is_no_manifest_is_refused() -> None:
    assert "one object a line" in refuse(b'[{"url": "https://example.com/a.jpg"}]', "m.json")
    assert "it is no text" in refuse(b"GIF89a\x01\x00\x01\x00", "m.gif")
    assert refuse(b"PAR1 but nothing else", "m.parquet").startswith("damaged")
    assert "cannot be read as Parquet" in refuse(b"PAR1" + b"\x05" * 9 + b"\x09\0\0\0PAR1")


def test_a_row_that_is_bad_fails_alone_with_its_line() -> None:
    data = (
        b"url,label,sha256,other\n"
        b"ftp://example.com/a.jpg,,,\n"
        b"https://example.com/b.jpg,,xyz,\n"
        b",cat,,\n"
        b"https://example.com/c.jpg,cat,,1,2\n"
        b"https://example.com/d.jpg\n"
        b"https://example.com/e\x00.jpg,,,\n"
        b"https://example.com/f.jpg,cat\x00,,\n"
    )
    rows = read(data)
    assert reasons(rows) == {
        2: "bad_url", 3: "bad_row", 4: "bad_url", 5: "bad_row", 7: "bad_url", 8: "bad_row"
    }  # fmt: skip
    assert urls(rows) == ["https://example.com/d.jpg"]
    first, second = rows[:2]
    assert isinstance(first, BadRow)
    assert isinstance(second, BadRow)
    assert first.url == "ftp://example.com/a.jpg"
    assert first.detail.startswith("line 2: ")
    assert second.detail == "line 3: sha256: must be 64 hex digits"


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b'["https://example.com/a.jpg"]',
        b'{"url": "https://example.com/a.jpg", "label": ["cat"]}',
        b'{"url": ["https://example.com/a.jpg"]}',
        b'{"url": "https://example.com/a.jpg", "n": 1' + b"0" * 5000 + b"}",
        b'{"url": "https://example.com/a.jpg", "n": "' + b"0" * 9000 + b'"}',
        b'{"url": "https://example.com/a.jpg", "n": ' + b"[" * 9000 + b"]" * 9000 + b"}",
        b'{"url": "https://example.com/a.jpg"' + b" " * 70_000 + b"}",
        b'{"url": "\\ud800"}',
        b"{}",
    ],
)
def test_an_odd_line_of_json_fails_alone(line: bytes) -> None:
    good = b'{"url": "https://example.com/b.jpg", "nan": NaN, "t": "a\\u0000b", "l": [1, null]}'
    rows = read(good + b"\n" + line + b"\n" + good, "m.jsonl")
    assert len(urls(rows)) == 2
    assert list(reasons(rows)) == [2]
    assert isinstance(rows[0], ManifestRow)
    assert rows[0].metadata == {"t": "ab", "l": [1, None]}


def test_other_values_are_kept_as_json() -> None:
    frame = pd.DataFrame(
        {
            "url": ["https://example.com/a.jpg"],
            "when": [pd.Timestamp("2026-01-31T12:00:00Z")],
            "raw": [b"\xff\xfe"],
            "yes": [True],
            "class_id": pd.array([None], dtype="Int64"),
            "list": [[1, 2]],
        }
    )
    (row,) = read(to_parquet(pa.Table.from_pandas(frame)))
    assert isinstance(row, ManifestRow)
    assert json.loads(json.dumps(row.metadata)) == {
        "when": "2026-01-31 12:00:00+00:00",
        "yes": True,
    }


def test_checksums_of_bytes_are_read_as_hex() -> None:
    binary = pa.array([b"\xab" * 32], pa.binary(32))
    (row,) = read(to_parquet({"url": ["https://example.com/a.jpg"], "sha256": binary}))
    assert isinstance(row, ManifestRow)
    assert row.sha256 == "ab" * 32


def test_plain_text_may_have_comments() -> None:
    data = b"\xef\xbb\xbf# cats\r\nhttps://example.com/a.jpg\r\n\r\n  https://example.com/b.jpg"
    assert urls(read(data, "m.txt")) == ["https://example.com/a.jpg", "https://example.com/b.jpg"]
    assert reasons(read(b"https://example.com/a.jpg\nno\n", "m.txt")) == {2: "bad_url"}


def test_lines_that_are_not_utf_8_are_read_as_windows_1252_and_counted() -> None:
    data = "url,caption\nhttps://example.com/a.jpg,Käse\nhttps://example.com/b.jpg,Tee\n"
    content = data.encode("cp1252")
    reader = ManifestReader(io.BytesIO(content), len(content), "m.csv", {})
    captions = [row.caption for _, row in reader.read() if isinstance(row, ManifestRow)]
    assert (captions, reader.recoded) == (["Käse", "Tee"], 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_marks_of_byte_order_are_heeded(encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    text = "url\tcaption\r\nhttps://example.com/a.jpg\tKäse 🐈\r\n" * 1
    (row,) = read(mark + text.encode(encoding), "m.txt.tsv")
    assert isinstance(row, ManifestRow)
    assert row.caption == "Käse 🐈"


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "url": st.integers(0, 999).map("https://example.com/{}.jpg".format),
                "caption": st.text(
                    st.characters(codec="utf-8", exclude_characters="\0\r\x1c\x1d\x1e\x1f"),
                    max_size=40,
                ),
            }
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["csv", "tsv", "jsonl", "parquet"]),
    st.data(),
)
def test_what_writers_write_comes_back(rows: list[dict[str, str]], kind: str, data: Any) -> None:
    frame = pd.DataFrame(rows)
    match kind:
        case "csv":
            content = frame.to_csv(index=False, lineterminator="\r\n").encode()
        case "tsv":
            content = frame.to_csv(index=False, sep="\t").encode()
        case "jsonl":
            content = frame.to_json(orient="records", lines=True).encode()
        case _:
            content = to_parquet(pa.Table.from_pandas(frame), row_group_size=7)
    found = read_places(content, f"m.{kind}")
    assert [row.url for _, row in found] == [row["url"] for row in rows]
    for (_, row), written in zip(found, rows, strict=True):
        assert isinstance(row, ManifestRow)
        assert row.caption == (written["caption"].strip() or None)
    cut = data.draw(st.integers(0, len(found) - 1))
    assert read_places(content, f"m.{kind}", found[cut][0]) == found[cut + 1 :]


@given(st.binary(max_size=300), st.sampled_from(["m.csv", "m.tsv", "m.jsonl", "m.txt", "m"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    for data in (content, b"url,caption\n" + content, b'{"url":1}\n' + content):
        try:
            reader_rows = read_places(data, name)
        except ManifestError:
            continue
        lines = [row.line for _, row in reader_rows]
        assert lines == sorted(set(lines))
        offsets = [position.offset for position, _ in reader_rows]
        assert offsets == sorted(set(offsets))
        assert all(position != Position() for position, _ in reader_rows)

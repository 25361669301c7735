"""Texts that others wrote are safe to store, show and name things by."""

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.texts import clean_line, escape_csv_cell, make_file_name, make_slug


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("a cat", "a cat", id="plain"),
        pytest.param(" a\n\tcat ", "a cat", id="spaces"),
        pytest.param("a\x00cat\x1b[2J", "a cat [2J", id="control"),
        pytest.param("a\ud800cat", "a cat", id="half-a-pair"),
        pytest.param("Katze‮ essak", "Katze essak", id="direction"),
        pytest.param("日本の猫", "日本の猫", id="letters"),
        pytest.param("x" * 30, "x" * 19 + "…", id="long"),
        pytest.param("\x00", "", id="nothing"),
        pytest.param("\ufeffa\u2028cat\u2066", "a cat", id="invisible"),
        pytest.param("می‌شود 👩‍👧", "می‌شود 👩‍👧", id="joiners"),
    ],
)
def test_a_line_of_printable_characters(text: str, plain: str) -> None:
    assert clean_line(text, 20) == plain


def test_a_line_without_a_limit() -> None:
    assert clean_line("x " * 3000) == ("x " * 3000).strip()


TEXTS = st.text(st.characters(), max_size=300)
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.I)


@given(TEXTS)
@example("..")
@example("CON")
@example("nul.tar.gz")
@example("a" * 99 + "\u0301.jpeg")
@example("\u202egpj.exe")
@example("e\u200d\u0301")
@example("\ud800")
@example("a." + "b" * 200)
def test_a_file_name_is_safe_everywhere(text: str) -> None:
    name = make_file_name(text)
    assert 1 <= len(name.encode()) <= 100
    assert not set(name) & set('/\\:*?"<>|')
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert not RESERVED.fullmatch(name.split(".")[0].strip())
    assert unicodedata.is_normalized("NFC", name)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)
    assert make_file_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cat.jpg", "cat.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("...", "file"),
        ("a/b\\c:d", "a_b_c_d"),
        ("con", "_con"),
        ("Aux.txt", "_Aux.txt"),
        ("console.txt", "console.txt"),
        ("cafe\u0301.png", "café.png"),
        ("x. ", "x"),
        ("日本語.webp", "日本語.webp"),
        ("é" * 80 + ".jpeg", "é" * 47 + ".jpeg"),
    ],
)
def test_file_names(text: str, name: str) -> None:
    assert make_file_name(text) == name


@given(TEXTS)
@example("con")
def test_a_slug_is_plain(text: str) -> None:
    found = make_slug(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found)
    assert len(found) <= 65
    assert make_file_name(f"{found}.zip") == f"{found}.zip"
    assert make_slug(found) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Street cats", "street-cats"),
        ("Çà et là!", "ca-et-la"),
        ("日本語", "untitled"),
        ("", "untitled"),
        ("--a__b--", "a-b"),
        ("x" * 59 + " y", "x" * 59),
        ("NUL", "file-nul"),
    ],
)
def test_slugs(text: str, found: str) -> None:
    assert make_slug(text) == found


@pytest.mark.parametrize("start", list("=+-@\t\r\n\0＝＋－＠"))  # noqa: RUF001
def test_what_a_spreadsheet_would_run_is_defused(start: str) -> None:
    assert escape_csv_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("text", ["", "cat", "a=1", " =1", "'=1", "5", "é"])
def test_plain_cells_stay(text: str) -> None:
    assert escape_csv_cell(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_cell_comes_back_as_it_was_but_for_the_apostrophe(text: str) -> None:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([escape_csv_cell(text), "end"])
    (cell, end) = next(csv.reader(io.StringIO(line.getvalue(), newline="")))
    assert cell in (text, f"'{text}")
    assert end == "end"

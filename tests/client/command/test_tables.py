"""Tables that cannot be read, and lists that bring no image: what is said, and the exit code."""

import gzip
from pathlib import Path

import pytest

from tests.client.command.conftest import Run
from tests.sites import Site

AWAY = "http://127.0.0.1:9"
ROW = f"{AWAY}/1.jpg\n".encode()


@pytest.mark.parametrize(
    ("name", "content", "more", "says", "code"),
    [
        ("letter.csv", b"Dear all,\nno table.\n", "", "no_url_column: there is no column of", 2),
        ("cats.csv", b"link_to,kind\n" + ROW, "", "the columns are link_to", 2),
        ("cats.csv", b"url\n" + ROW, "--url-column address", "no_column: there is no column", 2),
        ("cats.csv", b"url\n" + ROW, "--label-column kind", "no_column: there is no column", 2),
        ("head.csv", b"url,label\n", "", "empty: there is no row in it", 2),
        (
            "cats.csv.gz",
            gzip.compress(b"url\n" + ROW * 9, mtime=0)[:30],
            "",
            "damaged: it ends within",
            2,
        ),
        ("cats.parquet", b"PAR1" + b"\0" * 100 + b"PAR1", "", "damaged", 2),
        ("blank.csv", b"url,label\n,cat\n,dog\n", "", "No image came: 2 failed", 1),
        ("words.csv", b"url\ncats\ndogs\n", "", "2 failed (bad_url 2)", 1),
        ("half.jsonl", b'{"url": \n', "", "1 failed (bad_row 1)", 1),
        ("ftp.csv", b"url\nftp://example.org/1.jpg\n", "", "1 failed (bad_url 1)", 1),
        ("name.txt", b"http://nowhere.invalid/1.jpg\n", "", "1 failed (dns_error 1)", 1),
        ("wide.csv", ("url\n" + ROW.decode()).encode("utf-16"), "", "blocked_address 1", 1),
        ("old.csv", b"url,name\n" + ROW.strip() + b",K\xe4tzchen\n", "", "blocked_address 1", 1),
        ("cats.txt", ROW, "", "pixmill up --allow HOST:PORT", 1),
    ],
)
def test_what_brings_nothing_says_why(
    signed_in: Run, tmp_path: Path, name: str, content: bytes, more: str, says: str, code: int
) -> None:
    (tmp_path / name).write_bytes(content)
    result = signed_in(["build", name, "--out", "x", *more.split()])
    assert says in result.output
    assert result.exit_code == code
    assert not (tmp_path / "x").exists()


def test_a_table_of_five_gigabytes(signed_in: Run, tmp_path: Path) -> None:
    with (tmp_path / "cats.csv").open("wb") as file:
        file.truncate(5 * 1024**3)
    result = signed_in(["build", "cats.csv", "--out", "x"])
    assert "/size must be 1073741824 or less" in result.output
    assert result.exit_code == 2


def test_a_list_that_brought_nothing_is_mended_and_run_again(
    signed_in: Run, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "cats.txt").write_text(f"{site.base_url}/gone.jpg")
    build = ["build", "cats.txt", "--out", "x"]
    result = signed_in(build)
    assert "1 failed (http_404 1)" in result.output
    assert "Mend the source, and run the same again" in result.output
    assert result.exit_code == 1
    (tmp_path / "cats.txt").write_text("\n".join(site.photos(1)))
    assert signed_in(build).exit_code == 0

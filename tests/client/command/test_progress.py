"""Lines of progress, and archives that are unpacked."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from pixmill.command.progress import Stage, describe_failures, format_seconds
from pixmill.command.texts import make_printable
from pixmill.command.unpacking import unpack
from pixmill.errors import TransferFailed


class Terminal(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


def test_a_line_shows_count_rate_remaining_time_and_failures() -> None:
    now = 0.0
    terminal = Terminal()
    stage = Stage("crawl", terminal, lambda: now)
    stage.update(0, 1000, "addresses")
    now = 10.0
    stage.update(250, 1000, "addresses", failures={"http_404": 2, "timeout": 3})
    line = "250 of 1,000 addresses, 25/s, 30 s left, 5 failed (timeout 3, http_404 2)"
    assert stage.line == line
    assert terminal.getvalue() == f"\r\x1b[Kcrawl    {line}"
    stage.finish("done")
    assert terminal.getvalue().endswith("\r\x1b[Kcrawl    done (10 s)\n")


def test_a_log_gets_one_line_for_each_stage() -> None:
    log = io.StringIO()
    stage = Stage("crawl", log, lambda: 0.0)
    for count in range(5):
        stage.update(count, 5, "addresses")
    stage.finish()
    assert log.getvalue() == "crawl    4 of 5 addresses (0.0 s)\n"


def test_failures_are_ordered() -> None:
    assert describe_failures({"b": 1, "a": 1, "c": 2000}) == "2,002 failed (c 2,000, a 1, b 1)"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59, "59 s"), (61, "1:01"), (3661, "1:01:01")]
)
def test_durations_are_readable(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "/evil.jpg", "a/../../evil.jpg", "a\\..\\evil.jpg"]
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, kind: str, name: str) -> None:
    archive = tmp_path / f"a.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(name, b"x")
    else:
        with tarfile.open(archive, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(TransferFailed, match="outside its folder"):
        unpack(archive, tmp_path / "out", lambda *_: None)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [archive.name, "out"]


def test_links_and_broken_archives_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(TransferFailed, match="no file"):
        unpack(tmp_path / "a.tar", tmp_path / "out", lambda *_: None)
    (tmp_path / "b.zip").write_bytes(b"PK")
    with pytest.raises(TransferFailed, match="cannot be unpacked"):
        unpack(tmp_path / "b.zip", tmp_path / "out", lambda *_: None)


def test_texts_of_strangers_do_nothing_to_a_terminal() -> None:
    hostile = "cat\x1b[2J\r\x07\x9b31m\u202e\tä\n"
    assert make_printable(hostile) == "cat\ufffd[2J\ufffd\ufffd\ufffd31m\ufffd\tä\n"

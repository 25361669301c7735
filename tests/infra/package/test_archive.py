"""Zips whose bytes follow from their files alone."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.package.archive import pack_zip
from shared.contracts.manifest import RUNTIME

FILES = {
    "main.py": b"from package import names\nfound = 'b' in names.KNOWN\n",
    "package/__init__.py": b"",
    "package/names.py": b"KNOWN = {'a', 'b', 'c', 'd'}\ndef of(x): return x in {'e', 'f', 'g'}\n",
    "data.json": b"{}",
}


def names(zipped: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(zipped)).namelist()


def test_the_same_files_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; from infra.package.archive import pack;"
        f"sys.stdout.buffer.write(pack({FILES!r}))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        )
        assert done.stdout == pack_zip(dict(reversed(FILES.items())))


def test_other_files_give_other_bytes() -> None:
    assert pack_zip(FILES) != pack_zip(FILES | {"data.json": b"{} "})


def test_entries_are_in_order_and_have_no_time_of_their_own() -> None:
    zipped = zipfile.ZipFile(io.BytesIO(pack_zip(FILES)))
    assert zipped.namelist() == sorted(zipped.namelist())
    assert {entry.date_time for entry in zipped.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in zipped.infolist()} == {0o100644}


def test_bytecode_is_used_whatever_the_sources_times_are(tmp_path: Path) -> None:
    """By the functions' own Python, which makes it; any other packs and reads the sources."""
    zipfile.ZipFile(io.BytesIO(pack_zip(FILES))).extractall(tmp_path)
    # Where the source is looked at, this shows.
    (tmp_path / "package" / "names.py").write_text("KNOWN = set()\n")
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            "import sys; sys.path[0:0] = ['.']; import main; print(main.found)",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str(sys.version_info[:2] == RUNTIME)

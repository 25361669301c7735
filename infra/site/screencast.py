"""`make screencast`: records `pixmill build` on the local system, against a site of its own.

What is shown is what the command wrote, when it wrote it; only pauses are shortened.
"""

import codecs
import csv
import os
import pty
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from infra.demo.site import PhotoSite, serve_site
from infra.site.pages import ROOT
from infra.site.terminal import Frame, TerminalScreen, render_svg, thin_frames

PICTURE = ROOT / "docs" / "pictures" / "screencast.svg"
COLUMNS = 112
_BUILD = (
    "pixmill build photos.csv --dedup perceptual --size 224 --splits train=0.8,test=0.2 --stratify"
)
_COMMANDS = (f"{_BUILD} --out photos", "ls photos photos/train")
_MOST = 200_000  # bytes


class CommandFailed(RuntimeError):
    """A command that was to be shown has failed."""


def main() -> int:
    """Return the process's exit status."""
    with tempfile.TemporaryDirectory(prefix="pixmill-") as name, serve_site(PhotoSite()) as address:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another account where this one is root
        write_table(folder / "photos.csv", address)
        settings = _find_settings(folder, address.removeprefix("http://"))
        terminal, frames = TerminalScreen(COLUMNS), list[Frame]()
        try:
            for command in _COMMANDS:
                frames += record(command, terminal, folder, settings)
        except CommandFailed as error:
            print(f"{error}\n\n" + "\n".join(terminal.lines), file=sys.stderr)
            return 1
        finally:
            down = ["pixmill", "down"]
            subprocess.run(down, cwd=folder, env=settings, check=False, capture_output=True)
    picture = render_svg(thin_frames(frames), COLUMNS, f"What {_BUILD} … shows")
    if len(picture) > _MOST:
        print(f"The picture has {len(picture):,} bytes, and not {_MOST:,}.", file=sys.stderr)
        return 1
    PICTURE.write_text(picture)
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture):,} bytes, {len(frames)} frames")
    return 0


def write_table(path: Path, address: str) -> None:
    """Write a table of the site's photographs, and of some that are not there."""
    found = [name for name in PhotoSite().files if name.startswith("/photos/")]
    rows = [(address + name, name.removeprefix("/photos/").partition("-")[0]) for name in found]
    rows += [(f"{address}/broken/{name}", "odd") for name in ("page.jpg", "truncated.jpg")]
    rows += [(f"{address}/gone/{number}.jpg", "odd") for number in range(18)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("url", "label"), *rows])


def record(
    command: str, terminal: TerminalScreen, folder: Path, settings: Mapping[str, str]
) -> Iterator[Frame]:
    """Run a command on a terminal; yield what it shows. Raises `CommandFailed`."""
    terminal.write(f"$ {command}\n")
    yield Frame(time.monotonic(), terminal.lines)
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        shlex.split(command),
        cwd=folder,
        env={**settings, "COLUMNS": str(COLUMNS)},
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while block := _read(leader):
        terminal.write(decoder.decode(block))
        yield Frame(time.monotonic(), terminal.lines)
    os.close(leader)
    if status := process.wait():
        raise CommandFailed(f"{command} ended with {status}.")


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # on Linux the end of a terminal is an error
        return b""


def _find_settings(folder: Path, site: str) -> dict[str, str]:
    """Return an environment where `pixmill` is this clone's command, its data in the folder."""
    script: Sequence[str] = (
        "#!/bin/sh",
        f"export PYTHONPATH={shlex.quote(str(ROOT / 'client'))}",
        f'exec {shlex.quote(sys.executable)} -m pixmill "$@"',
    )
    tools = folder / "bin"
    tools.mkdir()
    (tools / "pixmill").write_text("\n".join(script) + "\n")
    (tools / "pixmill").chmod(0o755)
    names = ("PIXMILL_URL", "PIXMILL_KEY", "PIXMILL_PROFILE", "DATABASE_URL")
    return {
        **{name: value for name, value in os.environ.items() if name not in names},
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PIXMILL_STATE": str(folder / "state"),
        "PIXMILL_CONFIG": str(folder / "config"),
        "PIXMILL_CRAWL_ALLOW": site,
    }


if __name__ == "__main__":
    raise SystemExit(main())

"""The tutorial, block after block, and the other pages that use the client."""

import re
import shlex
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pixmill
import pytest
from click.testing import CliRunner
from PIL import Image, ImageOps
from pixmill import operations
from pixmill.command.main import main

from shared import __version__
from tests.engines import serve_engines
from tests.harness import System
from tests.installation import address
from tests.sites import allow_sites, encode, photo, serve

__all__ = ["address"]  # a fixture

DOCS = Path(__file__).resolve().parent.parent / "docs"
SHOWN = "http://127.0.0.1:8080"


def list_blocks(page: str, *languages: str) -> list[str]:
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", (DOCS / page).read_text(), re.DOTALL | re.M)
    return [block for language, block in fences if language in languages]


def run_python(page: str, names: dict[str, Any], said: list[str], *pairs: tuple[str, str]) -> None:
    code = "\n".join(list_blocks(page, "python"))
    for shown, actual in pairs:
        assert shown in code
        code = code.replace(shown, actual)
    names["Path"] = Path
    names["print"] = lambda *values: said.append(" ".join(map(str, values)))
    exec(compile(code, f"docs/{page}", "exec"), names)  # noqa: S102


def run_command(block: str) -> None:
    """Run the lines of a shell that are our command, with their redirections."""
    for line in block.splitlines():
        words = shlex.split(line)
        assert words.pop(0) == "pixmill"
        target = words[-1] if ">" in words else None
        result = CliRunner().invoke(main, words[: words.index(">")] if target else words)
        assert result.exit_code == 0, result.output
        if target:
            Path(target).write_text(result.stdout)


@contextmanager
def serve_animals() -> Iterator[None]:
    """Let searches find reddish and greyish pictures, and one that is in the wrong place."""
    with serve() as site, serve_engines() as engines:
        for number in range(24):
            grey = Image.open(BytesIO(photo(number))).convert("L")
            is_red = number % 2 == 0
            colours = ("maroon", "orangered") if is_red else ("dimgrey", "lightgrey")
            picture = ImageOps.colorize(grey, *colours)
            url = site.put(f"/{number}.jpg", encode(picture, "jpeg"))
            word = "red panda" if is_red != (number == 23) else "raccoon"
            engines.know(("openverse", "wikimedia")[number // 2 % 2], word, url)
        with allow_sites(site, *engines.servers.values(), **engines.settings):
            yield


def test_the_tutorial(
    address: str, system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIXMILL_URL", address)
    monkeypatch.setenv("PIXMILL_KEY", system.person().post("/v1/api-keys", {"name": "t"})["key"])
    install, collect = list_blocks("tutorial.md", "sh")
    assert f"pixmill-{__version__}-py3-none-any.whl[local]" in install
    names, said = dict[str, Any](), list[str]()
    with serve_animals():
        run_command(collect)
        run_python("tutorial.md", names, said, (SHOWN, address))
    assert float(said[0].split(":")[1]) > 0.7
    assert said[1] == "active None"
    assert said[2] == "1 of 24 are doubtful"
    assert said[3].endswith("raccoon, not red panda: " + names["doubtful"][0][2]["original_url"])
    assert said[4].startswith("23 images, ")
    with zipfile.ZipFile("animals.zip") as archive:
        assert sum(name.endswith(".jpg") for name in archive.namelist()) == 23
    check_labels(address, names)


def check_labels(address: str, names: dict[str, Any]) -> None:
    """Go on with the page about labels, which has the same model look for wrong ones."""
    said: list[str] = []
    with pixmill.Client(address, Path("key.txt").read_text()) as client:
        client.send(operations.images_update(names["wrong"][0], {"rejected": False}))
    again = ('model.id}"}', 'model.id}", "force": True}')  # the tutorial has asked it once
    run_python("labels.md", {}, said, find_key(address), again)
    assert said == ["1 of 24 to look at"]


def test_a_site_every_week(
    address: str, system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("key.txt").write_text(system.person().post("/v1/api-keys", {"name": "t"})["key"])
    said: list[str] = []
    with serve() as site, allow_sites(site):
        page = site.page("/gallery", "".join(f"<img src={url}>" for url in site.photos(2)))
        gallery = ("https://example.org/gallery", page)
        run_python("weekly.md", {}, said, find_key(address), gallery)
    assert said == ["2 new, 0 known"]


def find_key(address: str) -> tuple[str, str]:
    """Return how pages say where the API is and what the key is, and how this test does."""
    return f'"{SHOWN}", "pxk_…"', f'"{address}", Path("key.txt").read_text().strip()'


def test_from_a_table(
    address: str, system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("PIXMILL_URL", address)
    monkeypatch.setenv("PIXMILL_KEY", system.person().post("/v1/api-keys", {"name": "t"})["key"])
    (build,) = list_blocks("table.md", "sh")
    names = dict[str, Any]()
    with serve() as site, allow_sites(site):
        urls = [*site.photos(10), f"{site.base_url}/gone.jpg"]
        rows = [f"{url},{('cat', 'dog')[number % 2]}" for number, url in enumerate(urls)]
        Path("cats.csv").write_text("\n".join(["url,label", *rows]))
        run_command(build)
    run_python("table.md", names, [])
    counts = {split: rows.num_rows for split, rows in names["dataset"].items()}
    assert set(counts) == {"train", "test"}
    assert sum(counts.values()) == 10
    assert names["dataset"]["train"][0]["image"].size == (224, 224)

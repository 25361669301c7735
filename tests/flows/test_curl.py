"""The walk with curl that people are told to paste, in a shell."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.sites import Site, photo
from tests.stacks import RunningStack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "curl.md"


@pytest.mark.parametrize("stack", ["embedded"], indirect=True)
def test_the_walk_ends_with_a_dataset(
    stack: RunningStack, photo_site: Site, tmp_path: Path
) -> None:
    for number in range(3):
        photo_site.put(f"/cats/{number}.jpg", photo(number, side=300))
    page = photo_site.page("/cats", "".join(f"<img src=/cats/{n}.jpg>" for n in range(3)))
    (walk,) = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    for shown, actual in (
        ("http://127.0.0.1:8080", f"http://127.0.0.1:{stack.port}"),
        ("https://commons.wikimedia.org/wiki/Category:Cats", page),
    ):
        assert walk.count(shown) == 1
        walk = walk.replace(shown, actual)
    subprocess.run(["bash", "-euc", walk], cwd=tmp_path, check=True, timeout=120)
    with zipfile.ZipFile(tmp_path / "cats.zip") as archive:
        images = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(images) == 3


def test_what_the_api_says_of_a_mistake_is_shown() -> None:
    """The function that takes a field from an answer says why there is none."""
    (walk,) = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    function = walk[walk.index("field()") : walk.index("ended()")]
    problem = {
        "detail": "The request breaks a rule.",
        "errors": [{"pointer": "/name", "detail": "is required"}],
    }
    for answer, said in (
        (json.dumps(problem), "The request breaks a rule.\n/name is required\n"),
        ("", "there was no answer\n"),
        ("{}", "no id\n"),
    ):
        done = subprocess.run(
            ["bash", "-c", f"{function}\nfield id"], input=answer, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)

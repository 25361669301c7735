"""The walk that the README tells people to paste, in a shell."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.sites import Site, photo
from tests.stacks import RunningStack

README = Path(__file__).resolve().parent.parent.parent / "README.md"


@pytest.mark.parametrize("stack", ["embedded"], indirect=True)
def test_the_walk_ends_with_a_dataset(
    stack: RunningStack, photo_site: Site, tmp_path: Path
) -> None:
    for number in range(3):
        photo_site.put(f"/cats/{number}.jpg", photo(number, side=300))
    page = photo_site.page("/cats", "".join(f"<img src=/cats/{n}.jpg>" for n in range(3)))
    use = README.read_text().split("\n## Use it\n")[1]
    found = re.search(r"^```sh\n(.*?)^```$", use, re.DOTALL | re.MULTILINE)
    assert found is not None
    walk = found[1]
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

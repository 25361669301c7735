"""`python -m infra.site DIRECTORY`: writes the pages of the site, and what builds it of them."""

import shutil
import sys
from pathlib import Path

from infra.site.pages import ROOT, collect_pages
from infra.site.reference import render_reference

_HERE = Path(__file__).parent
_PICTURES = ROOT / "docs" / "pictures"


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    directory = Path(arguments[0])
    pages = directory / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    for name, text in {**collect_pages(), **render_reference()}.items():
        path = pages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copytree(_PICTURES, pages / "pictures")
    shutil.copy(_HERE / "site.css", pages)
    shutil.copy(_HERE / "zensical.toml", directory)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

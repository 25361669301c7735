"""`python -m infra.site.drawings DIRECTORY`: draws the pages' Mermaid as files of SVG.

It runs where `requirements/site.txt` is installed: whoever reads the site loads no script for it.
"""

import hashlib
import re
import sys
from pathlib import Path

import mmdr

_FENCE = re.compile(r"^```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    pages = Path(arguments[0])
    for page in pages.rglob("*.md"):
        text = page.read_text()
        for found in _FENCE.finditer(text):
            text = text.replace(found[0], _draw(found[1], page))
        page.write_text(text)
    return 0


def _draw(chart: str, page: Path) -> str:
    """Write a chart beside its page, and return the link that shows it."""
    name = f"{page.stem}-{hashlib.sha256(chart.encode()).hexdigest()[:8]}.svg"
    page.with_name(name).write_text(mmdr.Diagram(chart, "merman").svg())
    return f"[![drawing]({name}){{ .drawing }}]({name})"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

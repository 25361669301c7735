"""`python -m infra.site.check DIRECTORY`: no page loads from other hosts, or leads nowhere."""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "srcset"}


class _Reader(HTMLParser):
    """Collects what a page loads, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's address."""
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("canonical", "next", "prev"):
            return
        if address := given.get(_LOADED.get(tag, "")):
            self.loads.append(address)
        elif tag == "a" and (address := given.get("href")):
            self.links.append(address)


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    faults = list(find_faults(Path(arguments[0])))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def find_faults(site: Path) -> Iterator[str]:
    """Yield what is wrong with a built site, a sentence for each."""
    for page in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(page.read_text())
        name = page.relative_to(site)
        for address in reader.loads:
            if urlsplit(address).netloc:
                yield f"{name} loads {address} of another host."
        for address in {*reader.loads, *reader.links}:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            base = site if parts.path.startswith("/") else page.parent
            if not (base / unquote(parts.path).lstrip("/")).exists():
                yield f"{name} leads to {address}, which is not there."


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

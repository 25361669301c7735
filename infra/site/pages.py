"""The site's pages: those of `docs/`, others of the tree, and links between them."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Documents that stand elsewhere in the tree, and what their pages are called.
_ELSEWHERE = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "infra/gcp/README.md": "deploy.md",
    "migrations/README.md": "migrations.md",
    "migrations/SCHEMA.md": "schema.md",
}
# Files of the tree whose content a generated page shows.
_SHOWN_BY = {
    "README.md": "index.md",
    "infra/openapi.json": "reference/api.md",
    "shared/errors.py": "reference/errors.md",
    "shared/quotas.py": "reference/limits.md",
    "shared/settings.py": "reference/settings.md",
}
_LINK = re.compile(
    r"(?P<before>!?\[(?P<text>(?:[^\[\]]++|\[[^\[\]]*+\])*+)\])\((?P<target>[^()\s]++)\)"
)
_FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2\s*?$", re.DOTALL | re.MULTILINE)


def list_sources() -> dict[str, str]:
    """Return the documents by their paths in the tree, with the pages that they become."""
    docs = {
        path.relative_to(ROOT).as_posix(): path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    }
    return {**docs, **_ELSEWHERE}


def collect_pages() -> dict[str, str]:
    """Return the text of each page by its path, with links as the site has them."""
    sources = list_sources()
    targets = {**sources, **_SHOWN_BY}
    return {
        page: rewrite_links((ROOT / source).read_text(), source, page, targets)
        for source, page in sources.items()
    }


def rewrite_links(text: str, source: str, page: str, targets: Mapping[str, str]) -> str:
    """Return a document's text with its links leading to pages.

    `targets` has the pages of files of the tree. What is linked and has no page is a path in code.
    """

    def rewrite(link: re.Match[str]) -> str:
        address, mark, anchor = link["target"].partition("#")
        if "://" in address or not address or address.startswith("mailto:"):
            return link[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), address))
        if path in targets:
            found = posixpath.relpath(targets[path], posixpath.dirname(page) or ".")
        elif path.startswith("docs/") and (ROOT / path).is_file():
            found = posixpath.relpath(path.removeprefix("docs/"), posixpath.dirname(page) or ".")
        else:
            return link["text"] if link["text"].startswith("`") else f"{link['text']} (`{path}`)"
        return f"{link['before']}({found}{mark}{anchor})"

    parts: list[str] = []
    end = 0
    for fence in _FENCE.finditer(text):  # code is shown as it is
        parts += [_LINK.sub(rewrite, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, _LINK.sub(rewrite, text[end:])])

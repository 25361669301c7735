"""Documents become pages whose links lead to pages."""

import re
import tomllib
from pathlib import Path

import pytest

from infra.site.pages import collect_pages, list_sources, rewrite_links
from infra.site.reference import render_reference

ROOT = Path(__file__).resolve().parents[3]
TARGETS = {"docs/a.md": "a.md", "infra/b/README.md": "b.md", "shared/c.py": "reference/c.md"}


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[a](a.md)", "[a](a.md)"),
        ("[a](a.md#part)", "[a](a.md#part)"),
        ("[b](../infra/b/README.md#part)", "[b](b.md#part)"),
        ("[c](../shared/c.py)", "[c](reference/c.md)"),
        ("[`d`](../shared/d.py)", "`d`"),
        ("[why](../shared/d.py)", "why (`shared/d.py`)"),
        ("[out](https://example.org/a.md)", "[out](https://example.org/a.md)"),
        ("[here](#part)", "[here](#part)"),
        ("![x](pictures/distances.webp)", "![x](pictures/distances.webp)"),
        ("\n```sh\n[b](b.md)\n```", "\n```sh\n[b](b.md)\n```"),
    ],
)
def test_links(link: str, becomes: str) -> None:
    assert rewrite_links(f"See {link}\n", "docs/x.md", "x.md", TARGETS) == f"See {becomes}\n"


def test_links_from_a_folder_of_pages() -> None:
    text = rewrite_links("[a](../a.md)", "docs/decisions/x.md", "decisions/x.md", TARGETS)
    assert text == "[a](../a.md)"


def test_every_page_is_in_the_navigation_once() -> None:
    """A page that is missing goes into infra/site/zensical.toml."""
    text = (ROOT / "infra" / "site" / "zensical.toml").read_text()
    listed = re.findall(r'"([\w/-]+\.md)"', text)
    pages = {*list_sources().values(), *render_reference()}
    decisions = {page for page in pages if page.startswith("decisions/")} - {"decisions/README.md"}
    assert sorted(listed) == sorted(pages - decisions)
    assert tomllib.loads(text)["project"]["theme"]["font"] is False


def test_no_link_leads_out_of_the_site() -> None:
    for name, text in collect_pages().items():
        assert not re.search(r"\]\((\.\./){2,}", text), name

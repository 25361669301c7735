"""Serving the console's page."""

import gzip
import re
from pathlib import Path

from functions.web import console
from shared.services import services
from tests.harness import System


def test_the_page_is_shown_and_loads_its_own_files(system: System) -> None:
    page = system.client.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "/console/main.js" in sources
    for source in sources:
        assert system.client.get(source).status_code == 200


def test_the_first_view_is_asked_for_at_once_and_small(system: System) -> None:
    """No module of the gallery waits for another that names it."""
    folder = Path(console.__file__).parent / "console"
    needed, waiting = set[str](), {"main.js", "page-gallery.js"}
    while waiting:
        needed.add(name := waiting.pop())
        named = re.findall(r'^import [^;]*"\./([\w-]+\.js)";', (folder / name).read_text(), re.M)
        waiting |= set(named) - needed
    page = system.client.get("/").text
    asked = set(
        re.findall(r'(?:modulepreload" href|script type="module" src)="/console/([^"]+)"', page)
    )
    assert asked == needed
    styles = set(re.findall(r'stylesheet" href="/console/([^"]+)"', page))
    files = [(folder / name).read_bytes() for name in needed | styles]
    assert sum(len(gzip.compress(file)) for file in files) < 150_000


def test_what_browsers_may_do_with_it(system: System) -> None:
    headers = system.client.get("/").headers
    policy = dict(
        part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; ")
    )
    storage = services().settings.storage_emulator_host
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["connect-src"] == f"'self' {storage}"
    assert policy["img-src"] == f"'self' data: blob: {storage}"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]


def test_it_is_asked_for_again_and_not_sent_again(system: System) -> None:
    page = system.client.get("/")
    assert page.headers["Cache-Control"] == "no-cache"
    again = system.client.get("/", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = system.client.head("/")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == page.headers["ETag"]

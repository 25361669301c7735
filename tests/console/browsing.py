"""Somebody at the console: signs in, walks, takes screenshots, and notes all that goes wrong."""

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "console"
PASSWORD = "a long password"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_DESKTOP: ViewportSize = {"width": 1280, "height": 860}
_PHONE: ViewportSize = {"width": 390, "height": 844}
_WIDE: ViewportSize = {"width": 3840, "height": 2160}
_PICTURES = """Promise.all([...document.images]
  .filter((one) => one.getAttribute("src") && !one.complete && one.loading !== "lazy")
  .map((one) => new Promise((done) => {
    for (const end of ["load", "error"]) one.addEventListener(end, done);
    setTimeout(done, 10_000); // it may be shown no more
  })))"""
_MODES: dict[str, tuple[Literal["light", "dark"], ViewportSize]] = {
    "light": ("light", _DESKTOP),
    "dark": ("dark", _DESKTOP),
    "phone": ("light", _PHONE),
    "4k": ("light", _WIDE),
}
_NAMES = ("chromium", "chromium-browser", "google-chrome")

expect.set_options(timeout=20_000)  # milliseconds; machines that test are busy


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@dataclass
class Visitor:
    """A person with a browser of their own, and a client for what they did before the visit."""

    page: Page
    base_url: str
    email: str
    client: httpx2.Client
    troubles: list[str] = field(default_factory=list)

    def register(self) -> None:
        """Make the account, over the API."""
        account = {"email": self.email, "password": PASSWORD}
        self.post("/v1/users", account)
        token = self.post("/v1/sessions", account)["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def sign_in(self) -> None:
        """Sign in as a person does."""
        self.page.goto(self.base_url)
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Password").press("Enter")
        expect(self.page.get_by_role("heading", name="Projects", level=1)).to_be_visible()

    def go(self, path: str) -> None:
        """Go to a view of the console, such as /projects."""
        self.page.goto(f"{self.base_url}/#{path}")

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a POST over the API."""
        answer = self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the answer to a GET over the API."""
        answer = self.client.get(path, params=query)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def collect(self, urls: Sequence[Any], name: str = "Pictures") -> str:
        """Return the id of a new project, once a crawl of these addresses has ended."""
        project = str(self.post("/v1/projects", {"name": name})["id"])
        body = {"name": "A list", "source": {"type": "urls", "urls": list(urls)}}
        job = self.post(f"/v1/projects/{project}/crawl-jobs", body)
        self.await_end(f"/v1/crawl-jobs/{job['id']}")
        return project

    def await_end(self, path: str) -> dict[str, Any]:
        """Return a job once it has completed."""
        while (job := self.get(path, wait=20))["status"] in ("pending", "running"):
            pass
        assert job["status"] == "completed", job
        return job

    def forgive(self, pattern: str) -> None:
        """Take out of the troubles those that a test meant to cause, of which there must be one."""
        left = [one for one in self.troubles if not re.search(pattern, one)]
        assert len(left) < len(self.troubles), self.troubles
        self.troubles[:] = left

    def check_accessibility(self) -> None:
        """Fail on whatever axe finds in what is shown now."""
        results = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": _RULES}})
        assert results.violations_count == 0, results.generate_report()

    def take_screenshots(self, name: str, *, full: bool = False) -> None:
        """Keep pictures of the view: light, dark, on a phone, and on a 4K screen.

        Without SCREENSHOTS in the environment, only whether it fits a phone is looked at.
        """
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for mode, (scheme, size) in _MODES.items():
            if mode == "phone" or "SCREENSHOTS" in os.environ:
                path = SCREENSHOTS / f"{name}-{mode}.png"
                self._take_screenshot(path, scheme, size, full=full)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(_DESKTOP)

    def _take_screenshot(self, path: Path, scheme: Any, size: ViewportSize, *, full: bool) -> None:
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size(size)
        wait_for_quiet(self.page)
        self.page.screenshot(path=path, full_page=full, animations="disabled")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{path.name}: the page is {width} pixels wide"


def wait_for_quiet(page: Page) -> None:
    """Return when two frames have been drawn and pictures that are in view have come."""
    page.evaluate(_PICTURES)  # the page's policy forbids what waits for a condition
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@contextmanager
def visit(browser: Browser, base_url: str) -> Iterator[Visitor]:
    """Yield a visitor with an empty browser; fail at the end if its console complained."""
    context = browser.new_context(viewport=_DESKTOP, reduced_motion="reduce", locale="en-US")
    page = context.new_page()
    with httpx2.Client(base_url=base_url, timeout=30) as client:
        visitor = Visitor(page, base_url, f"somebody{time.time_ns()}@example.com", client)
        page.on("console", lambda said: _note(visitor, said.type, said.text, said.location))
        page.on("pageerror", lambda error: visitor.troubles.append(f"script: {error}"))
        try:
            yield visitor
            assert not visitor.troubles, "\n".join(visitor.troubles)
        finally:
            context.close()


def _note(visitor: Visitor, kind: str, text: str, location: Any) -> None:
    if kind in ("error", "warning"):
        visitor.troubles.append(f"{kind}: {text} ({location.get('url')})")

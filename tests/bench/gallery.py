"""The gallery with 100,000 images: scripting per frame while scrolling, and the first view."""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.console.browsing import Visitor, find_chromium, visit
from tests.console.conftest import ARGUMENTS
from tests.console.pictures import PictureStore
from tests.stacks import RunningStack, temporary_state

_IMAGES = 100_000
_WHEEL_TURNS = 150
_JUMPS = 60
_VIEWS = 5
_SIZES = (("1440 x 900", 1440, 900, ""), ("3840 x 2160, smallest", 3840, 2160, "?size=72"))
_JUMP = """async (jumps) => {
  const frame = document.querySelector(".grid-frame");
  const next = () => new Promise((done) => requestAnimationFrame(done));
  for (let jump = 1; jump <= jumps; jump += 1) {
    frame.scrollTop = ((jump * 0.618034) % 1) * frame.scrollHeight;
    for (let frames = 0; frames < 4; frames += 1) await next();
  }
}"""


def measure() -> None:
    """Print milliseconds of the page's thread per frame, and of the first view on the clock."""
    path = find_chromium()
    if path is None:
        print("  there is no Chromium; `make test-console` installs it or says how")
        return
    with temporary_state() as state, sync_playwright() as playwright:
        stack = RunningStack(state)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            stack.start()
            with visit(browser, stack.addresses.base_url) as visitor:
                _measure_gallery(browser, stack, visitor)
        finally:
            browser.close()
            stack.close()


def _measure_gallery(browser: Browser, stack: RunningStack, visitor: Visitor) -> None:
    visitor.register()
    visitor.sign_in()
    project = visitor.post("/v1/projects", {"name": "Landscapes"})["id"]
    store = PictureStore(stack.addresses, project)
    store.add(_IMAGES)
    store.close()
    views = [_time_view(visitor, f"/projects/{project}") for _ in range(_VIEWS)]
    print(
        f"  first pictures in view: median {median(views):.2f} s of {_VIEWS},"
        f" longest {max(views):.2f} s"
    )
    for name, width, height, query in _SIZES:
        visitor.page.set_viewport_size({"width": width, "height": height})
        _time_view(visitor, f"/projects/{project}{query}")
        frames = sorted(_trace_frames(browser, visitor.page))
        cells = visitor.page.locator(".tile").count()
        print(
            f"  {name}: {len(frames)} frames, scripting p50 {median(frames):.2f} ms, "
            f"p95 {quantiles(frames, n=20)[-1]:.2f} ms, most {frames[-1]:.2f} ms; {cells} cells"
        )


def _time_view(visitor: Visitor, path: str) -> float:
    """Return the seconds from the page's address to pictures in view, with an empty view before."""
    visitor.page.goto("about:blank")
    started = time.monotonic()
    visitor.go(path)
    visitor.page.locator(".tile.loaded").first.wait_for()
    return time.monotonic() - started


def _trace_frames(browser: Browser, page: Page) -> list[float]:
    """Return the milliseconds that the page's scripts took in each frame that they took part in."""
    with tempfile.TemporaryDirectory(prefix="pixmill-") as name:
        path = Path(name) / "trace.json"
        browser.start_tracing(page=page, path=path, categories=["devtools.timeline"])
        box = page.locator(".grid-frame").bounding_box() or {"x": 0, "y": 0}
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        for _ in range(_WHEEL_TURNS):
            page.mouse.wheel(0, 300)
            page.evaluate("new Promise((done) => requestAnimationFrame(done))")
        page.evaluate(_JUMP, _JUMPS)
        browser.stop_tracing()
        events = json.loads(path.read_text())["traceEvents"]
    return list(_sum_scripts(events))


def _sum_scripts(events: list[dict[str, Any]]) -> Iterator[float]:
    """Yield per frame: its callbacks, and the listeners and timers since the frame before.

    Times are of the thread (`tdur`): what other processes do meanwhile is not the page's.
    """
    names = {"FireAnimationFrame", "EventDispatch", "TimerFire", "RunMicrotasks"}
    spent = 0.0
    for event in sorted((one for one in events if one["name"] in names), key=lambda one: one["ts"]):
        spent += event.get("tdur", 0) / 1000
        if event["name"] == "FireAnimationFrame":
            yield spent
            spent = 0.0

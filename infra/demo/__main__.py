"""`make demo`: the main job from first to last, on a system of its own."""

import argparse
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.markup import escape

from infra.demo.client import ApiProblemError, Pixmill
from infra.demo.output import choose_output
from infra.demo.report import DemoRun, render_report
from infra.demo.screen import Screen, count_images, explain_nothing
from infra.demo.sheet import choose_images, draw_sheet, fetch_thumbnails
from infra.demo.site import PhotoSite, serve_site
from infra.local.children import StackError, find_free_port
from infra.local.choices import Choices, read_crawl_allow
from infra.local.stack import Stack

_OUTPUT = Path("demo-output")
_RULES = {"min_width": 150, "min_height": 100, "min_sharpness": 50, "max_uniformity": 0.95}


class NothingFound(Exception):
    """A crawl that collected no image; says why."""


def run_demo(page: str | None, output: Path, screen: Screen, closing: ExitStack) -> None:
    """Do the main job; what is to be ended afterwards goes to `closing`."""
    output = choose_output(output)
    site = PhotoSite()
    address = page or closing.enter_context(serve_site(site))
    stack = Stack(_parse_choices(None if page else address))
    with screen.console.status("Starting PostgreSQL, Pub/Sub, Cloud Storage and the functions …"):
        addresses = stack.start()
    closing.callback(stack.stop)
    screen.console.print(f"Pixmill runs at {addresses.base_url}", highlight=False)
    pixmill = Pixmill(addresses.base_url)
    with screen.console.status("Registering, making a key and a project …"):
        # Another address each time: DATABASE_URL may lead to a database that knows the last one.
        name = f"demo-{secrets.token_hex(4)}@example.com"
        pixmill.register(name, secrets.token_urlsafe(16))
        project = pixmill.post("/v1/projects", {"name": "Demo"})
    job = _crawl(screen, pixmill, project["id"], address)
    report = pixmill.get(f"/v1/crawl-jobs/{job['id']}/report")
    if not job["downloaded_images"]:
        raise NothingFound(explain_nothing(job, report))
    if not page:
        with screen.console.status("Uploading a file through a signed address …"):
            photo = site.files["/photos/rocket-whole-640.jpg"]
            pixmill.upload(project["id"], "my rocket.jpg", photo.body, photo.media_type)
    validation = _validate(screen, pixmill, job)
    job = pixmill.get(f"/v1/crawl-jobs/{job['id']}")
    export = _export(screen, pixmill, project["id"], output)
    with screen.console.status("Drawing the report …"):
        found = _find(pixmill, project["id"], job, report, export, validation)
        (output / "contact-sheet.jpg").write_bytes(draw_sheet(found.thumbnails.values()))
        (output / "report.html").write_text(render_report(found))
    screen.show_summary(job, report, export)
    screen.show_locations(output)


def main(console: Console | None = None, run: Callable[..., None] = run_demo) -> int:
    """Return the process's exit status."""
    screen = Screen(console or Console())
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--pages", help="the page to crawl instead of the demo's own site")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="where the results go")
    arguments = parser.parse_args()
    # A termination unwinds like Ctrl-C, so that nothing stays running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with ExitStack() as closing:
            run(arguments.pages, arguments.output, screen, closing)
    except (StackError, ApiProblemError, NothingFound, requests.RequestException) as error:
        screen.console.print(
            "[red]pixmill:[/]", escape(str(error)), highlight=False, soft_wrap=True
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parse_choices(site: str | None) -> Choices:
    state = Path(os.environ.get("PIXMILL_STATE") or ".local") / "demo"
    shutil.rmtree(state, ignore_errors=True)
    allowed = [read_crawl_allow(os.environ)]
    if site:
        allowed.append(site.removeprefix("http://"))
    return Choices(
        port=find_free_port(),
        state=state,
        database_url=os.environ.get("DATABASE_URL") or None,
        embedded_pubsub=True,
        extra={"PIXMILL_CRAWL_ALLOW": ",".join(filter(None, allowed))},
    )


def _crawl(screen: Screen, pixmill: Pixmill, project_id: str, address: str) -> dict[str, Any]:
    job = pixmill.post(
        f"/v1/projects/{project_id}/crawl-jobs",
        {
            "name": f"Photographs of {address}",
            "source": {"type": "pages", "pages": [address], "max_depth": 1},
            "options": {"chunk_size": 25, "dedup": "perceptual", "max_distance": 8},
        },
    )
    return screen.show_progress(pixmill, "Crawling", f"/v1/crawl-jobs/{job['id']}", count_images)


def _validate(screen: Screen, pixmill: Pixmill, job: dict[str, Any]) -> str:
    """Judge a crawl's images; return the validation's id."""
    validation = pixmill.post(
        f"/v1/crawl-jobs/{job['id']}/validation-jobs",
        {"name": "Large and sharp enough", "rules": _RULES},
    )
    screen.show_progress(
        pixmill,
        "Validating",
        f"/v1/validation-jobs/{validation['id']}",
        lambda one: f"{one['validated_images']} judged, {one['invalid_images']} invalid",
    )
    return str(validation["id"])


def _find(
    pixmill: Pixmill,
    project_id: str,
    job: dict[str, Any],
    report: dict[str, Any],
    export: dict[str, Any],
    validation_id: str,
) -> DemoRun:
    """Collect what the report says of single images."""
    body = {"name": "demo table", "format": "json", "options": {"include_invalid": True}}
    table = pixmill.post(f"/v1/projects/{project_id}/export-jobs", body)
    *_, table = pixmill.watch(f"/v1/export-jobs/{table['id']}")
    if table["status"] != "completed":
        raise ApiProblemError(f"The table has {table['status']}: {table['error']}")
    found = requests.get(table["download_url"], timeout=60)
    found.raise_for_status()
    # In no order of the site's, so that neighbours are of different pages.
    images = sorted(found.json()["images"], key=lambda image: image["sha256"])
    ids = {image["image_id"] for image in images}
    results = pixmill.list_all(f"/v1/validation-jobs/{validation_id}/results", valid=False)
    return DemoRun(
        job,
        report,
        export,
        images=images,
        rules=_RULES,
        violations={
            one["image_id"]: one["violations"] for one in results if one["image_id"] in ids
        },
        thumbnails=fetch_thumbnails(pixmill, choose_images(images)),
    )


def _export(screen: Screen, pixmill: Pixmill, project_id: str, output: Path) -> dict[str, Any]:
    export = pixmill.post(
        f"/v1/projects/{project_id}/export-jobs",
        {
            "name": "demo dataset",
            "format": "zip",
            "options": {"splits": {"train": 0.8, "validation": 0.1, "test": 0.1}},
        },
    )
    export = screen.show_progress(
        pixmill,
        "Exporting",
        f"/v1/export-jobs/{export['id']}",
        lambda one: f"{one['exported_images']} of {one['total_images']} images",
    )
    found = requests.get(export["download_url"], timeout=60)
    found.raise_for_status()
    (output / "dataset.zip").write_bytes(found.content)
    return export


if __name__ == "__main__":
    raise SystemExit(main())

"""`make demo`: the main job from first to last, on a system of its own."""

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pixmill
from pixmill import types
from rich.console import Console
from rich.markup import escape

from infra.demo.account import open_account
from infra.demo.output import choose_output
from infra.demo.report import DemoRun, render_report
from infra.demo.screen import Screen, StepFailed, count_images, explain_nothing
from infra.demo.sheet import choose_images, draw_sheet, fetch_thumbnails
from infra.demo.site import PhotoSite, serve_site
from infra.local.children import StackError, find_free_port
from infra.local.choices import Choices, read_crawl_allow
from infra.local.stack import Stack

_OUTPUT = Path("demo-output")
_RULES: types.Rules = {
    "min_width": 150,
    "min_height": 100,
    "min_sharpness": 50,
    "max_uniformity": 0.95,
}


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
    with screen.console.status("Registering, making a key and a project …"):
        client = closing.enter_context(open_account(addresses.base_url, "demo"))
        project = client.create_project("Demo")
    crawl = _crawl(screen, project, address)
    report = crawl.report()
    if not crawl.row["downloaded_images"]:
        raise NothingFound(explain_nothing(crawl.row, report))
    if not page:
        with screen.console.status("Uploading a file through a signed address …"):
            _upload(project, site)
    validation = _validate(screen, crawl)
    crawl.refresh()
    export = _export(screen, project, output)
    with screen.console.status("Drawing the report …"):
        found = _find(project, crawl, report, export, validation)
        (output / "contact-sheet.jpg").write_bytes(draw_sheet(found.thumbnails.values()))
        (output / "report.html").write_text(render_report(found))
    screen.show_summary(crawl.row, report, export.row)
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
    except (StackError, StepFailed, NothingFound, pixmill.PixmillError) as error:
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


def _crawl(screen: Screen, project: pixmill.Project, address: str) -> pixmill.Crawl:
    crawl = project.crawl(
        {"type": "pages", "pages": [address], "max_depth": 1},
        name=f"Photographs of {address}",
        options={"chunk_size": 25, "dedup": "perceptual", "max_distance": 8},
    )
    screen.show_progress("Crawling", crawl, count_images)
    return crawl


def _upload(project: pixmill.Project, site: PhotoSite) -> None:
    photo = site.files["/photos/rocket-whole-640.jpg"]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "my rocket.jpg"
        file.write_bytes(photo.body)
        project.upload(file)


def _validate(screen: Screen, crawl: pixmill.Crawl) -> pixmill.Validation:
    """Judge a crawl's images."""
    validation = crawl.validate(_RULES, "Large and sharp enough")
    screen.show_progress(
        "Validating",
        validation,
        lambda one: f"{one['validated_images']} judged, {one['invalid_images']} invalid",
    )
    return validation


def _find(
    project: pixmill.Project,
    crawl: pixmill.Crawl,
    report: types.CrawlReport,
    export: pixmill.Export,
    validation: pixmill.Validation,
) -> DemoRun:
    """Collect what the report says of single images."""
    table = project.export("json", name="demo table", options={"include_invalid": True}).wait()
    with TemporaryDirectory() as folder:
        content = json.loads(table.download(Path(folder) / "table.json").read_bytes())
    # In no order of the site's, so that neighbours are of different pages.
    images = sorted(content["images"], key=lambda image: image["sha256"])
    ids = {image["image_id"] for image in images}
    return DemoRun(
        crawl.row,
        report,
        export.row,
        images=images,
        rules=_RULES,
        violations={
            one["image_id"]: one["violations"]
            for one in validation.results(valid=False)
            if one["image_id"] in ids
        },
        thumbnails=fetch_thumbnails(project.client, choose_images(images)),
    )


def _export(screen: Screen, project: pixmill.Project, output: Path) -> pixmill.Export:
    splits = {"train": 0.8, "validation": 0.1, "test": 0.1}
    export = project.export(name="demo dataset", options={"splits": splits})
    screen.show_progress(
        "Exporting",
        export,
        lambda one: f"{one['exported_images']} of {one['total_images']} images",
    )
    export.download(output / "dataset.zip")
    return export


if __name__ == "__main__":
    raise SystemExit(main())

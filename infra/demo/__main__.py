"""`make demo`: the main job from first to last, on a system of its own."""

import argparse
import os
import secrets
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.demo.client import ApiProblemError, Pixmill
from infra.demo.report import render_report
from infra.demo.site import PhotoSite, serve_site
from infra.local.children import StackError, find_free_port
from infra.local.choices import Choices, read_crawl_allow
from infra.local.stack import Stack
from shared.imaging import make_contact_sheet

_OUTPUT = Path("demo-output")
_SHOWN = 64  # pictures on the contact sheet
_RESULTS = {
    "dataset": "dataset.zip",
    "contact sheet": "contact-sheet.jpg",
    "report": "report.html",
}
_RULES = {"min_width": 150, "min_height": 100, "max_uniformity": 0.95}

console = Console()


class NothingFound(Exception):
    """A crawl that collected no image; says why."""


def main() -> int:
    """Return the process's exit status."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--pages", help="the page to crawl instead of the demo's own site")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="where the results go")
    arguments = parser.parse_args()
    # A termination unwinds like Ctrl-C, so that nothing stays running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with ExitStack() as closing:
            _run(arguments.pages, arguments.output, closing)
    except (StackError, ApiProblemError, NothingFound, requests.RequestException) as error:
        console.print("[red]pixmill:[/]", escape(str(error)), highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run(page: str | None, output: Path, closing: ExitStack) -> None:
    output.mkdir(parents=True, exist_ok=True)
    for name in _RESULTS.values():
        (output / name).unlink(missing_ok=True)
    site = PhotoSite()
    address = page or closing.enter_context(serve_site(site))
    stack = Stack(_parse_choices(None if page else address))
    with console.status("Starting PostgreSQL, Pub/Sub, Cloud Storage and the functions …"):
        addresses = stack.start()
    closing.callback(stack.stop)
    console.print(f"Pixmill runs at {addresses.base_url}", highlight=False)
    pixmill = Pixmill(addresses.base_url)
    with console.status("Registering, making a key and a project …"):
        # Another address each time: DATABASE_URL may lead to a database that knows the last one.
        name = f"demo-{secrets.token_hex(4)}@example.com"
        pixmill.register(name, secrets.token_urlsafe(16))
        project = pixmill.post("/v1/projects", {"name": "Demo"})
    job = _crawl(pixmill, project["id"], address)
    report = pixmill.get(f"/v1/crawl-jobs/{job['id']}/report")
    if not job["downloaded_images"]:
        raise NothingFound(_explain_nothing(job, report))
    if not page:
        with console.status("Uploading a file through a signed address …"):
            photo = site.files["/photos/rocket-whole-640.jpg"]
            pixmill.upload(project["id"], "my rocket.jpg", photo.body, photo.media_type)
    job = _validate(pixmill, job)
    export = _export(pixmill, project["id"], output)
    sheet = _make_contact_sheet(pixmill, project["id"])
    (output / "contact-sheet.jpg").write_bytes(sheet)
    (output / "report.html").write_text(render_report(job, report, export, sheet))
    _print_summary(job, report, export)
    _print_locations(output)


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


def _crawl(pixmill: Pixmill, project_id: str, address: str) -> dict[str, Any]:
    job = pixmill.post(
        f"/v1/projects/{project_id}/crawl-jobs",
        {
            "name": f"Photographs of {address}",
            "source": {"type": "pages", "pages": [address], "max_depth": 1},
            "options": {"chunk_size": 25, "dedup": "perceptual", "max_distance": 8},
        },
    )
    return _print_progress(pixmill, "Crawling", f"/v1/crawl-jobs/{job['id']}", _crawl_counts)


def _crawl_counts(job: dict[str, Any]) -> str:
    return (
        f"{job['downloaded_images']} images, {job['duplicate_images']} duplicates, "
        f"{job['failed_images']} failed of {job['total_images']}"
    )


def _explain_nothing(job: dict[str, Any], report: dict[str, Any]) -> str:
    pages = "; ".join(f"{page['url']}: {page['detail']}" for page in report["failed_pages"])
    reasons = ", ".join(f"{reason} {count}" for reason, count in report["failure_reasons"].items())
    why = pages or job["error"] or reasons or "the pages name no images"
    if "blocked_address" in report["page_failure_reasons"]:
        why += ". PIXMILL_CRAWL_ALLOW opens addresses of this machine, such as 127.0.0.1:8000"
    return f"No image was collected: {why}"


def _validate(pixmill: Pixmill, job: dict[str, Any]) -> dict[str, Any]:
    validation = pixmill.post(
        f"/v1/crawl-jobs/{job['id']}/validation-jobs", {"name": "Large enough", "rules": _RULES}
    )
    _print_progress(
        pixmill,
        "Validating",
        f"/v1/validation-jobs/{validation['id']}",
        lambda one: f"{one['validated_images']} judged, {one['invalid_images']} invalid",
    )
    return pixmill.get(f"/v1/crawl-jobs/{job['id']}")


def _export(pixmill: Pixmill, project_id: str, output: Path) -> dict[str, Any]:
    export = pixmill.post(
        f"/v1/projects/{project_id}/export-jobs",
        {
            "name": "demo dataset",
            "format": "zip",
            "options": {"splits": {"train": 0.8, "validation": 0.1, "test": 0.1}},
        },
    )
    export = _print_progress(
        pixmill,
        "Exporting",
        f"/v1/export-jobs/{export['id']}",
        lambda one: f"{one['exported_images']} of {one['total_images']} images",
    )
    found = requests.get(export["download_url"], timeout=60)
    found.raise_for_status()
    (output / "dataset.zip").write_bytes(found.content)
    return export


def _print_progress(pixmill: Pixmill, title: str, path: str, counts: Any) -> dict[str, Any]:
    """Show a job's progress until it has ended well."""
    job: dict[str, Any] = {}
    columns = (
        TextColumn("{task.description:<11}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=100, counts="")
        for job in pixmill.watch(path):
            progress.update(task, completed=job["progress"], counts=counts(job))
    if job["status"] != "completed":
        raise ApiProblemError(f"{title} has {job['status']}: {job['error']}")
    return job


def _make_contact_sheet(pixmill: Pixmill, project_id: str) -> bytes:
    images = [
        image
        for image in pixmill.list_all(
            f"/v1/projects/{project_id}/images", valid=True, duplicate=False
        )
        if image["processed_path"]
    ]
    step = max(1, len(images) // _SHOWN)
    chosen = images[::step][:_SHOWN]
    return make_contact_sheet([pixmill.get_content(image["id"], "thumbnail") for image in chosen])


def _print_summary(job: dict[str, Any], report: dict[str, Any], export: dict[str, Any]) -> None:
    table = Table(title=job["name"], show_header=False, title_justify="left")
    for name, value in (
        ("addresses", job["total_images"]),
        ("images", job["downloaded_images"]),
        ("valid", job["valid_images"]),
        ("duplicates", job["duplicate_images"]),
        ("failed", job["failed_images"]),
        *((f"  {reason}", count) for reason, count in report["failure_reasons"].items()),
        ("exported", export["exported_images"]),
        ("images per second", f"{report['images_per_second'] or 0:.0f}"),
    ):
        table.add_row(name, str(value))
    console.print(table)


def _print_locations(output: Path) -> None:
    for what, name in _RESULTS.items():
        console.print(f"{what:<14} {(output / name).absolute()}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    raise SystemExit(main())

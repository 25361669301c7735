"""Progress bars and tables that the demo shows on the screen."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pixmill
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

RESULTS = {
    "dataset": "dataset.zip",
    "contact sheet": "contact-sheet.jpg",
    "report": "report.html",
}
Row = Mapping[str, Any]
_LONGEST = 900  # seconds of one step


class StepFailed(Exception):
    """A step of the run has not ended well; says which, and why."""


class Screen:
    """One console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def show_progress(self, title: str, job: pixmill.Job[Any], count: Callable[[Row], str]) -> None:
        """Show a job's progress to its end. Raises `StepFailed` unless it ends well."""
        columns = (
            TextColumn("{task.description:<11}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}"),
        )
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=100, counts="")

            def draw(row: Row) -> None:
                progress.update(task, completed=row["progress"], counts=count(row))

            try:
                job.wait(timeout=_LONGEST, progress=draw)
            except pixmill.JobFailed as error:
                raise StepFailed(f"{title} has {error.job['status']}: {error}") from error

    def show_summary(self, job: Row, report: Row, export: Row) -> None:
        """Show the figures of the whole run."""
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
        self.console.print(table)

    def show_locations(self, output: Path) -> None:
        """Show where the results are, each on a line that can be copied."""
        for what, name in RESULTS.items():
            self.console.print(
                f"{what:<14} {(output / name).absolute()}", highlight=False, soft_wrap=True
            )


def count_images(job: Row) -> str:
    """Return a crawl job's figures, in words."""
    return (
        f"{job['downloaded_images']} images, {job['duplicate_images']} duplicates, "
        f"{job['failed_images']} failed of {job['total_images']}"
    )


def explain_nothing(job: Row, report: Row) -> str:
    """Return why a crawl has collected no image."""
    pages = "; ".join(f"{page['url']}: {page['detail']}" for page in report["failed_pages"])
    reasons = ", ".join(f"{reason} {count}" for reason, count in report["failure_reasons"].items())
    why = pages or job["error"] or reasons or "the pages name no images"
    return f"No image was collected: {why}"

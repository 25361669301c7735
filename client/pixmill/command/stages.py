"""The stages of a build, each with its line."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

import pixmill
from pixmill import operations
from pixmill.command.ledger import Ledger
from pixmill.command.progress import Stage
from pixmill.errors import JobFailed, TransferFailed
from pixmill.files import format_bytes

_Result = TypeVar("_Result")
_BLOCKED = (
    "         blocked_address: crawls ask no private network. What this machine serves is opened\n"
    "         by pixmill down, then pixmill up --allow HOST:PORT (or PIXMILL_CRAWL_ALLOW)."
)


def crawl(job: pixmill.Crawl) -> dict[str, Any]:
    """Wait for a crawl; return its report."""
    stage = Stage("crawl")
    reasons: dict[str, int] = {}

    def show(row: Mapping[str, Any]) -> None:
        if row["failed_images"] != sum(reasons.values()):
            reasons.clear()
            reasons.update(job.report()["failure_reasons"])
        done = row["downloaded_images"] + row["duplicate_images"] + row["failed_images"]
        stage.update(done, row["total_images"], "addresses", failures=reasons)

    job.wait(progress=show)
    report = job.report()
    row = job.row
    parts = [f"{row['downloaded_images']:,} images of {row['total_images']:,} addresses"]
    if row["duplicate_images"]:
        parts.append(f"{row['duplicate_images']:,} copies")
    stage.update(
        row["total_images"], row["total_images"], "addresses", failures=report["failure_reasons"]
    )
    failed = stage.line.partition("failed (")[2]
    if row["failed_images"]:
        parts.append(f"{row['failed_images']:,} failed ({failed}")
    stage.finish(", ".join(parts))
    if report["failure_reasons"].get("blocked_address"):
        click.echo(_BLOCKED, err=True)
    return dict(report)


def validate(job: pixmill.Validation) -> dict[str, Any]:
    """Wait for a validation; return it."""
    stage = Stage("validate")
    job.wait(
        progress=lambda row: stage.update(row["validated_images"], row["total_images"], "images")
    )
    broken: dict[str, int] = {}
    if job.row["invalid_images"]:
        for result in job.results(valid=False):
            for violation in result["violations"]:
                broken[violation["rule"]] = broken.get(violation["rule"], 0) + 1
    row = job.row
    rules = ", ".join(f"{rule} {count:,}" for rule, count in sorted(broken.items()))
    text = f"{row['validated_images']:,} images, {row['invalid_images']:,} invalid"
    stage.finish(f"{text} ({rules})" if rules else text)
    return dict(row)


def version(job: pixmill.Version) -> dict[str, Any]:
    """Wait for a version; return it."""
    stage = Stage("version")
    job.wait()
    row = job.row
    splits = ", ".join(f"{name} {count:,}" for name, count in row["splits"].items())
    text = f"{row['image_count']:,} images, {str(row['hash'])[:12]}"
    stage.finish(f"{text}; {splits}" if splits else text)
    return dict(row)


def export(job: pixmill.Export) -> dict[str, Any]:
    """Wait for an export; return it."""
    stage = Stage("export")
    job.wait(
        progress=lambda row: stage.update(row["exported_images"], row["total_images"], "images")
    )
    row = job.row
    failures: dict[str, int] = {}
    for failed in row["failures"]:
        failures[failed["reason"]] = failures.get(failed["reason"], 0) + 1
    stage.update(row["exported_images"], row["total_images"], "images", failures=failures)
    stage.finish()
    return dict(row)


def download(job: pixmill.Export, target: Path) -> None:
    """Fetch an export's file."""
    stage = Stage("download", describe=format_bytes)
    size = job.row["file_size"] or 0
    job.download(target, progress=lambda told: stage.update(told["bytes"], size))
    stage.finish(format_bytes(size))


def attempt(ledger: Ledger, names: tuple[str, ...], run: Callable[[], _Result]) -> _Result:
    """Run a stage; where its job has failed the next run of the build asks for it anew."""
    try:
        return run()
    except (JobFailed, TransferFailed) as error:
        if isinstance(error, JobFailed) or "gone" in str(error):
            ledger.forget(*names)
        raise


def find_export(client: pixmill.Client, export_id: str) -> pixmill.Export:
    """Return an export by its id."""
    return pixmill.Export(client, client.send(operations.exports_get(export_id)))

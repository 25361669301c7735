"""Crawls, uploads, validations, versions and exports, one at a time."""

from pathlib import Path
from typing import Any

import click

import pixmill
from pixmill import operations
from pixmill.command import stages
from pixmill.command.choices import (
    crawl_options,
    export_options,
    make_crawl_options,
    make_export,
    make_split,
    name_columns,
)
from pixmill.command.inputs import choose_input, copy_stdin, list_pictures
from pixmill.command.progress import describe_failures
from pixmill.command.refusals import Refusal
from pixmill.command.session import Session, common
from pixmill.command.uploads import upload_folder

_project = click.option(
    "--project",
    "project",
    metavar="ID|NAME",
    required=True,
    help="The project; a new name makes one.",
)


def find_project(client: pixmill.Client, wanted: str, *, makes: bool = False) -> pixmill.Project:
    """Return a project by its id or name, or a new one. Raises `Refusal` for several."""
    if len(wanted) == 36 and wanted.count("-") == 4:
        return client.get_project(wanted)
    found = [project for project in client.list_projects() if project.row["name"] == wanted]
    if len(found) > 1:
        raise Refusal(f"{len(found)} projects are called {wanted}: name one by its id.", 2)
    if not found and not makes:
        raise Refusal(f"There is no project {wanted}.")
    return found[0] if found else client.create_project(wanted)


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE…")
@_project
@click.option("--search", "searches", metavar="WORDS", multiple=True, help="Search for images.")
@crawl_options
@click.option("--no-wait", is_flag=True, help="Start it, and do not wait for its end.")
@common
def crawl(
    session: Session,
    sources: tuple[str, ...],
    project: str,
    searches: tuple[str, ...],
    no_wait: bool,
    **given: Any,
) -> None:
    """Collect images from a source into a project."""
    source = choose_input(sources, searches, given)
    if source.kind == "folder":
        raise click.UsageError("A folder is uploaded: pixmill upload DIR.")
    with session.connect() as client:
        place = find_project(client, project, makes=True)
        wanted: Any = source.path or source.source
        if source.kind == "stdin":
            wanted = copy_stdin(Path(click.get_app_dir("pixmill")) / "stdin")
        job = place.crawl(
            wanted,
            columns=name_columns(given) if source.kind in ("table", "stdin") else None,
            options=make_crawl_options(given),
        )
        if source.kind == "stdin":
            wanted.unlink()
        if not no_wait:
            stages.crawl(job)
        session.show(job.row, [job.id])


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_project
@click.option("--label", metavar="TEXT", help="The label of all; else that of each one's folder.")
@common
def upload(session: Session, folder: Path, project: str, label: str | None) -> None:
    """Send the images of a folder; the name of the folder that each lies in is its label."""
    given = {"label": None}
    source = choose_input([str(folder)], (), given)
    if source.kind != "folder":
        raise click.UsageError(f"{folder} is no folder.")
    with session.connect() as client:
        place = find_project(client, project, makes=True)
        log = Path(click.get_app_dir("pixmill")) / f"uploaded-{place.id}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        failures = upload_folder(place, list_pictures(folder), folder, label, log)
        log.unlink(missing_ok=True)
        session.show({"project_id": place.id, "failures": failures}, [place.id])


@click.command()
@click.argument("crawl_job")
@click.option("--failures", is_flag=True, help="List every address that failed.")
@common
def report(session: Session, crawl_job: str, failures: bool) -> None:
    """Show what became of a crawl's addresses."""
    with session.connect() as client:
        job = pixmill.Crawl(client, client.send(operations.crawls_get(crawl_job)))
        if failures:
            session.show_rows(job.failures(), lambda row: f"{row['reason']}\t{row['url']}")
            return
        told = job.report()
        rows = [
            f"status    {told['status']}",
            *(f"{name:<9} {count:,}" for name, count in told["outcomes"].items()),
        ]
        if told["failure_reasons"]:
            rows.append(describe_failures(told["failure_reasons"]))
        session.show(told, rows)


@click.command()
@click.argument("crawl_job")
@click.option("--min-width", type=click.IntRange(0))
@click.option("--min-height", type=click.IntRange(0))
@click.option("--min-sharpness", type=click.FloatRange(0))
@click.option("--near-duplicates", "near_duplicate_distance", type=click.IntRange(0, 16))
@common
def validate(session: Session, crawl_job: str, **given: Any) -> None:
    """Judge a crawl's images by rules."""
    rules: Any = {name: value for name, value in given.items() if value is not None}
    if not rules:
        raise click.UsageError("Name a rule, such as --min-width 200.")
    with session.connect() as client:
        job = pixmill.Crawl(client, client.send(operations.crawls_get(crawl_job)))
        row = stages.validate(job.validate(rules))
        session.show(row, [row["id"]])


@click.command()
@_project
@click.option("--freeze", metavar="NAME", help="Make a version of what the project holds now.")
@export_options
@common
def versions(session: Session, project: str, freeze: str | None, **given: Any) -> None:
    """List a project's versions, or make one."""
    with session.connect() as client:
        place = find_project(client, project)
        if freeze:
            row = stages.version(place.freeze(freeze, **make_split(given)))
            session.show(row, [row["id"]])
            return
        session.show_rows(
            client.iterate(operations.versions_list(place.id, limit=200)),
            lambda row: (
                f"{row['id']}  {row['image_count']:>9,}  {(row['hash'] or '-')[:12]}  {row['name']}"
            ),
        )


@click.command()
@click.argument("before")
@click.argument("after")
@common
def diff(session: Session, before: str, after: str) -> None:
    """List what is different between two versions, given by their ids."""
    with session.connect() as client:
        session.show_rows(
            client.iterate(operations.versions_diff(before, after, limit=10_000)),
            lambda row: f"{row['change']:<8} {row['sha256'][:16]}  {row['image_id']}",
        )


@click.command()
@_project
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@export_options
@common
def export(session: Session, project: str, out: Path, **given: Any) -> None:
    """Write all images of a project into one file."""
    if out.exists():
        raise Refusal(f"{out} is there already. Remove it, or choose another --out.", 2)
    format, options = make_export(given)
    with session.connect() as client:
        job = find_project(client, project).export(format, options=options)
        row = stages.export(job)
        stages.download(job, out)
        session.show(row, [str(out)])


COMMANDS = (crawl, upload, report, validate, versions, diff, export)

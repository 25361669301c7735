"""Images: listed, looked for, rejected."""

from typing import Any

import click

from pixmill import operations
from pixmill.command.datasets import find_project
from pixmill.command.session import Session, common

_FILTERS = ("label", "crawl_job_id", "valid", "duplicate", "rejected")


@click.command()
@click.option("--project", metavar="ID|NAME", required=True)
@click.option("--label")
@click.option("--crawl", "crawl_job_id", metavar="ID")
@click.option("--valid/--invalid", default=None)
@click.option("--duplicates/--originals", "duplicate", default=None)
@click.option("--rejected/--not-rejected", default=None)
@common
def images(session: Session, project: str, **given: Any) -> None:
    """List a project's images, newest first."""
    filters = {name: given[name] for name in _FILTERS if given[name] is not None}
    with session.connect() as client:
        session.show_rows(find_project(client, project).images(**filters), _describe)


@click.command()
@click.argument("image_ids", nargs=-1, required=True)
@click.option("--project", metavar="ID|NAME", required=True)
@click.option("--reason", help="Why they are not wanted.")
@common
def reject(session: Session, image_ids: tuple[str, ...], project: str, reason: str | None) -> None:
    """Keep images out of exports and later crawls."""
    with session.connect() as client:
        changed = find_project(client, project).reject(image_ids, reason)
        session.show({"changed": changed}, [f"{changed} rejected."])


@click.command()
@click.argument("image_id")
@click.option("--max-distance", type=click.IntRange(0, 64), default=10, show_default=True)
@common
def search(session: Session, image_id: str, max_distance: int) -> None:
    """List the images that look like one, nearest first."""
    with session.connect() as client:
        page = client.send(
            operations.images_similar(image_id, max_distance=max_distance, limit=200)
        )
        session.show_rows(page["items"], lambda row: f"{row['distance']:>2}  {_describe(row)}")


def _describe(row: Any) -> str:
    size = f"{row['width']}x{row['height']}" if row["width"] else row["status"]
    return (
        f"{row['id']}  {size:>11}  {row['label'] or '-'}  {row['original_url'] or row['file_name']}"
    )


COMMANDS = (images, reject, search)

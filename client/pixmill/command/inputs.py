"""The sources of a build, as they are named at the command."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from pixmill.sources import PICTURES, check_readable, is_address, open_table

STDIN = "-"
_NO_TABLES = (".xlsx", ".xls", ".ods", ".numbers", ".zip", ".tar", ".html", ".htm", ".pdf")


@dataclass(frozen=True)
class Input:
    """A source: a table, pages, words, or a folder whose files are uploaded."""

    kind: str
    path: Path | None = None
    source: Any = None

    def describe(self) -> Any:
        """Return what tells it from another one, as JSON holds it."""
        if self.path is None:
            return self.source
        state = self.path.stat()
        told = [str(self.path.absolute())]
        return told if self.path.is_dir() else [*told, state.st_size, state.st_mtime_ns]


def choose_input(sources: Sequence[str], searches: Sequence[str], given: dict[str, Any]) -> Input:
    """Return what the arguments name. Raises `UsageError` or `BadSource` for what is no source."""
    if searches and sources:
        raise click.UsageError("Give a source or --search, and not both.")
    if searches:
        return _name_words(searches)
    if not any(sources):
        raise click.UsageError(
            "Name a source: a table (csv, tsv, jsonl, parquet, txt), a folder, the address of a "
            "page, - for the standard input, or --search WORDS."
        )
    pages = [source for source in sources if is_address(source)]
    if pages and len(pages) == len(sources):
        _refuse_columns(given, "pages")
        return Input("pages", source=_name_pages(pages, given))
    if len(sources) > 1:
        raise click.UsageError("Several sources can be addresses of pages only.")
    if sources[0] == STDIN:
        if sys.stdin.isatty():
            raise click.UsageError("The standard input is a terminal: send a table into it.")
        return Input("stdin", source=STDIN)
    if sources[0].lower().startswith(("ftp://", "file://", "gs://", "s3://")):
        raise click.UsageError(
            f"{sources[0]} cannot be read: pages begin with https:// or http://."
        )
    path = Path(sources[0])
    check_readable(path)
    if path.is_dir():
        _refuse_columns(given, "a folder")
        if not list_pictures(path):
            raise click.UsageError(f"{path} holds no images ({', '.join(sorted(PICTURES))}).")
        return Input("folder", path)
    _check_table(path, given)
    return Input("table", path)


def _check_table(path: Path, given: dict[str, Any]) -> None:
    open_table(path)
    if path.suffix.lower() in PICTURES:
        raise click.UsageError(f"{path} is an image. Name the folder that it is in.")
    if path.suffix.lower() in _NO_TABLES:
        raise click.UsageError(
            f"{path} is no table: save it as csv, tsv, jsonl, parquet or txt, perhaps .gz or .zst."
        )
    if given.get("label"):
        raise click.UsageError("--label is for pages and folders; a table has --label-column.")


def copy_stdin(target: Path) -> Path:
    """Keep the standard input as a file, or what it was before. Raises `UsageError` for nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f"{target.name}.part")
    with new.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    if new.stat().st_size:
        new.replace(target)
        return target
    new.unlink()
    if not target.exists():
        raise click.UsageError("Nothing came in the standard input.")
    return target


def list_pictures(folder: Path) -> list[Path]:
    """Return the image files below a folder, in order."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in PICTURES and not file.name.startswith(".") and file.is_file()
    )


def _name_words(searches: Sequence[str]) -> Input:
    words = [search.strip() for search in searches]
    if not all(words):
        raise click.UsageError("--search needs words.")
    return Input("words", source={"type": "keywords", "categories": {one: [one] for one in words}})


def _name_pages(pages: Sequence[str], given: dict[str, Any]) -> Any:
    source: dict[str, Any] = {"type": "pages", "pages": list(pages), "max_depth": given["depth"]}
    if given.get("label"):
        source["label"] = given["label"]
    return source


def _refuse_columns(given: dict[str, Any], what: str) -> None:
    for name, value in given.items():
        if name.endswith("_column") and value:
            raise click.UsageError(f"--{name.replace('_', '-')} is for tables, and not for {what}.")

"""`pixmill build`: from a source to a dataset in a folder."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import click

import pixmill
from pixmill.command.building import run_build
from pixmill.command.choices import (
    TABLES,
    crawl_options,
    export_options,
    make_export,
)
from pixmill.command.inputs import Input, choose_input, copy_stdin
from pixmill.command.ledger import Ledger
from pixmill.command.local import LocalSystem, check_requirements, find_root
from pixmill.command.profiles import LOCAL, write_private
from pixmill.command.progress import Stage
from pixmill.command.refusals import COUNTED, FAILED, Refusal
from pixmill.command.session import Session, common
from pixmill.datasets import SPLITS
from pixmill.files import describe_os_error

_RECORD = ".pixmill.json"
_OF_VERSIONS = {"splits": None, "stratify": False, "group_by": ()}  # the export takes these from it
_GOES_ON = "Stopped; nothing is half-done. The same command goes on where it was."


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE…")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The dataset's folder.")
@click.option("--search", "searches", metavar="WORDS", multiple=True, help="Search for images.")
@crawl_options
@click.option("--min-width", type=click.IntRange(0), help="Leave out what is narrower.")
@click.option("--min-height", type=click.IntRange(0), help="Leave out what is lower.")
@click.option("--min-sharpness", type=click.FloatRange(0), help="Leave out what is blurred.")
@click.option(
    "--near-duplicates",
    "near_duplicate_distance",
    type=click.IntRange(0, 16),
    help="Leave out pictures that differ from another in so few of 64 bits.",
)
@export_options
@click.option("--keep-archive", is_flag=True, help="Keep the export's file, too.")
@click.option("--strict", is_flag=True, help="Exit with 3 where an address or image failed.")
@common
def build(
    session: Session, sources: tuple[str, ...], out: Path, searches: tuple[str, ...], **given: Any
) -> None:
    """Build a dataset: crawl a source, validate, freeze a version, export and unpack it.

    SOURCE is a table of addresses (csv, tsv, jsonl, parquet or txt, perhaps .gz or .zst; - for the
    standard input), addresses of pages, or a folder of images. Without a deployment that you are
    signed in to, the system is started here.

    Ctrl-C may come at any time: the same command goes on where it was.
    """
    click.get_current_context().meta["interrupted"] = _GOES_ON
    source = choose_input(sources, searches, given)
    format, options = make_export({**given, **_OF_VERSIONS})
    _check_layout(given)
    wanted = {"source": source.describe(), **{name: _plain(given[name]) for name in sorted(given)}}
    if _is_done(session, out, wanted):
        return
    folder = out.with_name(f"{out.name}.building")
    _make_folder(folder)
    if source.kind == "stdin":
        source = Input("table", copy_stdin(folder / "stdin"))
    build_ledger = Ledger(folder, wanted)
    with _connect(session) as client:
        summary = run_build(client, build_ledger, source, out, given, format, options)
    failures = summary["failed_addresses"] + summary["failed_images"]
    write_private(folder / "unpacked" / _RECORD, {"wanted": wanted, "summary": summary})
    (folder / "unpacked" / _RECORD).chmod(0o644)
    (folder / "unpacked").replace(out)
    shutil.rmtree(folder)
    _show(session, summary)
    if given["strict"] and failures:
        raise Refusal(f"{failures} failed; see pixmill report {summary['crawl_job_id']}.", COUNTED)


def _check_layout(given: dict[str, Any]) -> None:
    if given["layout"] in TABLES and given["size"]:
        raise click.UsageError(f"--size is for images, and {given['layout']} holds none.")
    if given["layout"] not in ("coco", *TABLES):
        for name in given["splits"] or ():
            if name not in SPLITS:
                raise click.UsageError(
                    f"name splits train, validation and test: datasets reads no {name}; coco and "
                    "tables take any name."
                )
    if (given["stratify"] or given["group_by"]) and not given["splits"]:
        raise click.UsageError("--stratify and --group-by are about --splits: name them too.")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _is_done(session: Session, out: Path, wanted: dict[str, Any]) -> bool:
    """Show what an earlier run has built. Raises `Refusal` where something else is in the way."""
    if not out.exists():
        return False
    try:
        record = json.loads((out / _RECORD).read_text())
        is_same = record["wanted"] == json.loads(json.dumps(wanted))
        summary = record["summary"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal(f"{out} is there already. Remove it, or choose another --out.", 2) from None
    if not is_same:
        raise Refusal(
            f"{out} was built from another source or with other options. Remove it, or choose "
            "another --out.",
            2,
        )
    _show(session, summary)
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(describe_os_error(error, folder)) from error
    if not os.access(folder, os.W_OK):
        raise Refusal(f"{folder} must not be written by this account.", FAILED)


def _connect(session: Session) -> pixmill.Client:
    """Return a client of the deployment in use; where there is none, of the system here."""
    profile = session.find_profile()
    if profile is None or (profile is session.profiles.by_name.get(LOCAL)):
        return _start_local(session)
    return session.open(profile)


def _start_local(session: Session) -> pixmill.Client:
    find_root()
    check_requirements()
    system = LocalSystem()
    if (running := system.find_running()) is None:
        stage = Stage("start")
        running = system.start()
        stage.finish(f"the system here, {running.base_url}; pixmill down ends it")
    return session.open(system.sign_in(session.profiles, running))


def _show(session: Session, summary: dict[str, Any]) -> None:
    lines = [f"{summary['images']:,} images in {summary['out']}"]
    lines += [f"warning: {warning}" for warning in summary["warnings"]]
    session.show(summary, lines)


COMMANDS = (build,)

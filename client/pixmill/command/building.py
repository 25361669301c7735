"""The run of a build, from its source to an unpacked dataset."""

import shutil
from pathlib import Path
from typing import Any

import pixmill
from pixmill import operations, types
from pixmill.command import stages
from pixmill.command.choices import TABLES, make_crawl_options, make_split, name_columns
from pixmill.command.inputs import Input, list_pictures
from pixmill.command.ledger import ARCHIVE, UPLOADED, Ledger
from pixmill.command.progress import Stage
from pixmill.command.refusals import Refusal
from pixmill.command.unpacking import unpack
from pixmill.command.uploads import upload_folder

_RULES = ("min_width", "min_height", "min_sharpness", "near_duplicate_distance")


def run_build(
    client: pixmill.Client,
    ledger: Ledger,
    source: Input,
    out: Path,
    given: dict[str, Any],
    format: Any,
    options: Any,
) -> dict[str, Any]:
    """Do what is left to do of a build; return what came of it.

    Afterwards the dataset lies in the folder `unpacked` of the build's own.
    """
    name = out.name[:200]
    project_id = ledger.begin(
        "project",
        lambda key: client.send(operations.projects_create({"name": name}), idempotency_key=key)[
            "id"
        ],
    )
    try:
        project = client.get_project(project_id)
    except pixmill.NotFound:
        raise Refusal(
            f"The build's project is not there: somebody has deleted it, or it is another "
            f"account's. Remove {ledger.folder}, and run the same again."
        ) from None
    failed_addresses, job_id = 0, None
    if source.kind == "folder" and source.path is not None:
        log = ledger.folder / UPLOADED
        files = list_pictures(source.path)
        failures = upload_folder(project, files, source.path, given["label"], log)
        failed_addresses = sum(failures.values())
    else:
        job_id = ledger.begin("crawl", lambda key: _start_crawl(project, source, given, key))
        job = pixmill.Crawl(client, client.send(operations.crawls_get(job_id)))
        report = stages.attempt(ledger, ("crawl",), lambda: stages.crawl(job))
        failed_addresses = report["outcomes"].get("failed", 0)
        if failed_addresses and not report["outcomes"].get("downloaded"):
            ledger.forget("crawl")  # the next run may have a better list
            raise Refusal(
                f"No image came: {failed_addresses:,} failed. pixmill report {job_id} --failures "
                "says of each address why. Mend the source, and run the same again."
            )
        _validate(client, ledger, job, given)
    version = _freeze(client, ledger, project, name, job_id, given)
    wanted: Any = {"name": name, "format": format, "options": options}
    export_id = ledger.begin(
        "export",
        lambda key: client.send(
            operations.exports_create_for_version(version["id"], wanted),
            idempotency_key=key,
        )["id"],
    )
    export = stages.find_export(client, export_id)
    exported = stages.attempt(ledger, ("export",), lambda: stages.export(export))
    archive = ledger.folder / ARCHIVE / f"{name}.{format}"
    archive.parent.mkdir(exist_ok=True)
    if not archive.exists():
        stages.attempt(ledger, ("export",), lambda: stages.download(export, archive))
    _unpack(archive, ledger.folder, given)
    return {
        "out": str(out),
        "images": exported["exported_images"],
        "failed_addresses": failed_addresses,
        "failed_images": exported["failed_images"],
        "project_id": project_id,
        "crawl_job_id": job_id,
        "version_id": version["id"],
        "hash": version["hash"],
        "export_job_id": export_id,
        "splits": version["splits"],
        "warnings": list(dict.fromkeys([*version["warnings"], *exported["warnings"]])),
    }


def _start_crawl(project: pixmill.Project, source: Input, given: dict[str, Any], key: str) -> str:
    is_table = source.path is not None
    job = project.crawl(
        source.path or source.source,
        name="build",
        columns=name_columns(given) if is_table else None,
        options=make_crawl_options(given),
        idempotency_key=key,
    )
    return job.id


def _validate(
    client: pixmill.Client, ledger: Ledger, job: pixmill.Crawl, given: dict[str, Any]
) -> None:
    rules: Any = {rule: given[rule] for rule in _RULES if given.get(rule) is not None}
    if not rules:
        return
    call = operations.validations_create(job.id, {"name": "build", "rules": rules})
    validation_id = ledger.begin(
        "validation", lambda key: client.send(call, idempotency_key=key)["id"]
    )
    row = client.send(operations.validations_get(validation_id))
    validation = pixmill.Validation(client, row)
    stages.attempt(ledger, ("validation",), lambda: stages.validate(validation))


def _freeze(
    client: pixmill.Client,
    ledger: Ledger,
    project: pixmill.Project,
    name: str,
    job_id: str | None,
    given: dict[str, Any],
) -> dict[str, Any]:
    chosen: types.VersionFilter = {"crawl_job_id": job_id} if job_id else {}
    body: Any = {"name": name, "filter": chosen, **make_split(given)}
    call = operations.versions_create(project.id, body)
    version_id = ledger.begin("version", lambda key: client.send(call, idempotency_key=key)["id"])
    version = pixmill.Version(client, client.send(operations.versions_get(version_id)))
    return stages.attempt(ledger, ("version",), lambda: stages.version(version))


def _unpack(archive: Path, folder: Path, given: dict[str, Any]) -> None:
    target = folder / "unpacked"
    shutil.rmtree(target, ignore_errors=True)  # of a run that was interrupted here
    is_table = given["layout"] in TABLES
    if is_table or (given["layout"] == "webdataset" and not given["splits"]):
        target.mkdir()  # readers take these as they are
        shutil.copy(archive, target / archive.name)
        return
    stage = Stage("unpack")
    unpack(archive, target, lambda done, total: stage.update(done, total, "files"))
    stage.finish()
    if given["keep_archive"]:
        shutil.copy(archive, target / archive.name)

"""Export jobs: which images belong to one, the plan of its file, and how it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import ColumnElement, SQLColumnExpression, func, select, true
from sqlalchemy.orm import Session

from shared import __version__
from shared.crawls.queries import read_sources
from shared.errors import Conflict
from shared.exports.plan import ExportPlan
from shared.exports.rechecks import find_rechecks
from shared.exports.selection import select_job_images
from shared.images.selection import original
from shared.imaging import THUMBNAIL, Variant
from shared.imaging.formats import EXTENSIONS
from shared.models import (
    CrawlJob,
    DatasetVersion,
    ExportJob,
    Image,
    ImageVariant,
    Project,
    ValidationJob,
    VerificationResult,
    VersionImage,
)
from shared.schemas.exports import ExportJobRead, ExportOptions, RightsRecheck
from shared.states import LIVE
from shared.texts import make_slug

MAX_CLASSES = 10_000
_MAX_FILE_BYTES = 5 * 1024**4  # of an object of Cloud Storage
_ARCHIVES = ("zip", "tar")
_MAX_LISTED = 100
_MAX_FORMS = 5
_READ_EXTENSIONS = ("bmp", "gif", "jpg", "png", "tif", "tiff", "webp")


def read_export_job(session: Session, job: ExportJob, download_url: str | None) -> ExportJobRead:
    """Return the job as its owner sees it."""
    return _read(job, find_rechecks(session, [job.id]), download_url)


def read_export_jobs(
    session: Session, jobs: Sequence[ExportJob], most_failures: int
) -> list[ExportJobRead]:
    """Return jobs as a list has them, each with so many of its failures."""
    rechecks = find_rechecks(session, [job.id for job in jobs])
    return [_read(job, rechecks, None, most_failures) for job in jobs]


def _read(
    job: ExportJob,
    rechecks: Mapping[UUID, RightsRecheck],
    download_url: str | None,
    most_failures: int | None = None,
) -> ExportJobRead:
    return ExportJobRead.of(
        job,
        download_url=download_url,
        failures=job.failures[:most_failures],
        recheck=rechecks.get(job.id),
    )


def get_file_name(job: ExportJob) -> str:
    """Return what the export's file is called, in the bucket and where it is downloaded to."""
    return f"{make_slug(job.name)}.{job.format}"


def explain_emptiness(session: Session, job: ExportJob, options: ExportOptions) -> str:
    """Return why there is nothing to export."""
    found = "There is no image to export"
    others = options.model_copy(update={"include_invalid": True})
    images = select_job_images(job, others).with_only_columns(Image.id)
    if invalid := session.scalar(select(func.count()).select_from(images.subquery())):
        return f"{found}: all of them are invalid ({invalid})."
    status = session.scalar(select(CrawlJob.status).where(CrawlJob.id == job.crawl_job_id))
    if status in LIVE:
        return f"{found} yet: the crawl job has not ended."
    if status in ("failed", "cancelled"):
        return f"{found}: the crawl job {'failed' if status == 'failed' else 'was cancelled'}."
    return f"{found}."


def find_variant(session: Session, job: ExportJob, name: str) -> Variant | None:
    """Return how an export makes a variant that images lack, as the project knows it by its name.

    The crawl job's own wins, then that of the newest image, then that of the newest crawl job.
    """
    if name == THUMBNAIL.name:
        return THUMBNAIL
    asking = (
        select(CrawlJob.options["variants"])
        .where(
            CrawlJob.project_id == job.project_id,
            CrawlJob.options.contains({"variants": [{"name": name}]}),
        )
        .order_by(CrawlJob.id.desc())
        .limit(1)
    )
    made = (
        select(ImageVariant.spec)
        .join(Image)
        .where(Image.project_id == job.project_id, ImageVariant.name == name)
        .order_by(Image.id.desc())
        .limit(1)
    )
    asked = session.scalar(asking.where(CrawlJob.id == job.crawl_job_id))
    if asked is None and (spec := session.scalar(made)):
        return Variant.model_validate({"name": name, **spec})
    for variant in asked or session.scalar(asking) or ():
        if isinstance(variant, dict) and variant["name"] == name:
            return Variant.model_validate(variant)
    return None


def describe_specifications(
    session: Session, job: ExportJob, variant: Variant | None
) -> str | None:
    """Return what to say where the variant was made by several specifications; None for one.

    `variant` is made of images that lack it.
    """
    options = ExportOptions.model_validate(job.export_options)
    if options.variant is None:
        return None
    images = select_job_images(job, options).where(original().id.is_not(None))
    specs = images.with_only_columns(ImageVariant.spec).distinct().limit(_MAX_LISTED)
    found: dict[str, str] = {}
    for spec in session.scalars(specs):
        made = Variant.model_validate({"name": options.variant, **spec}) if spec else variant
        if made is not None:
            found[made.spec_hash] = made.summary
    if len(found) < 2:
        return None
    listed = "; ".join(sorted(found.values())[:_MAX_FORMS])
    return f"Images have the variant {options.variant} in {len(found)} forms: {listed}."


def check_file_size(session: Session, job: ExportJob) -> None:
    """Raise `Conflict` when the images of an archive are more than one object can hold.

    Of images that are given a size, nothing is known before.
    """
    options = ExportOptions.model_validate(job.export_options)
    if job.format not in _ARCHIVES or options.resize is not None:
        return
    size = func.sum(func.coalesce(ImageVariant.file_size, original().file_size))
    images = select_job_images(job, options).with_only_columns(size)
    if (total := session.scalar(images) or 0) > _MAX_FILE_BYTES:
        raise Conflict(
            f"Its images have {total / 1024**4:.1f} TiB, and a file in the bucket holds at most "
            f"{_MAX_FILE_BYTES // 1024**4} TiB: export crawl jobs one by one, or by resize or a "
            "variant."
        )


def find_classes(session: Session, job: ExportJob, recheck_id: UUID | None = None) -> list[str]:
    """Return the labels of an export's images in the order of their indexes.

    A class of which all images were withdrawn is none. Raises `Conflict` for an archive when they
    are more than 10,000; tables list the first.
    """
    options = ExportOptions.model_validate(job.export_options)
    text: SQLColumnExpression[str | None] = func.coalesce(Image.label, original().label)
    if job.version_id is not None:
        text = VersionImage.label
    # By bytes: the order of a locale may change with its library.
    label = text.collate("C").label("label")
    images = (
        select_job_images(job, options, recheck_id)
        .with_only_columns(label)
        .where(VerificationResult.outcome.is_distinct_from("opted_out"))
    )
    found = images.where(label.is_not(None)).distinct().order_by(label)
    labels = list(session.scalars(found.limit(MAX_CLASSES + 1)))
    if len(labels) > MAX_CLASSES and job.format in _ARCHIVES:
        raise Conflict(
            f"The images have more than {MAX_CLASSES} labels: readers do not take so many for "
            "classes. Put texts into captions, export crawl jobs one by one, or export a table."
        )
    return labels[:MAX_CLASSES]


def find_extension(session: Session, job: ExportJob, variant: Variant | None) -> str | None:
    """Return what names of images in an export end in, where they must all end in the same.

    `variant` is made of images that lack it.
    Readers of a webdataset take each ending for a field of its own, and know images by those of
    `_READ_EXTENSIONS`; which of these it is does not matter to them.
    """
    options = ExportOptions.model_validate(job.export_options)
    if options.layout != "webdataset":
        return None
    if options.resize is not None:
        resized = EXTENSIONS[options.resize.format]
        return resized if resized in _READ_EXTENSIONS else "jpg"
    images = select_job_images(job, options)
    name = original().file_path if options.variant is None else ImageVariant.object
    made = EXTENSIONS[variant.format] if variant else None
    ending: ColumnElement[str] = func.coalesce(func.substring(name, r"\.([^.]*)$"), made)
    if job.version_id is not None and options.variant is None:
        ending = VersionImage.record["extension"].astext
    found = session.scalars(images.with_only_columns(ending).distinct().limit(2)).all()
    return found[0] if len(found) == 1 and found[0] in _READ_EXTENSIONS else "jpg"


def make_plan(
    session: Session, job: ExportJob, classes: Sequence[str], extension: str | None
) -> ExportPlan:
    """Return the plan of an export; equal datasets and options give equal plans.

    That of a version says what was known when it was frozen.
    """
    more: dict[str, Any] = {}
    if job.version_id is None:
        described = describe_dataset(session, job.project_id, job.crawl_job_id)
    else:
        version = session.get_one(DatasetVersion, job.version_id)
        described = version.card
        more["dataset_version"] = {"name": version.name, "hash": version.hash}
    return ExportPlan(
        name=described["name"],
        format=job.format,  # type: ignore[arg-type] # the table's check allows these only
        options=ExportOptions.model_validate(job.export_options),
        labels=tuple(classes),
        extension=extension,
        sources=described["sources"],
        rules=described["rules"],
        version=described["pixmill_version"],
        **more,
    )


def describe_dataset(
    session: Session, project_id: UUID, crawl_job_id: UUID | None
) -> dict[str, Any]:
    """Return what exports say of all images of a project or a crawl job, as of now."""
    crawls = session.scalars(
        select(CrawlJob)
        .where(
            CrawlJob.project_id == project_id,
            CrawlJob.id == crawl_job_id if crawl_job_id else true(),
        )
        .order_by(CrawlJob.id)
    ).all()
    is_one = crawl_job_id is not None and crawls
    return {
        "name": crawls[0].name if is_one else session.get_one(Project, project_id).name,
        "sources": _list_sources(session, crawls[:_MAX_LISTED]),
        "rules": _list_rules(session, crawls),
        "pixmill_version": __version__,
    }


def _list_sources(session: Session, crawls: Sequence[CrawlJob]) -> list[JsonValue]:
    """Return where the images come from; of addresses only how many there are."""
    shown = read_sources(session, [crawl.id for crawl in crawls])
    sources: list[JsonValue] = []
    for crawl in crawls:
        source = {"crawl_job": crawl.name, **shown[crawl.id]}
        if (count := source.pop("url_count", None)) is not None:
            source["urls"] = count
        sources.append(source)
    return sources


def _list_rules(session: Session, crawls: Sequence[CrawlJob]) -> JsonValue:
    """Return the rules that each crawl job's images were last judged by."""
    rules: dict[str, JsonValue] = {}
    for crawl in crawls[:_MAX_LISTED]:
        latest = session.scalar(
            select(ValidationJob.validation_rules)
            .where(ValidationJob.crawl_job_id == crawl.id, ValidationJob.status == "completed")
            .order_by(ValidationJob.id.desc())
            .limit(1)
        )
        if latest is not None:
            rules[crawl.name] = latest
    return rules

"""What goes into an export's plan: names, classes, sources and rules, from the database."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from shared.crawls.queries import read_sources
from shared.exports.plan import Plan
from shared.exports.queries import exported
from shared.models import CrawlJob, ExportJob, Image, Project, ValidationJob
from shared.schemas.exports import ExportOptions

_MOST_CLASSES = 10_000
_MOST_LISTED = 100


def find_classes(session: Session, job: ExportJob) -> list[str]:
    """Return the labels of an export's images in the order of their indexes, at most 10,000."""
    options = ExportOptions.model_validate(job.export_options)
    images = exported(job.project_id, job.crawl_job_id, options).with_only_columns(Image.label)
    # By bytes: the order of a locale may change with its library.
    label = Image.label.collate("C")
    found = images.where(Image.label.is_not(None)).distinct().with_only_columns(label)
    return list(session.scalars(found.order_by(label).limit(_MOST_CLASSES)))


def make_plan(session: Session, job: ExportJob, classes: Sequence[str]) -> Plan:
    """Return the plan of an export; equal datasets and options give equal plans."""
    options = ExportOptions.model_validate(job.export_options)
    crawls = session.scalars(
        select(CrawlJob)
        .where(
            CrawlJob.project_id == job.project_id,
            CrawlJob.id == job.crawl_job_id if job.crawl_job_id else true(),
        )
        .order_by(CrawlJob.id)
    ).all()
    name = crawls[0].name if job.crawl_job_id and crawls else _project_name(session, job)
    return Plan(
        name=name,
        format=job.format,  # type: ignore[arg-type] # the table's check allows these only
        options=options,
        labels=tuple(classes),
        sources=_sources(session, crawls[:_MOST_LISTED]),
        rules=_rules(session, crawls),
    )


def _project_name(session: Session, job: ExportJob) -> str:
    return session.get_one(Project, job.project_id).name


def _sources(session: Session, crawls: Sequence[CrawlJob]) -> list[JsonValue]:
    """Where the images come from; of addresses only how many there are."""
    shown = read_sources(session, [crawl.id for crawl in crawls])
    sources: list[JsonValue] = []
    for crawl in crawls:
        source = {"crawl_job": crawl.name, **shown[crawl.id]}
        if (count := source.pop("url_count", None)) is not None:
            source["urls"] = count
        sources.append(source)
    return sources


def _rules(session: Session, crawls: Sequence[CrawlJob]) -> JsonValue:
    """Return the rules that each crawl job's images were last judged by."""
    rules: dict[str, JsonValue] = {}
    for crawl in crawls[:_MOST_LISTED]:
        latest = session.scalar(
            select(ValidationJob.validation_rules)
            .where(ValidationJob.crawl_job_id == crawl.id, ValidationJob.status == "completed")
            .order_by(ValidationJob.id.desc())
            .limit(1)
        )
        if latest is not None:
            rules[crawl.name] = latest
    return rules

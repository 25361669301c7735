"""Requests for analyses: one for each image and version, also under concurrency."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from shared.analyses.analyzers import Analyzer
from shared.messaging.messages import AnalysisJobRequested
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob, Image, ImageAnalysis
from shared.states import LIVE

_TRIES = 3


class RequestVanishedError(Exception):
    """A concurrent request for the same analysis ended or was deleted before it could be read."""


def write_requests(
    session: Session,
    analyzer: Analyzer,
    image_ids: Sequence[UUID],
    *,
    force: bool = False,
    analysis_job_id: UUID | None = None,
    version_id: UUID | None = None,
) -> list[UUID]:
    """Write pending analyses of those images that need one; return the ids of the new rows.

    An image needs none if this version of the analyzer has analysed it, or will. With `force` only
    an analysis that has not ended stands in the way, and the new row counts as a repetition. Of
    two requests that are written at the same time, the unique index lets one through; both ask for
    the same analysis.
    """
    earlier = aliased(ImageAnalysis)
    of_this_version = (
        earlier.image_id == Image.id,
        earlier.analyzer == analyzer.name,
        earlier.model_version == analyzer.version,
    )
    in_the_way = earlier.status.in_(LIVE) if force else earlier.status != "failed"
    repetition = (
        select(func.coalesce(func.max(earlier.repetition), 0) + 1)
        .where(*of_this_version, earlier.status != "failed")
        .scalar_subquery()
    )
    needed = select(
        Image.id,
        literal(analysis_job_id, ImageAnalysis.analysis_job_id.type),
        literal(version_id, ImageAnalysis.version_id.type),
        literal(analyzer.name),
        literal(analyzer.model_id, ImageAnalysis.model_id.type),
        literal(analyzer.version),
        repetition,
        literal("pending"),
    ).where(Image.id.in_(image_ids), ~exists().where(*of_this_version, in_the_way))
    statement = (
        insert(ImageAnalysis)
        .from_select(
            [
                "image_id",
                "analysis_job_id",
                "version_id",
                "analyzer",
                "model_id",
                "model_version",
                "repetition",
                "status",
            ],
            needed,
            include_defaults=False,
        )
        .on_conflict_do_nothing()
        .returning(ImageAnalysis.id)
    )
    return list(session.scalars(statement))


def find_latest_analysis(
    session: Session, analyzer: Analyzer, image_id: UUID
) -> ImageAnalysis | None:
    """Return the newest analysis of an image by this version that has not failed."""
    return session.scalar(
        select(ImageAnalysis)
        .where(
            ImageAnalysis.image_id == image_id,
            ImageAnalysis.analyzer == analyzer.name,
            ImageAnalysis.model_version == analyzer.version,
            ImageAnalysis.status != "failed",
        )
        .order_by(ImageAnalysis.repetition.desc())
        .limit(1)
    )


def request_analysis(
    session: Session,
    analyzer: Analyzer,
    image_id: UUID,
    *,
    force: bool = False,
    version_id: UUID | None = None,
) -> tuple[ImageAnalysis, bool]:
    """Return the analysis of one image, and whether this call asked for it.

    Raises `RequestVanishedError` when others' requests keep ending in between.
    """
    for _ in range(_TRIES):
        written = write_requests(session, analyzer, [image_id], force=force, version_id=version_id)
        found = find_latest_analysis(session, analyzer, image_id)
        if found is not None:
            return found, bool(written)
    raise RequestVanishedError


def start_analysis(
    session: Session,
    outbox: Outbox,
    crawl_job_id: UUID,
    analyzer: str,
    *,
    force: bool = False,
    for_crawl: bool = False,
    version_id: UUID | None = None,
) -> AnalysisJob:
    """Return the live job of this analyzer over a crawl job's images, started if need be.

    With `for_crawl` the crawl job waits for it.
    """
    for _ in range(_TRIES):
        written: AnalysisJob | None = session.scalar(
            insert(AnalysisJob)
            .values(
                crawl_job_id=crawl_job_id,
                version_id=version_id,
                analyzer=analyzer,
                force=force,
                for_crawl=for_crawl,
            )
            .on_conflict_do_nothing()
            .returning(AnalysisJob)
        )
        if written is not None:
            outbox.add(AnalysisJobRequested(analysis_job_id=written.id))
            return written
        one = (
            AnalysisJob.crawl_job_id == crawl_job_id,
            AnalysisJob.analyzer == analyzer,
            AnalysisJob.status.in_(LIVE),
        )
        found = select(AnalysisJob).where(*one)
        waited_for = update(AnalysisJob).where(*one).values(for_crawl=True).returning(AnalysisJob)
        live: AnalysisJob | None = session.scalar(waited_for if for_crawl else found)
        if live is not None:
            return live
    raise RequestVanishedError

"""Analyses of images, and jobs that ask one about many."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import JsonValue

from shared.schemas.fields import Fits, Id, JobStatus, Time
from shared.schemas.kinds import Input, ListQuery, Read

Analyzer = Annotated[
    str,
    Fits(
        r"(basic|gemini|model:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})",
        "must be basic, gemini or model: and a model's id",
    ),
]
AnalysisStatus = Literal["pending", "running", "completed", "failed"]


class AnalysisCreate(Input):
    """The analyzer to ask; with `force` again, even where this version has answered.

    `version_id` names the version of a dataset that holds what is analysed: of a crawl job's images
    only these are.
    """

    analyzer: Analyzer
    force: bool = False
    version_id: Id | None = None


class AnalysisQuery(ListQuery):
    """Filters of an image's analyses."""

    analyzer: Analyzer | None = None
    status: AnalysisStatus | None = None


class DetectedObject(Read):
    """An object that an analysis found in an image.

    `box` is left, top, width and height as shares of the picture as it is displayed, 0 to 1;
    `score` is null where the analyzer gives none.
    """

    label: str
    box: tuple[float, float, float, float]
    score: float | None


class AnalysisRead(Read):
    """One analysis of one image; `error` says why it failed, or what it waits for.

    `objects` is null where the analyzer gives no boxes, and empty where it found nothing.
    """

    id: UUID
    image_id: UUID
    version_id: UUID | None
    analysis_job_id: UUID | None
    analyzer: str
    model_version: str | None
    status: AnalysisStatus
    description: str | None
    labels: list[JsonValue]
    metrics: dict[str, JsonValue]
    objects: list[DetectedObject] | None
    processing_time_ms: float | None
    error_code: str | None
    error: str | None
    created_at: Time


class AnalysisJobQuery(ListQuery):
    """Filters of a job's analyses."""

    status: AnalysisStatus | None = None


class AnalysisJobRead(Read):
    """An analysis job; `skipped_images` had been, or were being, analysed by this version."""

    id: UUID
    crawl_job_id: UUID
    version_id: UUID | None
    analyzer: str
    model_version: str | None
    force: bool
    status: JobStatus
    progress: int
    total_images: int
    analyzed_images: int
    failed_images: int
    skipped_images: int
    error: str | None
    created_at: Time
    updated_at: Time
    started_at: Time | None
    completed_at: Time | None

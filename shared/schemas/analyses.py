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
"""State of an analysis."""


class AnalysisCreate(Input):
    """The analyzer to ask."""

    analyzer: Analyzer
    """Analyzer to ask: `basic`, `gemini`, or `model:` and the id of a registered model."""
    force: bool = False
    """Whether it is asked again where this version has answered."""
    version_id: Id | None = None
    """Version of a dataset that holds what is analysed; of a crawl job's images only these are."""


class AnalysisQuery(ListQuery):
    """Filters of an image's analyses."""

    analyzer: Analyzer | None = None
    """Only analyses by it: `basic`, `gemini`, or `model:` and a model's id."""
    status: AnalysisStatus | None = None
    """State to show alone; all states where it is left out."""


class DetectedObject(Read):
    """An object that an analysis found in an image."""

    label: str
    """Kind of thing that it is."""
    box: tuple[float, float, float, float]
    """Left, top, width and height as shares of the picture as it is displayed, 0 to 1."""
    score: float | None
    """Certainty, 0 to 1; null where the analyzer gives none."""


class AnalysisRead(Read):
    """One analysis of one image."""

    id: UUID
    image_id: UUID
    version_id: UUID | None
    analysis_job_id: UUID | None
    """Job that asked for it; null where a person asked about this image."""
    analyzer: str
    model_version: str | None
    status: AnalysisStatus
    """State of the analysis."""
    description: str | None
    """What the image shows, in words; null until it is completed, and where the analyzer writes
    none.
    """
    labels: list[JsonValue]
    """What was recognised, each with its `name` and `score`, 0 to 1; empty until it is completed.
    """
    metrics: dict[str, JsonValue]
    """What was measured, by name; which there are depends on the analyzer."""
    objects: list[DetectedObject] | None
    """Objects that were found, if any; null where the analyzer gives no boxes."""
    processing_time_ms: float | None
    """Milliseconds that it took; null until it has ended."""
    error_code: str | None
    error: str | None
    """Why it failed, or what it waits for, for a person; null otherwise."""
    created_at: Time


class AnalysisJobQuery(ListQuery):
    """Filters of a job's analyses."""

    status: AnalysisStatus | None = None
    """State to show alone; all states where it is left out."""


class AnalysisJobRead(Read):
    """An analysis job."""

    id: UUID
    crawl_job_id: UUID
    version_id: UUID | None
    analyzer: str
    model_version: str | None
    force: bool
    """Whether images are analysed again that this version has analysed."""
    status: JobStatus
    progress: int
    total_images: int
    analyzed_images: int
    """Number of images with a completed analysis."""
    failed_images: int
    skipped_images: int
    """Number of images that had been, or were being, analysed by this version."""
    error: str | None
    created_at: Time
    updated_at: Time
    started_at: Time | None
    completed_at: Time | None

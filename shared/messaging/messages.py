"""The messages that functions send each other. A message class owns its topic.

Messages carry ids and batches, never pixels. Who needs more reads it from the database by id.
That a job has ended is said for others: no function listens. Webhooks hear of it by rows that the
same transaction writes (`shared/webhooks/events.py`).
"""

from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.schemas.fields import Ending


class Message(BaseModel):
    """A message; its subclass names the topic, and a schedule or bucket prefix if that feeds it.

    `schedule` is a cron expression in UTC: the platform publishes an empty message at those times.
    `bucket_prefix`: the bucket publishes a message for each new object below that prefix.
    `slots`: work is shared out by account, of which so many are handled at a time at the most
    (`shared/messaging/fair_queue.py`); 0 where messages leave at once.
    """

    # A function takes one message and sends few: the validators of the others are never built.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    topic: ClassVar[str] = ""  # of a class that only others derive from
    schedule: ClassVar[str | None] = None
    bucket_prefix: ClassVar[str | None] = None
    slots: ClassVar[int] = 0

    def __init_subclass__(
        cls,
        *,
        topic: str = "",
        schedule: str | None = None,
        bucket_prefix: str | None = None,
        slots: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.topic = topic
        cls.schedule = schedule
        cls.bucket_prefix = bucket_prefix
        cls.slots = slots


class BucketEvent(Message):
    """An object is complete in the bucket (Cloud Storage's JSON_API_V1 notification payload)."""

    bucket: str
    name: str
    generation: int
    size: int
    content_type: str | None = Field(default=None, alias="contentType")


# Crawling


class CrawlRequested(Message, topic="crawl-requested"):
    """A crawl job waits to be planned."""

    crawl_job_id: UUID


class ChunkWaiting(Message):
    """A chunk of a crawl job waits for a worker of its kind."""

    crawl_job_id: UUID
    chunk_id: UUID


class ChunkReady(ChunkWaiting, topic="chunk-ready", slots=100):
    """A chunk of images waits to be fetched."""


class PageChunkReady(ChunkWaiting, topic="page-chunk-ready", slots=20):
    """A chunk of pages waits to be read for the images that they show."""


class VariantChunkReady(ChunkWaiting, topic="variant-chunk-ready", slots=50):
    """A chunk of images waits for the variants that its crawl job asks for."""


class ManifestChunkReady(ChunkWaiting, topic="manifest-chunk-ready", slots=20):
    """A part of a manifest waits to be read."""


class KeywordChunkReady(ChunkWaiting, topic="keyword-chunk-ready", slots=8):
    """A search by keywords waits to go a page further."""


class ManifestFinalized(BucketEvent, topic="manifest-finalized", bucket_prefix="manifests/"):
    """A client has put a manifest at the signed address that it was given."""


class WorkSettled(Message, topic="work-settled"):
    """A part of a crawl job has reached its final state: a chunk, its validation, an analysis."""

    crawl_job_id: UUID


class CrawlCompleted(Message, topic="crawl-completed"):
    """A crawl job has ended; said exactly once a run."""

    crawl_job_id: UUID
    status: Ending


# Images


class UploadFinalized(BucketEvent, topic="upload-finalized", bucket_prefix="uploads/"):
    """A client has put a file at the signed address that it was given."""


class VariantsRequested(Message, topic="variants-requested", slots=20):
    """Variants of stored images are wanted: each of these images in each of these forms."""

    project_id: UUID
    image_ids: list[UUID]
    variants: list[dict[str, Any]]


class Heir(BaseModel):
    """An image that took the place of others, with the variants and analyses that those had.

    Variants are as in `VariantsRequested`; of analyses `analyzer`, `model_id` and `model_version`.
    """

    image_id: UUID
    variants: list[dict[str, Any]]
    analyses: list[dict[str, Any]]


class OriginalsChanged(Message, topic="originals-changed"):
    """Images became the originals of others, and what those had is to be made of them."""

    project_id: UUID
    heirs: list[Heir]


# Validation, analysis, verification and export


class ValidationRequested(Message, topic="validation-requested", slots=80):
    """A validation job waits, or goes on after the image `after`."""

    validation_job_id: UUID
    after: UUID | None = None


class AnalysisJobRequested(Message, topic="analysis-job-requested", slots=80):
    """An analysis job waits to be planned, or goes on after the image `after`."""

    analysis_job_id: UUID
    after: UUID | None = None


class AnalysesWaiting(Message):
    """Analyses wait for the analyzer that they name; all of one, asked for by one job or person."""

    analysis_ids: list[UUID]
    analysis_job_id: UUID | None = None


class AnalysesRequested(AnalysesWaiting, topic="analyses-requested", slots=50):
    """Analyses wait for an analyzer that is built in."""


class ModelAnalysesRequested(AnalysesWaiting, topic="model-analyses-requested", slots=20):
    """Analyses wait for a registered model."""


class AnalysisJobCompleted(Message, topic="analysis-job-completed"):
    """An analysis job has ended."""

    analysis_job_id: UUID
    status: Ending


class VerificationRequested(Message, topic="verification-requested", slots=40):
    """A verification job waits to be planned, or goes on after the image `after`."""

    verification_job_id: UUID
    after: UUID | None = None


class VerificationChunkReady(Message, topic="verification-chunk-ready", slots=20):
    """A chunk of images waits for its origins to be asked again."""

    verification_job_id: UUID
    chunk_id: UUID


class VerificationJobCompleted(Message, topic="verification-job-completed"):
    """A verification job has ended; said exactly once a run."""

    verification_job_id: UUID
    status: Ending


class ExportRequested(Message, topic="export-requested", slots=5):
    """An export job waits to be planned."""

    export_job_id: UUID


class ExportPartReady(Message, topic="export-part-ready", slots=20):
    """A part of an export waits to be built."""

    export_job_id: UUID
    part_id: UUID


class ExportPartsBuilt(Message, topic="export-parts-built", slots=5):
    """All parts of an export are built; they wait to be joined."""

    export_job_id: UUID


class ExportCompleted(Message, topic="export-completed"):
    """An export job has ended."""

    export_job_id: UUID
    status: Literal["completed", "failed"]


class VersionRequested(Message, topic="version-requested", slots=20):
    """A version of a dataset waits to be frozen."""

    version_id: UUID


# Models


class ModelFinalized(BucketEvent, topic="model-finalized", bucket_prefix="models/"):
    """A client has put a model's file at the signed address that it was given."""


class PredictionRequested(Message, topic="prediction-requested", slots=80):
    """A prediction waits."""

    prediction_id: UUID


# Webhooks


class WebhookReady(Message, topic="webhook-ready"):
    """Something waits to be sent to a webhook."""

    webhook_id: UUID


# Upkeep


class ObjectsReleased(Message, topic="objects-released"):
    """Rows that named these objects are gone; what no row names any more can be deleted."""

    project_id: UUID | None = None
    names: list[str] = []
    prefixes: list[str] = []

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if self.names and self.project_id is None:
            raise ValueError("only within a project rows name single objects")
        return self


class RemovalRequested(Message, topic="removal-requested"):
    """An account, a project, or a crawl or verification job was deleted and has rows left."""

    user_id: UUID | None = None
    project_id: UUID | None = None
    crawl_job_id: UUID | None = None
    verification_job_id: UUID | None = None


class RelayDue(Message, topic="relay-due", schedule="* * * * *"):
    """Time to send what a crash left in the outbox."""


class SweepDue(Message, topic="sweep-due", schedule="* * * * *"):
    """Time to hand out work whose worker died."""


class SchedulesDue(Message, topic="schedules-due", schedule="* * * * *"):
    """Time to begin the crawls that are to be repeated by now."""


class ExpiryDue(Message, topic="expiry-due", schedule="17 * * * *"):
    """Time to remove what is past its retention."""


class PartitionDue(Message, topic="partition-due", schedule="23 3 * * *"):
    """Time to make the coming months' partitions, and to drop those past their retention."""


class RollUpDue(Message, topic="roll-up-due", schedule="* * * * *"):
    """Time to add up what was counted."""


class DeadLettered(Message, topic="dead-letter"):
    """A message that a function failed on too often (any topic's payload)."""

    model_config = ConfigDict(frozen=True, extra="allow")


def find_by_topic(topic: str) -> type[Message] | None:
    """Return the class that owns a topic, or None."""
    return next((cls for cls in _list_classes(Message) if topic and cls.topic == topic), None)


def find_by_bucket_prefix(name: str) -> type[Message] | None:
    """Return the class of the bucket events for an object of this name, or None."""
    return next(
        (
            cls
            for cls in _list_classes(Message)
            if cls.bucket_prefix and name.startswith(cls.bucket_prefix)
        ),
        None,
    )


def _list_classes(cls: type[Message]) -> list[type[Message]]:
    return [cls, *(one for child in cls.__subclasses__() for one in _list_classes(child))]


def list_shared() -> list[type[Message]]:
    """Return the classes of messages whose work is shared out by account."""
    return [cls for cls in _list_classes(Message) if cls.slots]

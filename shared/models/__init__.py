"""All tables, one class each."""

from shared.models.accounts import ApiKey, Profile, SignInCode, UserSession
from shared.models.activity import ActivityLog
from shared.models.analyses import AnalysisJob, ImageAnalysis
from shared.models.base import JOB_STATES, Base, new_id
from shared.models.call_counts import CallCount
from shared.models.crawls import CrawlChunk, CrawlJob, FetchFailure, FoundAddress
from shared.models.delivery import (
    DeadLetter,
    Delivery,
    IdempotencyKey,
    OutboxMessage,
    QueuedMessage,
)
from shared.models.exports import ExportJob, ExportPart
from shared.models.guesses import GuessCount, KnownPlace
from shared.models.hosts import CrawlHost, WebHost
from shared.models.images import Image
from shared.models.job_stats import JobStats
from shared.models.projects import Project
from shared.models.registry import Model, ModelAlias, Prediction
from shared.models.rights import RightsRecord, SiteFile
from shared.models.schedules import CrawlSchedule
from shared.models.sources import AddressRecord, DeletedImage, SourceListing
from shared.models.splits import SplitBlock
from shared.models.statistics import InputCount, PredictionCount, StorageCount
from shared.models.validations import ValidationJob, ValidationResult
from shared.models.variants import ImageVariant
from shared.models.verifications import VerificationChunk, VerificationJob, VerificationResult
from shared.models.versions import DatasetVersion, VersionImage, VersionRange
from shared.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "JOB_STATES",
    "ActivityLog",
    "AddressRecord",
    "AnalysisJob",
    "ApiKey",
    "Base",
    "CallCount",
    "CrawlChunk",
    "CrawlHost",
    "CrawlJob",
    "CrawlSchedule",
    "DatasetVersion",
    "DeadLetter",
    "DeletedImage",
    "Delivery",
    "ExportJob",
    "ExportPart",
    "FetchFailure",
    "FoundAddress",
    "GuessCount",
    "IdempotencyKey",
    "Image",
    "ImageAnalysis",
    "ImageVariant",
    "InputCount",
    "JobStats",
    "KnownPlace",
    "Model",
    "ModelAlias",
    "OutboxMessage",
    "Prediction",
    "PredictionCount",
    "Profile",
    "Project",
    "QueuedMessage",
    "RightsRecord",
    "SignInCode",
    "SiteFile",
    "SourceListing",
    "SplitBlock",
    "StorageCount",
    "UserSession",
    "ValidationJob",
    "ValidationResult",
    "VerificationChunk",
    "VerificationJob",
    "VerificationResult",
    "VersionImage",
    "VersionRange",
    "WebHost",
    "Webhook",
    "WebhookDelivery",
    "new_id",
]

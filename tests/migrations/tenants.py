"""Two people who own a row in every table."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, and_, func, inspect, select
from sqlalchemy.orm import Session

from shared.models import (
    ActivityLog,
    AddressRecord,
    AnalysisJob,
    ApiKey,
    Base,
    CrawlChunk,
    CrawlJob,
    CrawlSchedule,
    DatasetVersion,
    DeletedImage,
    ExportJob,
    ExportPart,
    FetchFailure,
    IdempotencyKey,
    Image,
    ImageAnalysis,
    ImageVariant,
    InputCount,
    JobStats,
    KnownPlace,
    Model,
    ModelAlias,
    Prediction,
    PredictionCount,
    Profile,
    Project,
    RightsRecord,
    SignInCode,
    StorageCount,
    UserSession,
    ValidationJob,
    ValidationResult,
    VerificationChunk,
    VerificationJob,
    VerificationResult,
    VersionImage,
    VersionRange,
    Webhook,
    WebhookDelivery,
    new_id,
)

# Tables that belong to nobody: work of the system.
SYSTEM_TABLES = {
    *("call_counts", "outbox", "deliveries", "dead_letters", "queued_messages"),
    *(
        "crawl_hosts",
        "found_addresses",
        "guess_counts",
        "hosts",
        "site_files",
        "source_listings",
        "split_blocks",
    ),
}


@dataclass(frozen=True)
class Tenant:
    """A person and the primary keys of the person's rows, by table."""

    id: UUID
    keys: dict[str, tuple[Any, ...]]

    def has(self, table: Table) -> Any:
        """Return the condition for the person's row of a table."""
        return and_(
            *(
                column == key
                for column, key in zip(table.primary_key, self.keys[table.name], strict=True)
            )
        )


def tenant(connection: Connection, email: str) -> Tenant:
    """Write a person with one row in every table that holds people's rows."""
    with Session(connection, join_transaction_mode="rollback_only") as session:
        user = Profile(email=email, hashed_password="x")
        project = Project(user=user, name="cats")
        job = CrawlJob(project=project, name="crawl")
        chunk = CrawlChunk(crawl_job=job, position=0)
        image = Image(crawl_job=job, original_url="http://example.org/a.jpg")
        model = Model(user=user, name="m", model_type="onnx", file_path=f"models/{email}")
        validation = ValidationJob(crawl_job=job, name="check")
        parents: list[Any] = [user, project, job, chunk, image, model, validation]
        session.add_all(parents)
        session.flush()
        verification = VerificationJob(project_id=project.id, name="again", max_distance=4)
        session.add(verification)
        session.flush()
        part = VerificationChunk(verification_job_id=verification.id, crawl_job_id=job.id)
        session.add(part)
        session.flush()
        version = DatasetVersion(project_id=project.id, name="v1")
        session.add(version)
        session.flush()
        parents += [verification, part, version]
        export = ExportJob(crawl_job_id=job.id, project_id=project.id, user_id=user.id, name="e")
        session.add(export)
        session.flush()
        webhook = Webhook(user_id=user.id, url="http://x", events=["e"], secret="s")
        session.add(webhook)
        session.flush()
        children = [
            webhook,
            UserSession(
                user_id=user.id,
                family=new_id(),
                refresh_hash=f"r-{email}",
                access_hash=f"a-{email}",
                access_expires_at=func.now(),
                expires_at=func.now() + dt.timedelta(days=1),
            ),
            SignInCode(user_id=user.id, code_hash=f"c-{email}", expires_at=func.now()),
            KnownPlace(user_id=user.id, mark=f"m-{email}"),
            ApiKey(user_id=user.id, prefix="pxk_", key_hash=f"k-{email}"),
            FetchFailure(crawl_job_id=job.id, chunk_id=chunk.id, url="http://x", reason="timeout"),
            RightsRecord(
                crawl_job_id=job.id,
                address="http://x/robots.txt",
                host="x",
                source="robots.txt",
                value="is not there",
                decision="allowed",
            ),
            AnalysisJob(crawl_job_id=job.id, analyzer="basic"),
            AddressRecord(
                project_id=project.id,
                address=bytes(32),
                sha256="0" * 64,
                phash=0,
                width=1,
                height=1,
            ),
            CrawlSchedule(
                project_id=project.id,
                name="s",
                source={},
                options={},
                seconds=3600,
                next_run_at=func.now(),
            ),
            DeletedImage(project_id=project.id, sha256="0" * 64),
            ModelAlias(user_id=user.id, name="m", alias="champion", model_id=model.id),
            StorageCount(user_id=user.id, day=dt.date(2026, 1, 31), images=1, bytes=1),
            ImageVariant(image_id=image.id, name="t", object="o", width=1, height=1, file_size=1),
            ImageAnalysis(image_id=image.id, analyzer="basic", model_id=model.id),
            JobStats(
                job_id="1",
                operation="x",
                user_id=user.id,
                image_id=image.id,
                crawl_job_id=job.id,
            ),
            ValidationResult(validation_job_id=validation.id, image_id=image.id, is_valid=True),
            VerificationResult(
                verification_job_id=verification.id,
                image_id=image.id,
                chunk_id=part.id,
                host="example.org",
                taken_at=func.now(),
            ),
            VersionImage(version_id=version.id, sha256=b"0" * 32, image_id=image.id),
            VersionRange(version_id=version.id, first=0, digest=b"", digests=bytes(8192)),
            export,
            ExportPart(export_job_id=export.id, until=image.id),
            ActivityLog(user_id=user.id, action="project.create"),
            Prediction(
                model_id=model.id, user_id=user.id, input_data={}, input_profile={"x": {"0": 1}}
            ),
            WebhookDelivery(webhook_id=webhook.id, event_id=new_id(), event="e"),
            IdempotencyKey(user_id=user.id, key=email, function="f", request_hash="h"),
        ]
        session.add_all(children)
        session.flush()
        keys = {
            row.__tablename__: tuple(inspect(row).identity or ()) for row in [*parents, *children]
        }
        counts: tuple[type[PredictionCount | InputCount], ...] = (PredictionCount, InputCount)
        for counted in counts:  # written by triggers
            row = session.scalars(select(counted).where(counted.user_id == user.id)).one()
            keys[counted.__tablename__] = tuple(inspect(row).identity or ())
        session.commit()
    return Tenant(keys["profiles"][0], keys)


def tables() -> list[Table]:
    """Every table that holds people's rows, parents first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in SYSTEM_TABLES]

"""The start of a validation job: its row and its first message."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.messaging.messages import ValidationRequested
from shared.messaging.outbox import Outbox
from shared.models import ValidationJob
from shared.schemas.validations import Rules


def start_validation(
    session: Session,
    outbox: Outbox,
    crawl_job_id: UUID,
    name: str,
    rules: Rules,
    *,
    for_crawl: bool = False,
) -> ValidationJob:
    """Write the job and the message that sets it to work; with `for_crawl` the crawl waits."""
    wanted: dict[str, Any] = rules.model_dump(mode="json", exclude_defaults=True)
    job = ValidationJob(
        crawl_job_id=crawl_job_id, name=name, validation_rules=wanted, for_crawl=for_crawl
    )
    session.add(job)
    session.flush()
    outbox.add(ValidationRequested(validation_job_id=job.id))
    return job

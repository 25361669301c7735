"""The subject of a class of messages, and statements for its owner that several share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, null, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.messaging.messages import Message
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Project

Owner = Select[*tuple[Any, ...]]  # one row: user_id, crawl_job_id, image_id


@dataclass(frozen=True)
class Subject:
    """The subject of a class of messages."""

    select_owner: Callable[[Any], Owner]
    fail: Callable[[Session, Any, str, Outbox], object] | None = None


Subjects = Mapping[type[Message], Subject]


def select_owner_of_job(crawl_job_id: InstrumentedAttribute[UUID], identity: Any) -> Owner:
    """Select the owner of a job on a crawl, by the job's column that names the crawl."""
    return (
        select(Project.user_id, crawl_job_id, make_null_id("image_id"))
        .join(CrawlJob, CrawlJob.id == crawl_job_id)
        .join(Project, Project.id == CrawlJob.project_id)
        .where(crawl_job_id.class_.id == identity)
    )


def make_null_id(name: str) -> Any:
    """Return a column of an owner that a subject has none of."""
    return type_coerce(null(), Uuid).label(name)

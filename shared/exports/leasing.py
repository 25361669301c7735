"""Parts of exports under leases: what a worker needs to build one, and the fence of its writes."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.exports.losses import count_death
from shared.exports.plan import ExportPlan
from shared.exports.queries import make_plan
from shared.exports.reading import ImageRange
from shared.exports.rechecks import find_rechecks
from shared.exports.recovery import recover_part
from shared.imaging import Variant
from shared.messaging.messages import ExportPartReady
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, ExportPart
from shared.storage.names import name_export_parts_folder


@dataclass(frozen=True)
class LeasedPart:
    """A part of an export under a lease; `variant` is how missing ones are made.

    `deaths` counts workers that died, by the position of the image (`shared.exports.losses`).
    Each worker writes below a prefix of its own. `splits` names the object that has the images'
    splits, if there are any.
    """

    id: UUID
    attempt: int  # the fencing token
    job_id: UUID
    prefix: str
    shard: str | None
    span: ImageRange
    plan: ExportPlan
    variant: Variant | None
    splits: str | None = None
    deaths: dict[str, int] = field(default_factory=dict)

    @property
    def object(self) -> str:
        """Name of this part's object, beside which lie its sections and its state."""
        return f"{self.prefix}part"

    @property
    def fence(self) -> tuple[Any, ...]:
        """The conditions of the part's row under which this worker may still write."""
        return (
            ExportPart.id == self.id,
            ExportPart.status == "running",
            ExportPart.attempts == self.attempt,
        )


def claim_part(
    session: Session, outbox: Outbox, ready: ExportPartReady, seconds: int
) -> LeasedPart | None:
    """Lease a message's part for so many seconds; recover it where it has lost its worker.

    Return None when it does not wait. A delivery that comes again after its worker died finds the
    lease run out.
    """
    part = lease_part(session, outbox, ready.part_id, seconds)
    if part is None:
        recover_part(session, outbox, ready.part_id)
    return part


def lease_part(session: Session, outbox: Outbox, part_id: UUID, seconds: int) -> LeasedPart | None:
    """Lease a part that waits, for so many seconds; None when it does not wait.

    None also where an image is given up over which workers died: a new message goes on without it,
    since deliveries of one are counted.
    """
    row = session.execute(
        select(ExportPart, ExportJob)
        .join(ExportJob, ExportJob.id == ExportPart.export_job_id)
        .where(
            ExportPart.id == part_id,
            ExportPart.status == "pending",
            ExportJob.status == "running",
        )
        .with_for_update(of=ExportPart)
    ).first()
    if row is None:
        return None
    part, job = row
    if count_death(part):
        outbox.add(ExportPartReady(export_job_id=job.id, part_id=part.id))
        return None
    part.status = "running"
    part.attempts += 1
    part.lease_expires_at = func.now() + timedelta(seconds=seconds)
    session.flush()
    state = job.state or {}
    recheck = state.get("recheck")
    return LeasedPart(
        id=part.id,
        attempt=part.attempts,
        job_id=job.id,
        prefix=f"{name_export_parts_folder(job.id)}{uuid4().hex[:12]}/",
        shard=part.shard,
        span=ImageRange(
            job.project_id,
            job.crawl_job_id,
            job.version_id,
            after=part.after,
            until=part.until,
            split=part.split,
            recheck_id=UUID(recheck) if recheck else None,
        ),
        plan=read_plan(session, job),
        variant=read_variant(job),
        splits=state.get("splits"),
        deaths=part.deaths,
    )


def read_plan(session: Session, job: ExportJob) -> ExportPlan:
    """Return the plan of an export that has been planned."""
    state = job.state or {}
    plan = make_plan(session, job, state["classes"], state.get("extension"))
    recheck = find_rechecks(session, [job.id]).get(job.id)
    found = state.get("categories")
    categories = None if found is None else tuple(found)
    return replace(plan, proof=state.get("proof"), recheck=recheck, categories=categories)


def read_variant(job: ExportJob) -> Variant | None:
    """Return the variant that is made of images which lack it, if the export is by one."""
    given = (job.state or {}).get("variant")
    return Variant.model_validate(given) if given else None

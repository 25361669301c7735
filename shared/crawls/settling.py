"""The end of a crawl job: once in each run, with final counters and a message that says so."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.crawls.chunks import end_chunks
from shared.crawls.queries import sum_chunks
from shared.crawls.work import count_work
from shared.messaging.messages import CrawlCompleted
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob, Image
from shared.schemas.fields import Ending
from shared.states import LIVE
from shared.webhooks.events import announce_end


def end_crawl_job(
    session: Session,
    outbox: Outbox,
    crawl_job_id: UUID,
    status: Ending,
    *,
    error: str | None = None,
) -> bool:
    """Move a live crawl job to its final state; return whether this call did.

    The change of state is a compare-and-set that holds the job's row, so whatever adds or settles
    chunks comes wholly before or after. Chunks that are still live end as cancelled.
    """
    ended = session.scalar(
        update(CrawlJob)
        .where(CrawlJob.id == crawl_job_id, CrawlJob.status.in_(LIVE))
        .values(status=status, error=error, completed_at=func.now())
        .returning(CrawlJob.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        return False
    reached = 100 if status == "completed" else sum_chunks(session, [ended])[ended].progress
    if status != "completed":
        detail = "The crawl job was cancelled." if error is None else error
        of_job = CrawlChunk.crawl_job_id == ended
        end_chunks(session, of_job, status="cancelled", reason="cancelled", detail=detail)
    session.execute(
        update(CrawlJob)
        .where(CrawlJob.id == ended)
        .values(
            progress=reached,
            work=count_work(session, ended).model_dump(mode="json"),
            **sum_chunks(session, [ended])[ended].to_columns(),
        )
        .execution_options(synchronize_session=False)
    )
    count_valid_images(session, ended)
    outbox.add(CrawlCompleted(crawl_job_id=ended, status=status))
    announce_end(session, outbox, "crawl_job", ended, status)
    return True


def count_valid_images(session: Session, crawl_job_id: UUID) -> None:
    """Write how many of a crawl job's originals are valid, and how many are not."""
    originals = select(func.count()).where(
        Image.crawl_job_id == crawl_job_id, Image.status == "completed", ~Image.is_duplicate
    )
    session.execute(
        update(CrawlJob)
        .where(CrawlJob.id == crawl_job_id)
        .values(
            valid_images=originals.where(Image.is_valid).scalar_subquery(),
            invalid_images=originals.where(~Image.is_valid).scalar_subquery(),
        )
        .execution_options(synchronize_session=False)
    )

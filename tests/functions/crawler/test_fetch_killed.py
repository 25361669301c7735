"""Workers that are really killed, by what they read: it alone fails."""

import os
import signal
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.crawls import download
from shared.imaging.inspection import inspect
from shared.messaging.messages import SweepDue
from shared.messaging.outbox import Envelope, claim_unsent
from shared.models import CrawlChunk, FetchFailure, OutboxMessage
from shared.services import services
from tests.harness import Mailbox, Person, System
from tests.sites import Site, allow_sites, photo

Start = Callable[..., str]


def deliver_apart(system: System, envelope: Envelope, poison: bytes) -> int:
    """Deliver a message in a process of its own, which decoding the poison kills.

    Return the signal that ended it, or 0.
    """
    built = services().built
    child = os.fork()
    if child == 0:
        try:
            mailbox = Mailbox()
            mailbox.broken = True  # messages stay in the outbox, where the parent finds them
            services().built |= {
                "publisher": mailbox,
                "settings": built["settings"],
                "addresses": built["addresses"],
            }

            def inspect_or_die(data: bytes, *more: object, **options: object) -> object:
                if data == poison:
                    os.kill(os.getpid(), signal.SIGKILL)
                return inspect(data, *more, **options)  # type: ignore[arg-type]

            vars(download)["inspect"] = inspect_or_die
            os._exit(0 if system.deliver(envelope) == [204] else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def take_unsent(system: System, session: Session) -> None:
    """Put into the mailbox what another process has left in the outbox."""
    session.rollback()
    left = claim_unsent(session, older_than_seconds=-60, limit=100)
    system.mailbox.publish(left)
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_([one.id for one in left]))
        .values(sent_at=func.now())
    )
    session.commit()


@pytest.mark.parametrize("place", [0, 3])
def test_a_poison_costs_only_itself(
    site: Site, start: Start, system: System, session: Session, person: Person, place: int
) -> None:
    poison = photo(20)
    urls = site.photos(3)
    urls.insert(place, site.put("/poison.jpg", poison))
    deaths = 0
    with allow_sites(site, crawl_host_lease=1):
        job_id = start(urls)
        while waiting := system.mailbox.take():
            for envelope in waiting:
                if envelope.topic != "chunk-ready":
                    system.deliver(envelope)
                elif deliver_apart(system, envelope, poison) == signal.SIGKILL:
                    deaths += 1
                    session.execute(
                        update(CrawlChunk)
                        .where(CrawlChunk.status == "running")
                        .values(lease_expires_at=func.now() - text("interval '1 second'"))
                    )
                    session.commit()
                    system.send(SweepDue())
            take_unsent(system, session)
            assert deaths < 10, "it goes on for ever"
    assert deaths == 2 + 2  # a chunk of 4 and its half, and twice alone
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"], job["failed_images"]) == ("completed", 3, 1)
    failure = session.scalars(select(FetchFailure)).one()
    assert (failure.url, failure.reason) == (urls[place], "killed_its_worker")

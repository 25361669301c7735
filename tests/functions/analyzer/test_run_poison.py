"""Analyses that kill their worker: batches grow smaller until such a one is alone."""

from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.analyses.analyzers import Analyzer
from shared.analyses.requests import write_requests
from shared.analyses.work import BATCH, count_after_loss, lease_tasks, send_requests
from shared.database.transactions import transaction
from shared.messaging.messages import SweepDue
from shared.models import ImageAnalysis
from shared.runtime.unit_of_work import unit_of_work
from shared.services import services
from shared.states import MAX_LEASES
from tests import factories
from tests.harness import Person, System


def test_batches_shrink_to_one_before_the_last_lease() -> None:
    sizes = [count_after_loss(attempts) for attempts in range(MAX_LEASES)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (BATCH, 1)


def test_a_poison_costs_only_itself(system: System, session: Session, person: Person) -> None:
    project = factories.project(session, person.id)
    images = [factories.store_image(session, project) for _ in range(20)]
    analyzer = Analyzer("basic", "1", None)
    with unit_of_work(None) as (inner, outbox):
        ids = write_requests(inner, analyzer, [one.id for one in images])
        send_requests(outbox, analyzer.name, ids, None)
    poison, deaths = str(ids[7]), 0
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if poison not in envelope.body.get("analysis_ids", ()):
                system.deliver(envelope)
                continue
            deaths += 1  # as a worker does that is killed: leased, and never heard of again
            with transaction(services().engine) as worker:
                assert lease_tasks(worker, [UUID(one) for one in envelope.body["analysis_ids"]], 60)
            session.execute(
                update(ImageAnalysis)
                .where(ImageAnalysis.status == "running")
                .values(lease_expires_at=func.now() - text("interval '1 second'"))
            )
            session.commit()
            system.send(SweepDue())
        assert deaths <= MAX_LEASES, "it goes on for ever"
    session.rollback()
    rows = {row.id: row for row in session.scalars(select(ImageAnalysis))}
    failed = [row for row in rows.values() if row.status != "completed"]
    assert [(str(row.id), row.status, row.error_code) for row in failed] == [
        (poison, "failed", "killed_its_worker")
    ]
    assert deaths == MAX_LEASES

"""Finishing an export: only once all of its parts are built."""

from uuid import UUID

from shared.messaging.messages import ExportPartsBuilt
from tests.functions.exports.conftest import Dataset, download
from tests.harness import Person, System


def test_nothing_is_joined_before_all_parts_are_built(
    system: System, person: Person, dataset: Dataset
) -> None:
    body = {"name": "e", "format": "zip"}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    system.deliver(system.mailbox.take()[0])
    waiting = system.mailbox.take()
    system.send(ExportPartsBuilt(export_job_id=UUID(job["id"])))
    (early,) = system.mailbox.take()
    assert system.deliver(early) == [204]
    assert person.get(f"/v1/export-jobs/{job['id']}")["status"] == "running"
    for one in waiting:
        system.deliver(one)
    system.drain()
    download(person.get(f"/v1/export-jobs/{job['id']}"))

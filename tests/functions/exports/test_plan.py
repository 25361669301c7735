"""Planning an export: its parts are cut once, and its images are those of that moment."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.exports import planning
from shared.models import ExportPart
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System, in_parallel


def begin(person: Person, dataset: Dataset, **options: Any) -> str:
    body = {"name": "e", "format": "tar", "options": options}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    return str(job["id"])


def test_a_message_that_comes_several_times_plans_once(
    system: System, person: Person, dataset: Dataset, session: Session
) -> None:
    begin(person, dataset)
    (event,) = system.mailbox.take()
    in_parallel([lambda: system.deliver(event)] * 3)
    assert session.scalar(select(func.count()).select_from(ExportPart)) == 1


def test_images_that_come_later_do_not_belong_to_it(
    system: System, person: Person, dataset: Dataset, session: Session
) -> None:
    job_id = begin(person, dataset)
    system.deliver(system.mailbox.take()[0])
    factories.store_image(session, dataset.crawl, label="late")
    system.drain()
    job = person.get(f"/v1/export-jobs/{job_id}")
    download(job)
    assert job["exported_images"] == 3


def test_too_many_shards_are_refused(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_SHARDS", 0)
    job = export("tar", layout="webdataset", shard_bytes=2**20)
    assert job["status"] == "failed"
    assert "choose a larger shard_bytes" in job["error"]

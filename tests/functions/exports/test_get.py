"""Showing an export and the way to its file."""

import requests
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.messaging.messages import ExpiryDue
from shared.models import ExportJob
from shared.services import services
from tests.functions.exports.conftest import Export, download
from tests.harness import Person, System


def test_every_look_signs_an_address_afresh(person: Person, export: Export) -> None:
    job = export("zip")
    again = person.get(f"/v1/export-jobs/{job['id']}")
    assert download(job) == download(again)
    answer = requests.get(job["download_url"], timeout=10)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-pets.zip"'
    assert answer.headers["Content-Type"] == "application/zip"


def test_an_expired_file_is_gone(
    system: System, person: Person, session: Session, export: Export
) -> None:
    job = export("tar")
    assert job["expires_at"] > job["updated_at"]
    session.execute(update(ExportJob).values(expires_at=job["created_at"]))
    session.commit()
    system.send(ExpiryDue())
    system.drain()
    shown = person.get(f"/v1/export-jobs/{job['id']}")
    assert (shown["status"], shown["download_url"]) == ("completed", None)
    assert (shown["sha256"], shown["expires_at"]) == (job["sha256"], job["created_at"])
    assert requests.get(job["download_url"], timeout=10).status_code == 404
    assert services().storage.list_names(f"exports/{job['id']}/") == []

"""Deleting an export."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.exports.archives import ArchiveWriter
from shared.services import services
from tests.functions.exports.conftest import Dataset, Export
from tests.harness import Person, System, expect


def test_row_and_file_go(system: System, person: Person, export: Export) -> None:
    job = export()
    prefix = f"exports/{job['id']}/"
    assert len(services().storage.list_names(prefix)) == 1
    path = f"/v1/export-jobs/{job['id']}"
    assert person.request("DELETE", path).status_code == 204
    expect(person.request("GET", path), 404)
    expect(person.request("DELETE", path), 404)
    system.drain()
    assert services().storage.list_names(prefix) == []


def test_one_that_has_not_begun(
    system: System, person: Person, session: Session, dataset: Dataset
) -> None:
    body = {"name": "e", "format": "zip"}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    assert person.request("DELETE", f"/v1/export-jobs/{job['id']}").status_code == 204
    system.drain()
    assert set(system.statuses) == {204}
    assert services().storage.list_names(f"exports/{job['id']}/") == []


@pytest.mark.parametrize("full", [False, True], ids=["at its end", "between two parts"])
def test_one_that_is_being_built(
    system: System,
    person: Person,
    session: Session,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    full: bool,
) -> None:
    body = {"name": "e", "format": "tar"}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    system.deliver(system.mailbox.take()[0])
    (event,) = system.mailbox.take()
    add = ArchiveWriter.add

    def meanwhile(writer: ArchiveWriter, *given: Any) -> None:
        if person.request("DELETE", f"/v1/export-jobs/{job['id']}").status_code == 204:
            system.deliver(system.mailbox.take()[0])  # the removal of what there is so far
        add(writer, *given)

    with monkeypatch.context() as patch:
        patch.setattr(ArchiveWriter, "add", meanwhile)
        bound = 0 if full else services().settings.export_gathered_bytes
        settings = replace(services().settings, export_gathered_bytes=bound)
        patch.setitem(services().built, "settings", settings)
        assert system.deliver(event) == [204]
    system.drain()
    assert services().storage.list_names(f"exports/{job['id']}/") == []
    assert "export-completed" not in system.mailbox.topics()

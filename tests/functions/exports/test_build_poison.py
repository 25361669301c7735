"""Exports of images over which workers die: each is found and named, and the rest exported."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.exports import losses
from shared.exports.entries import ExportImage
from shared.exports.making import Resizer, VariantMaker
from tests.functions.exports.conftest import Dataset
from tests.harness import Person, System

SMALL: dict[str, Any] = {"name": "small", "width": 16, "height": 16, "format": "png"}
_DELIVERIES = 5

Poison = Callable[..., None]


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """Let workers die over some images, so many times: the dead take no note back."""

    def set_up(ids: set[str], times: int = 1000) -> None:
        left = dict.fromkeys(ids, times)
        write = losses.write_note

        def kill_over(make: Callable[..., Any]) -> Callable[..., Any]:
            def die(maker: object, image: ExportImage, data: bytes) -> Any:
                if left.get(str(image.entry.id)):
                    left[str(image.entry.id)] -= 1
                    raise RuntimeError("killed")
                return make(maker, image, data)

            return die

        def note(engine: Any, fence: Any, making: UUID | None) -> None:
            if making is not None:
                write(engine, fence, making)

        for maker in (VariantMaker, Resizer):
            monkeypatch.setattr(maker, "make", kill_over(maker.make))
        monkeypatch.setattr(losses, "write_note", note)

    return set_up


@pytest.fixture
def export(
    system: System, person: Person, dataset: Dataset, session: Session
) -> Callable[..., Any]:
    """Export the dataset, by a variant if not told otherwise.

    A message that fails comes again, five times in all.
    """
    session.merge(dataset.crawl).options = {"variants": [SMALL]}
    session.commit()

    def run(**options: Any) -> Any:
        body = {"name": "Pets", "format": "zip", "options": options or {"variant": "small"}}
        path = f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs"
        job = person.post(path, body, 202)
        while waiting := system.mailbox.take():
            for envelope in waiting:
                for attempt in range(_DELIVERIES):
                    if system.deliver(envelope, attempt=attempt + 1) in ([204], []):
                        break
                else:
                    system.dead_letter(envelope, "exports-build")
        return person.get(f"/v1/export-jobs/{job['id']}")

    return run


def counts(job: Any) -> tuple[str, int, int, int]:
    return job["status"], job["total_images"], job["exported_images"], job["failed_images"]


@pytest.mark.parametrize("names", [("first",), ("dog",), ("first", "second"), ("second", "dog")])
def test_what_kills_workers_is_named_and_the_rest_exported(
    export: Callable[..., Any], poison: Poison, dataset: Dataset, names: tuple[str, ...]
) -> None:
    ids = dataset.ids(*names)
    poison(ids)
    job = export()
    assert counts(job) == ("completed", 3, 3 - len(ids), len(ids))
    assert {one["image_id"] for one in job["failures"]} == ids
    assert {one["reason"] for one in job["failures"]} == {"killed_its_worker"}
    assert f"killed_its_worker: {len(ids)}" in job["error"]


def test_what_kills_workers_while_it_is_resized_is_named_too(
    export: Callable[..., Any], poison: Poison, dataset: Dataset
) -> None:
    poison(dataset.ids("second"))
    job = export(resize={"width": 8, "height": 8})
    assert counts(job) == ("completed", 3, 2, 1)
    assert job["failures"][0]["reason"] == "killed_its_worker"


def test_one_death_is_no_fault_of_the_image(
    export: Callable[..., Any], poison: Poison, dataset: Dataset
) -> None:
    poison(dataset.ids("first", "second", "dog"), times=1)
    assert counts(export()) == ("completed", 3, 3, 0)


def test_nothing_is_left_where_all_kill(
    export: Callable[..., Any], poison: Poison, dataset: Dataset
) -> None:
    poison(dataset.ids("first", "second", "dog"))
    job = export()
    assert counts(job) == ("failed", 3, 0, 3)
    assert "killed_its_worker: 3" in job["error"]


def test_an_error_that_passes_blames_nobody(
    export: Callable[..., Any],
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make, failures = VariantMaker.make, iter(range(4))

    def fail(maker: VariantMaker, image: ExportImage, data: bytes) -> Any:
        if next(failures, None) is not None:
            raise ConnectionError("the bucket does not answer")
        return make(maker, image, data)

    monkeypatch.setattr(VariantMaker, "make", fail)
    assert counts(export()) == ("completed", 3, 3, 0)

"""Analyses, and numbers about quality, as columns of exports."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.exports.entries import QUALITY, to_row, to_typed_row
from shared.exports.findings import read_findings
from shared.exports.reading import ImageRange, read_contents
from shared.models import Image, ImageAnalysis, Project
from shared.schemas.exports import ExportOptions
from shared.services import services
from tests import factories
from tests.harness import Person
from tests.shared.exports.building import photographs

Say = Callable[..., None]


@pytest.fixture
def image(person: Person, session: Session) -> Image:
    quality = {"sharpness": 1.5, "brightness": 0.25, "darkness": 0.0, "uniformity": None}
    return factories.image(session, factories.project(session, person.id), **quality)


@pytest.fixture
def say(session: Session, image: Image) -> Say:
    def run(analyzer: str, description: str | None, repetition: int = 1, **columns: Any) -> None:
        session.add(
            ImageAnalysis(
                image_id=image.id,
                analyzer=analyzer,
                model_version="1",
                repetition=repetition,
                description=description,
                labels=[{"name": "sharp", "score": 0.9}],
                metrics={"contrast": 0.2},
                **columns,
            )
        )
        session.commit()

    return run


def test_the_last_that_each_analyzer_said(session: Session, image: Image, say: Say) -> None:
    say("basic", "first")
    say("basic", "last", 2)
    say("basic", None, 3, status="failed")
    say("gemini", "a cat")
    found = read_findings(session, [image.id])[image.id]
    assert {name: one["description"] for name, one in found.items()} == {
        "basic": "last",
        "gemini": "a cat",
    }
    assert found["basic"]["labels"] == [{"name": "sharp", "score": 0.9}]
    assert read_findings(session, []) == {}


def test_objects_are_there_where_an_analyzer_gives_boxes(
    session: Session, image: Image, say: Say
) -> None:
    seen = [{"label": "cat", "box": [0.0, 0.0, 0.5, 1.0], "score": None}]
    say("basic", "sharp")
    say("gemini", "a cat", objects=seen)
    found = read_findings(session, [image.id])[image.id]
    assert found["gemini"]["objects"] == seen
    assert "objects" not in found["basic"]


def test_rows_have_them(session: Session, image: Image, say: Say) -> None:
    say("basic", "sharp")
    project = session.get_one(Project, image.project_id)
    span = ImageRange(project.id, None, None, None, image.id)
    engine, storage = services().engine, services().storage
    for include in (True, False):
        options = ExportOptions(include_metadata=include)
        ((found, _),) = read_contents(engine, storage, span, options, bytes_wanted=False)
        row = to_row(found.entry, "a.png")
        assert [row[name] for name in QUALITY] == [1.5, 0.25, 0.0, None]
        said = json.loads(str(row["analyses"] or "{}"))
        assert said.get("basic", {}).get("metrics") == ({"contrast": 0.2} if include else None)


def test_unknown_numbers_keep_their_type() -> None:
    row = to_typed_row(to_row(photographs()[0][0], "a.png"))
    assert {row[name] for name in QUALITY} == {-1.0}
    assert row["analyses"] == ""

"""SCHEMA.md says what the models say, schema.sql what migrations do, and drift is noticed."""

from pathlib import Path

import pytest

from migrations import document
from shared.models import Base


def test_the_document_is_up_to_date() -> None:
    assert document.main(["--check"]) == 0


@pytest.mark.parametrize("name", ["DOCUMENT", "SCHEMA"])
def test_drift_fails_the_check_until_it_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(document, name, tmp_path / "new")
    assert document.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert document.main([]) == 0
    assert document.main(["--check"]) == 0


def test_everything_is_in_it() -> None:
    text = document.schema()
    for table in Base.metadata.tables.values():
        assert f"## {table.name}\n\n{table.comment}" in text
        for index in table.indexes:
            assert f"| {index.name} | " in text
    assert "projects ||--o{ crawl_jobs : project_id" in text
    assert "images |o--o{ images : duplicate_of" in text

"""Exported originals say nothing of place and owner, unless somebody wants them to."""

import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Image
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.shared.imaging.containers.test_stripping import SECRET, TELLING

FORMATS = {"jpeg": "jpeg", "png": "png", "webp": "webp", "avif": "avif", "tiff": "tiff"}


@pytest.fixture
def telling(dataset: Dataset, session: Session) -> dict[str, Image]:
    """Images whose files tell all there is, by the name of their format."""
    return {
        name: factories.store_image(
            session,
            dataset.crawl,
            data=TELLING[name](),
            format=name,
            file_path=f"images/telling/{name}.{name}",
        )
        for name in FORMATS
    }


def read(job: Any) -> tuple[dict[str, bytes], list[dict[str, Any]], str]:
    with zipfile.ZipFile(io.BytesIO(download(job))) as archive:
        lines = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
        files = {str(line["image_id"]): archive.read(line["file_name"]) for line in lines}
        return files, lines, archive.read("README.md").decode()


def test_originals_lose_what_they_say(export: Export, telling: dict[str, Image]) -> None:
    files, lines, readme = read(export())
    rows = {line["image_id"]: line for line in lines}
    for image in telling.values():
        content, row = files[str(image.id)], rows[str(image.id)]
        assert SECRET not in content
        assert row["file_size"] == len(content)
        assert row["sha256"] == image.sha256
        assert row["left_out"]
    assert f"{len(telling)} images lack parts of their files" in readme


def test_unless_they_are_to_keep_it(export: Export, telling: dict[str, Image]) -> None:
    files, lines, _ = read(export(keep_metadata=True))
    for name, image in telling.items():
        assert files[str(image.id)] == TELLING[name]()
    assert {line["left_out"] for line in lines} == {""}
    resized = read(export(keep_metadata=True, resize={"width": 9, "height": 9}))[0]
    assert SECRET in resized[str(telling["jpeg"].id)]

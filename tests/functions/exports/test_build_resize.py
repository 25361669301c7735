"""Exports in one size: what no picture can be made of is named, and nothing is stored beside."""

import io
import json
import tarfile
import zipfile
from typing import Any

import pytest
from PIL import Image as Pillow
from pyarrow import parquet as pq
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import ImageVariant
from shared.services import services
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.shared.imaging.photographs import encode_image

COVER: dict[str, Any] = {"width": 20, "height": 24, "mode": "cover"}
MIXED = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")


@pytest.fixture
def mixed(dataset: Dataset, session: Session) -> Dataset:
    """The dataset, with an image in each format more."""
    for number, kind in enumerate(MIXED):
        data = factories.picture(number, (40 + number, 30), kind)
        path = f"images/mixed/{number}.{kind.lower()}"
        columns = {"format": kind.lower(), "label": "owl", "file_path": path}
        factories.store_image(session, dataset.crawl, data=data, **columns)
    return dataset


def test_all_images_of_a_zip_have_the_size(
    export: Export, mixed: Dataset, session: Session
) -> None:
    job = export("zip", resize=COVER)
    with zipfile.ZipFile(io.BytesIO(download(job))) as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg")]
        images = [Pillow.open(archive.open(name)) for name in names]
        lines = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
        sizes = {name: archive.getinfo(name).file_size for name in names}
    assert {(image.size, image.mode, image.format) for image in images} == {
        ((20, 24), "RGB", "JPEG")
    }
    assert {line["file_name"]: line["file_size"] for line in lines} == sizes
    assert len(names) == job["exported_images"] == 3 + len(MIXED)
    assert {(line["width"], line["height"], line["format"]) for line in lines} == {(20, 24, "jpeg")}
    assert job["export_options"]["resize"] | COVER == job["export_options"]["resize"]
    made = select(func.count()).select_from(ImageVariant)
    assert session.scalar(made.where(ImageVariant.name != "thumbnail")) == 0


def test_a_webdataset_of_mixed_formats(export: Export, mixed: Dataset) -> None:
    file = download(export("tar", layout="webdataset", resize=COVER | {"format": "webp"}))
    with tarfile.open(fileobj=io.BytesIO(file)) as archive:
        pictures = [archive.extractfile(one) for one in archive if one.name.endswith(".webp")]
        endings = {one.name.rpartition(".")[2] for one in archive}
        assert {Pillow.open(one).size for one in pictures if one} == {(20, 24)}
    assert (len(pictures), endings) == (10, {"webp", "json", "txt", "cls"})


def test_parquet_files_for_hugging_face(export: Export, mixed: Dataset) -> None:
    with zipfile.ZipFile(
        io.BytesIO(download(export("zip", layout="huggingface", resize=COVER)))
    ) as archive:
        rows = pq.read_table(io.BytesIO(archive.read("data/train-00000.parquet"))).to_pylist()
    assert {Pillow.open(io.BytesIO(row["image"]["bytes"])).size for row in rows} == {(20, 24)}
    assert [row["label"] for row in rows] == [0, 0, 1] + [2] * len(MIXED)


def test_formats_that_folder_readers_pass_over_are_named(export: Export, mixed: Dataset) -> None:
    warnings = export("zip")["warnings"]
    assert [one.partition(")")[0] for one in warnings] == ["Images in AVIF (1", "Images in GIF (1"]
    assert all("resize" in one for one in warnings)
    assert export("zip", resize=COVER)["warnings"] == []
    assert export("zip", layout="huggingface")["warnings"] == []


def test_boxes_leave_out_the_padding(export: Export) -> None:
    resize = {"width": 32, "height": 32, "mode": "pad"}  # of pictures of 64 by 48
    with zipfile.ZipFile(
        io.BytesIO(download(export("zip", layout="coco", resize=resize)))
    ) as archive:
        document = json.loads(archive.read("annotations/images.json"))
    assert {(one["width"], one["height"]) for one in document["images"]} == {(32, 32)}
    assert {tuple(one["bbox"]) for one in document["annotations"]} == {(0, 4, 32, 24)}
    assert {one["area"] for one in document["annotations"]} == {32 * 24}
    assert document["annotations"][0]["segmentation"] == [[0, 4, 32, 4, 32, 28, 0, 28]]


def test_what_cannot_be_resized_is_left_out_and_named(
    export: Export, dataset: Dataset, session: Session
) -> None:
    broken = encode_image(Pillow.new("RGB", (400, 300)), "PNG")[:200]
    name = dataset.images["dog"].file_path or ""
    services().storage.delete([name])
    services().storage.put_once(name, broken, "image/png")
    job = export("zip", resize=COVER)
    assert (job["total_images"], job["exported_images"], job["failed_images"]) == (3, 2, 1)
    (failure,) = job["failures"]
    assert {failure["image_id"]} == dataset.ids("dog")
    assert f"{failure['reason']}: 1" in job["error"]

"""Exports as COCO describes data, as `pycocotools` reads them."""

import contextlib
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import SPLITS, build, in_formats, photographs, split

pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # pycocotools

LABELS = ("coffee cup", "street cat")


def extract(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def load(annotations: Path) -> Any:
    """Return a document as `pycocotools` indexes it, without what it prints."""
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(annotations))


def score(truth: Any, found: list[dict[str, Any]]) -> list[float]:
    """Return the twelve figures of COCO's evaluation of boxes."""
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(one) for one in evaluation.stats]


def test_pycocotools_reads_images_sizes_and_categories(tmp_path: Path) -> None:
    chosen = split(in_formats("JPEG", "PNG", "WEBP", count=30), SPLITS)
    chosen = [
        (replace(entry, label=LABELS[n % 2] if n % 5 else None), content)
        for n, (entry, content) in enumerate(chosen)
    ]
    options = ExportOptions(layout="coco", splits=SPLITS)
    folder = extract(build(ExportPlan("p", "zip", options, LABELS), chosen, 3), tmp_path)
    counts = Counter(entry.split for entry, _ in chosen)
    for name in SPLITS:
        truth = load(folder / "annotations" / f"{name}.json")
        expected = {entry.sha256[:32]: entry for entry, _ in chosen if entry.split == name}
        assert len(truth.getImgIds()) == counts[name]
        assert [one["name"] for one in truth.loadCats(truth.getCatIds())] == list(LABELS)
        for image in truth.loadImgs(truth.getImgIds()):
            entry = expected.pop(Path(image["file_name"]).stem)
            assert (image["width"], image["height"]) == (entry.width, entry.height)
            annotations = truth.loadAnns(truth.getAnnIds(imgIds=image["id"]))
            labels = [truth.cats[one["category_id"]]["name"] for one in annotations]
            assert labels == [entry.label] * bool(entry.label)
            for one in annotations:
                assert truth.annToMask(one).shape == (entry.height, entry.width)
                assert truth.annToMask(one).all()
        assert expected == {}
        found = [
            {"image_id": one["image_id"], "category_id": one["category_id"], "score": 1.0}
            | {"bbox": one["bbox"]}
            for one in truth.anns.values()
        ]
        assert score(truth, found)[0] == pytest.approx(1)


def test_coco_gives_images_their_categories(tmp_path: Path) -> None:
    chosen = split(photographs(), SPLITS)
    options = ExportOptions(layout="coco", splits=SPLITS)
    folder = extract(build(ExportPlan("photographs", "zip", options, LABELS), chosen, 3), tmp_path)

    labels: dict[str, str | None] = {}
    for name in SPLITS:
        document = json.loads((folder / "annotations" / f"{name}.json").read_bytes())
        categories = {each["id"]: each["name"] for each in document["categories"]}
        classes = {a["image_id"]: categories[a["category_id"]] for a in document["annotations"]}
        for image in document["images"]:
            assert (folder / name / image["file_name"]).is_file()
            labels[image["coco_url"]] = classes.get(image["id"])
    assert labels == {entry.original_url: entry.label for entry, _ in chosen}


def test_coco_has_the_fields_that_its_tools_filter_by(tmp_path: Path) -> None:
    chosen = split(photographs(), SPLITS)
    options = ExportOptions(layout="coco", splits=SPLITS, include_metadata=False)
    folder = extract(build(ExportPlan("photographs", "zip", options, LABELS), chosen, 3), tmp_path)
    documents = [
        json.loads((folder / "annotations" / f"{name}.json").read_bytes()) for name in SPLITS
    ]

    sizes = {}
    terms = {}
    for document in documents:
        names = {each["id"]: each["name"] for each in document["licenses"]}
        for image in document["images"]:
            sizes[image["id"]] = (image["width"], image["height"])
            terms[image["coco_url"]] = names[image["license"]]
    annotations = [each for document in documents for each in document["annotations"]]
    for each in annotations:
        width, height = sizes[each["image_id"]]
        assert each["bbox"] == [0, 0, width, height]
        assert (each["area"], each["iscrowd"]) == (width * height, 0)
        assert each["segmentation"] == [[0, 0, width, 0, width, height, 0, height]]

    ids = [each["id"] for each in annotations]
    assert min(ids) >= 1
    assert len(set(ids)) == len(ids) == len([entry for entry, _ in chosen if entry.label])
    assert len(sizes) == len(chosen)
    assert terms == {entry.original_url: entry.license or "(unknown)" for entry, _ in chosen}
    assert all(document["categories"] == documents[0]["categories"] for document in documents)
    assert all(document["licenses"] == documents[0]["licenses"] for document in documents)


def test_coco_without_categories_is_json(tmp_path: Path) -> None:
    plan = ExportPlan("photographs", "zip", ExportOptions(layout="coco"))
    folder = extract(build(plan, photographs()), tmp_path)

    document = json.loads((folder / "annotations" / "images.json").read_bytes())

    assert document["annotations"] == document["categories"] == []
    assert len(document["images"]) == len(photographs())

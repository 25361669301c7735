"""Exports as COCO describes data, as `pycocotools` reads them."""

import contextlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture

from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import (
    SPLITS,
    Photograph,
    build,
    in_formats,
    photographs,
    split,
)

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


def with_objects(images: Iterable[Photograph]) -> list[Photograph]:
    """Return images of which each second was analysed: cups in the one, nothing in the other."""
    cups = [
        {"label": "cup", "box": [0.1 * n, 0.25, 0.5 - 0.1 * n, 0.5], "score": None}
        for n in range(4)
    ]
    saucer = {"label": "a saucer", "box": [0.0, 0.0, 1.0, 1.0], "score": 0.5}
    answers: tuple[list[dict[str, Any]] | None, ...] = (None, [*cups, saucer], None, [])
    said = {"version": "m/2", "description": "", "labels": [], "metrics": {}}
    return [
        (replace(entry, analyses={"basic": said, "gemini": said | {"objects": answer}}), content)
        if answer is not None
        else (entry, content)
        for (entry, content), answer in zip(images, cycle(answers), strict=False)
    ]


@pytest.mark.parametrize("parts", [1, 3])
def test_objects_that_an_analysis_found_are_annotations(tmp_path: Path, parts: int) -> None:
    chosen = with_objects(split(photographs(), SPLITS))
    options = ExportOptions(layout="coco", splits=SPLITS)
    names = ("a saucer", "coffee cup", "cup", "street cat")
    plan = ExportPlan("p", "zip", options, LABELS, categories=names)
    folder = extract(build(plan, chosen, parts), tmp_path)
    ids: list[int] = []
    shown = []
    for name in SPLITS:
        truth = load(folder / "annotations" / f"{name}.json")
        assert [one["name"] for one in truth.loadCats(truth.getCatIds())] == list(names)
        expected = {entry.sha256[:32]: entry for entry, _ in chosen if entry.split == name}
        # As torchvision.datasets.CocoDetection reads: an image and its annotations, by their id.
        for number in sorted(truth.imgs):
            (image,) = truth.loadImgs(number)
            entry = expected.pop(Path(image["file_name"]).stem)
            found = truth.loadAnns(truth.getAnnIds(number))
            with Picture.open(folder / name / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"])
            assert (image["width"], image["height"]) == (entry.width, entry.height)
            labels = [truth.cats[one["category_id"]]["name"] for one in found]
            if entry.analyses is None:
                assert "annotated_by" not in image
                assert labels == [entry.label] * bool(entry.label)
            else:
                assert image["annotated_by"] == "gemini, m/2"
                assert labels in ([], ["cup"] * 4 + ["a saucer"])
            for one in found:
                left, top, width, height = one["bbox"]
                assert min(left, top) >= 0 < min(width, height)
                assert left + width <= entry.width + 0.011
                assert top + height <= entry.height + 0.011
                assert one["area"] == pytest.approx(width * height, abs=0.01)
                mask = truth.annToMask(one)
                assert mask.sum() == pytest.approx(one["area"], rel=0.05, abs=20)
            if len(found) == 5:
                assert found[1]["bbox"][0] == round(entry.width * 0.1, 2)
                assert [one.get("score") for one in found] == [None] * 4 + [0.5]
            ids += [one["id"] for one in found]
            shown.append(len(found))
        assert expected == {}
        results = [
            {"image_id": one["image_id"], "category_id": one["category_id"], "score": 1.0}
            | {"bbox": one["bbox"]}
            for one in truth.anns.values()
        ]
        assert score(truth, results)[0] == pytest.approx(1)
    assert len(set(ids)) == len(ids) == sum(shown)
    assert min(ids) >= 1
    assert set(shown) == {0, 1, 5}


def test_objects_found_after_the_plan_wait_for_the_next_export(tmp_path: Path) -> None:
    """Their names may be no categories: the image is as it was when the export was planned."""
    chosen = with_objects(photographs()[:2])
    plan = ExportPlan("p", "zip", ExportOptions(layout="coco"), LABELS, categories=LABELS)
    folder = extract(build(plan, chosen), tmp_path)
    document = json.loads((folder / "annotations" / "images.json").read_bytes())
    boxes = {one["image_id"]: one["bbox"] for one in document["annotations"]}
    sizes = enumerate((entry for entry, _ in chosen), 1)
    assert boxes == {number: [0, 0, entry.width, entry.height] for number, entry in sizes}


def test_coco_without_categories_is_json(tmp_path: Path) -> None:
    plan = ExportPlan("photographs", "zip", ExportOptions(layout="coco"))
    folder = extract(build(plan, photographs()), tmp_path)

    document = json.loads((folder / "annotations" / "images.json").read_bytes())

    assert document["annotations"] == document["categories"] == []
    assert len(document["images"]) == len(photographs())

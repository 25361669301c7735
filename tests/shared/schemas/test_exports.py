"""Exports within their bounds."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.errors import list_problems
from shared.schemas.exports import ExportJobCreate


def export(format_: str = "zip", **options: Any) -> ExportJobCreate:
    return ExportJobCreate.model_validate({"name": "v1", "format": format_, "options": options})


def find_pointers(format_: str = "zip", **options: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        export(format_, **options)
    return [one["pointer"] for one in list_problems(caught.value)]


def test_what_is_left_out_gets_the_defaults_of_the_contract() -> None:
    created = ExportJobCreate.model_validate({"name": "v1", "format": "zip"})
    assert created.options.model_dump(mode="json") == {
        "include_metadata": True,
        "include_invalid": False,
        "include_duplicates": False,
        "variant": None,
        "resize": None,
        "keep_metadata": False,
        "layout": "imagefolder",
        "shard_bytes": None,
        "recheck_rights": False,
        "splits": None,
        "stratify": None,
        "group_by": None,
        "leak_distance": 8,
        "escape_formulas": False,
    }


@pytest.mark.parametrize(
    "splits",
    [
        {"train": 0.8, "validation": 0.1, "test": 0.1},
        {"all": 1},
        dict.fromkeys("abcdefghij", 0.1),
        {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3},
        {"a": 0.5, "b": 0.5 + 9e-7},
    ],
)
def test_shares_that_make_one(splits: dict[str, float]) -> None:
    assert export(layout="coco", splits=splits).options.splits == splits


@pytest.mark.parametrize(
    ("splits", "pointer"),
    [
        ({}, "/options/splits"),
        ({"train": 0.8, "test": 0.1}, "/options/splits"),
        ({"a": 0.5, "b": 0.5 + 2e-6}, "/options/splits"),
        ({"train": 1.0, "test": 0.0}, "/options/splits/test"),
        ({"train": 1.5, "test": -0.5}, "/options/splits/train"),
        ({"train": "0.5", "test": 0.5}, "/options/splits/train"),
        ({"train": True}, "/options/splits/train"),
        ({"../etc": 1.0}, "/options/splits/..~1etc"),
        ({"": 1.0}, "/options/splits/"),
        ({"x" * 33: 1.0}, "/options/splits/" + "x" * 33),
    ],
)
def test_shares_that_do_not(splits: dict[str, Any], pointer: str) -> None:
    assert find_pointers(splits=splits)[0] == pointer


def test_webdataset_is_tar() -> None:
    assert export("tar", layout="webdataset").options.layout == "webdataset"
    assert find_pointers("zip", layout="webdataset") == ["/options/layout"]


@pytest.mark.parametrize("format_", ["csv", "json", "parquet"])
@pytest.mark.parametrize("layout", ["imagefolder", "coco"])
def test_tables_have_no_layout(format_: str, layout: str) -> None:
    assert find_pointers(format_, layout=layout) == ["/options/layout"]
    assert export(format_, splits={"fold-1": 0.5, "fold-2": 0.5}).options.layout == "imagefolder"


@pytest.mark.parametrize(
    "names",
    [["train", "validation", "test"], ["training", "dev", "eval"], ["val"], ["valid", "testing"]],
)
def test_splits_that_datasets_tells_apart(names: list[str]) -> None:
    splits = dict.fromkeys(names, 1 / len(names))
    assert export(splits=splits).options.splits == splits


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["train", "holdout"], "does not read holdout as a split of its own"),
        (["fold-1", "fold-2"], "does not read fold-1 as a split"),
        (["val", "dev"], "reads dev and val as one split"),
        (["train", "training"], "reads train and training as one split"),
        (["eval", "test", "train"], "reads eval and test as one split"),
        (["train", "valid", "validation"], "reads valid and validation as one split"),
        (["train", "train-2"], "does not read train-2 as a split"),
        (["train", "test_a"], "does not read test_a as a split"),
        (["train-test"], "does not read train-test as a split"),
    ],
)
@pytest.mark.parametrize(("format_", "layout"), [("zip", "imagefolder"), ("tar", "webdataset")])
def test_splits_that_datasets_merges(
    names: list[str], message: str, format_: str, layout: str
) -> None:
    splits = dict.fromkeys(names, 1 / len(names))
    with pytest.raises(ValidationError, match=message) as caught:
        export(format_, layout=layout, splits=splits)
    assert [one["pointer"] for one in list_problems(caught.value)] == ["/options/splits"]


@pytest.mark.parametrize("format_", ["zip", "tar", "csv", "json", "parquet"])
def test_formats(format_: str) -> None:
    assert export(format_).format == format_


def test_what_is_unknown() -> None:
    assert find_pointers("rar") == ["/format"]
    assert find_pointers(layout="yolo") == ["/options/layout"]
    assert find_pointers(variant="Not a key") == ["/options/variant"]


@pytest.mark.parametrize(
    ("wrong", "pointer", "words"),
    [
        ({"width": 0}, "/options/resize/width", "must be 1 or more"),
        ({"height": 8193}, "/options/resize/height", "must be 8192 or less"),
        ({"width": 8192, "height": 8192}, "/options/resize", "choose a smaller size"),
        ({"width": "224"}, "/options/resize/width", "whole number"),
        ({"mode": "stretch"}, "/options/resize/mode", "'cover', 'fill' or 'contain'"),
        ({"format": "png", "quality": 90}, "/options/resize/quality", "png loses nothing"),
        ({"background": "#ffffff00"}, "/options/resize/background", "choose png or webp"),
        ({"background": "white"}, "/options/resize/background", "must be #rrggbb"),
    ],
)
def test_sizes_that_images_cannot_have(wrong: dict[str, Any], pointer: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        export(resize={"width": 224, "height": 224} | wrong)
    (problem,) = list_problems(caught.value)
    assert problem["pointer"] == pointer
    assert words in problem["detail"]


def test_formulas_are_escaped_in_csv_alone() -> None:
    assert export("csv", escape_formulas=True).options.escape_formulas
    assert find_pointers("json", escape_formulas=True) == ["/options/escape_formulas"]


def test_a_size_is_not_for_variants_or_tables() -> None:
    size = {"width": 224, "height": 224}
    assert find_pointers(resize=size, variant="small") == ["/options/resize"]
    assert find_pointers("csv", resize=size) == ["/options/resize"]
    again = export(resize=size).options.model_dump(mode="json")
    assert export(**again).options.resize == export(resize=size).options.resize

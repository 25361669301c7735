"""Names in archives."""

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from uuid import UUID

import pytest

from shared.exports.layouts import make_layout
from shared.exports.plan import ExportPlan, ExportState
from shared.schemas.exports import ExportOptions, Layout
from tests.shared.exports.building import HOSTILE, SPLITS, photographs

ENTRY = photographs()[0][0]
KEY = ENTRY.sha256[:32]


def name(label: str | None, split: str | None = None, kind: Layout = "imagefolder") -> str:
    options = ExportOptions(layout=kind, splits=SPLITS)
    plan = ExportPlan("name", "tar", options)
    return make_layout(plan).name_image(replace(ENTRY, label=label, split=split))


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        (None, ""),
        ("cat", "cat/"),
        ("Street Cat", "street-cat/"),
        ("street_cat", "street-cat/"),
    ],
)
def test_a_label_is_a_folder(label: str | None, folder: str) -> None:
    assert name(label) == f"{folder}{KEY}.png"
    assert name(label, "train") == f"train/{folder}{KEY}.png"


def test_different_labels_do_not_share_a_folder() -> None:
    labels = ["C", "C++", "C#", "猫", "犬", "train", "label train", "con", "file con", "x" * 70]
    folders = {name(label).partition("/")[0] for label in [*labels, "x" * 71]}

    assert len(folders) == len(labels) + 1


def test_labels_that_differ_in_case_stay_two() -> None:
    labels = ("CAT", "Cat", "cat", "cat dog", "cat-dog", "cat_dog")
    layout = make_layout(ExportPlan("name", "zip", labels=labels))
    folders = [layout.find_folder(replace(ENTRY, label=label)) for label in labels]
    assert folders[0] == "cat/"
    assert folders[3] == "cat-dog/"
    assert len({folder.casefold() for folder in folders}) == len(labels)
    late = layout.find_folder(replace(ENTRY, label="cAt"))
    assert late not in folders
    described = layout.describe(ExportState())["class_folders"]
    assert described == {
        label: folder.rstrip("/") for label, folder in zip(labels, folders, strict=True)
    }


def test_hugging_face_takes_no_label_for_a_split(tmp_path: Path) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    from datasets.data_files import get_data_patterns

    words = ["test", "train", "validation", "dev", "eval", "valid", "training"]
    forms = ["{}", "{} station", "model {}", "one {} two", "{}1", "2{}3", "{}" + " long" * 20]
    labels = [form.format(word.title()) for word in words for form in forms]
    for label in [*labels, "x" * 39 + "-tests" + "y" * 40, *HOSTILE]:
        path = tmp_path / name(label)
        path.parent.mkdir(exist_ok=True)
        path.touch()

    assert get_data_patterns(str(tmp_path)) == {"train": ["**"]}


@pytest.mark.parametrize("kind", ["imagefolder", "webdataset", "coco"])
@pytest.mark.parametrize("split", [None, "train"])
@pytest.mark.parametrize("label", HOSTILE)
def test_no_label_leaves_the_folder(kind: Layout, split: str | None, label: str) -> None:
    path = name(label, split, kind)

    assert path.isascii()
    assert len(path) <= 100
    assert not PurePosixPath(path).is_absolute()
    assert not PureWindowsPath(path).drive
    assert not any(letter in path for letter in '\\:*?"<>|\0')
    for part in path.split("/"):
        assert part.strip(". ") == part != ""
        assert part.partition(".")[0] not in ("con", "prn", "aux", "nul", "com1", "lpt1")


def test_a_split_named_like_a_device_gets_another_folder() -> None:
    plan = ExportPlan("name", "zip", ExportOptions(splits={"con": 0.5, "train": 0.5}))

    assert (
        make_layout(plan).name_image(replace(ENTRY, label=None, split="con"))
        == f"split-con/{KEY}.png"
    )


def test_images_of_equal_content_have_different_names() -> None:
    first = make_layout(ExportPlan("name", "zip")).name_image(ENTRY)
    again = replace(ENTRY, id=UUID(int=77), shares_content=True)
    third = replace(ENTRY, id=UUID(int=78), shares_content=True)

    assert (
        len(
            {first, *(make_layout(ExportPlan("name", "zip")).name_image(e) for e in (again, third))}
        )
        == 3
    )


@pytest.mark.parametrize(
    "broken",
    [{"extension": "../x"}, {"extension": ""}, {"sha256": "../../etc"}, {"split": "elsewhere"}],
)
def test_refuses_what_is_not_a_name(broken: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=str(ENTRY.id)):
        make_layout(ExportPlan("name", "zip")).name_image(replace(ENTRY, **broken))  # type: ignore[arg-type]


def test_webdataset_is_tar_only() -> None:
    with pytest.raises(ValueError, match="tar"):
        make_layout(ExportPlan("name", "zip", ExportOptions(layout="webdataset")))

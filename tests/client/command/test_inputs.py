"""Sources as they are named at the command."""

from pathlib import Path

import pytest
from pixmill.command.choices import make_crawl_options, make_export, name_columns
from pixmill.command.inputs import choose_input, list_pictures

GIVEN = {"depth": 0, "label": None, "url_column": None, "dedup": "exact", "layout": "imagefolder"}


def test_words_are_labels() -> None:
    found = choose_input((), ("red panda", " owl "), GIVEN)
    categories = {"red panda": ["red panda"], "owl": ["owl"]}
    assert found.source == {"type": "keywords", "categories": categories}


def test_pages_are_followed_and_labelled() -> None:
    addresses = ("https://example.org/a", "HTTP://example.org/b")
    found = choose_input(addresses, (), {**GIVEN, "depth": 2, "label": "cat"})
    pages = {"type": "pages", "pages": [*addresses], "max_depth": 2, "label": "cat"}
    assert found.source == pages


def test_hidden_and_other_files_are_left_out(tmp_path: Path) -> None:
    for name in ("a.JPG", ".b.jpg", "notes.txt", "c/d.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in list_pictures(tmp_path)] == ["a.JPG", "d.webp"]
    assert choose_input((str(tmp_path),), (), GIVEN).kind == "folder"


def test_a_table_that_changes_is_another_source(tmp_path: Path) -> None:
    table = tmp_path / "cats.csv"
    table.write_text("url")
    before = choose_input((str(table),), (), GIVEN).describe()
    table.write_text("url\nhttps://example.org/1.jpg")
    assert choose_input((str(table),), (), GIVEN).describe() != before


@pytest.mark.parametrize(
    ("given", "kind", "options"),
    [
        ({}, "zip", {"layout": "imagefolder"}),
        ({"layout": "webdataset"}, "tar", {"layout": "webdataset"}),
        ({"layout": "csv", "splits": {"a": 1.0}}, "csv", {"splits": {"a": 1.0}}),
        (
            {"size": 64, "resize_mode": "pad"},
            "zip",
            {"layout": "imagefolder", "resize": {"width": 64, "height": 64, "mode": "pad"}},
        ),
        (
            {"splits": {"train": 1.0}, "stratify": True, "group_by": ("host",)},
            "zip",
            {
                "layout": "imagefolder",
                "splits": {"train": 1.0},
                "stratify": "label",
                "group_by": ["host"],
            },
        ),
    ],
)
def test_options_become_those_of_an_export(given: object, kind: str, options: object) -> None:
    assert make_export({**GIVEN, **given}) == (kind, options)  # type: ignore[dict-item]


def test_options_become_those_of_a_crawl() -> None:
    assert make_crawl_options({**GIVEN, "max_images": 5}) == {"dedup": "exact", "max_images": 5}
    columns = {"url_column": "where", "label_column": None, "caption_column": "text"}
    assert name_columns(columns) == {"url": "where", "caption": "text"}

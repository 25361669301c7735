"""Tables of real photographs, as CSV and JSON."""

import io
import json
import re
from pathlib import Path

import pandas
import pytest

from shared.exports.entries import COLUMNS
from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import HOSTILE, SPLITS, build, photographs, relabel, split


def test_pandas_reads_the_csv() -> None:
    chosen = split(photographs(), SPLITS)
    plan = ExportPlan("photographs", "csv", ExportOptions(splits=SPLITS))

    table = pandas.read_csv(io.BytesIO(build(plan, chosen, 3)), keep_default_na=False)

    assert list(table.columns) == [column.name for column in COLUMNS]
    assert list(table["sha256"]) == [entry.sha256 for entry, _ in chosen]
    assert list(table["width"]) == [entry.width for entry, _ in chosen]
    assert list(table["split"]) == [entry.split for entry, _ in chosen]
    assert list(table["caption"]) == [entry.caption or "" for entry, _ in chosen]


def test_no_cell_is_a_formula_where_that_is_asked_for() -> None:
    images = relabel(photographs(), HOSTILE)

    data = build(ExportPlan("photographs", "csv", ExportOptions(escape_formulas=True)), images)

    table = pandas.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    texts = ["label", "caption", "license", "attribution", "original_url", "original_name"]
    for column in texts:
        assert [cell.removeprefix("'") for cell in table[column]] == HOSTILE[: len(images)]
    for cell in table.to_numpy().flatten():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_json_is_one_document() -> None:
    images = relabel(photographs(), HOSTILE)

    document = json.loads(build(ExportPlan("photographs", "json"), images, 4))

    assert document["dataset"]["images"] == len(images)
    assert [image["label"] for image in document["images"]] == HOSTILE[: len(images)]
    assert [image["image_id"] for image in document["images"]] == [str(e.id) for e, _ in images]


@pytest.mark.parametrize(
    "labels",
    [
        ["NA", "None", "007", "nan", "null", ""],
        ["007", "08", "1e5"],
        ["NA"],
        ["True", "False"],
        ["=1+1", "-1", "+cat", "@home", "'quoted", "\ttab", "two\nlines", "a,b"],
    ],
)
def test_labels_survive_as_the_guide_reads_them(
    labels: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "exports.md").read_text()
    (line,) = re.findall(r"^table = (pandas\.read_csv\(.*\))$", guide, re.MULTILINE)
    images = relabel(photographs(), labels)
    monkeypatch.chdir(tmp_path)
    Path("pets.csv").write_bytes(build(ExportPlan("photographs", "csv"), images))

    table = eval(line, {"pandas": pandas})  # noqa: S307 (a line of our own guide)

    for column in ("label", "caption", "original_name"):
        assert list(table[column]) == labels
    assert list(table["width"]) == [entry.width for entry, _ in images]


def test_json_holds_texts_as_they_are() -> None:
    images = relabel(photographs(), HOSTILE)

    document = json.loads(build(ExportPlan("photographs", "json"), images))

    assert [image["caption"] for image in document["images"]] == HOSTILE[: len(images)]


def test_an_empty_table() -> None:
    assert json.loads(build(ExportPlan("nothing", "json"), (), 2))["images"] == []
    assert build(ExportPlan("nothing", "csv"), (), 2).count(b"\r\n") == 1


def test_terms_of_use_stay_without_metadata() -> None:
    plan = ExportPlan("photographs", "json", ExportOptions(include_metadata=False))

    first = json.loads(build(plan, photographs()))["images"][0]

    assert first.keys() == {column.name for column in COLUMNS if not column.metadata}
    assert {"license", "attribution", "original_url", "source_page"} < first.keys()

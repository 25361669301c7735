"""The table of signals beside the images, and what loads around it."""

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet
import pytest

from shared.exports.entries import ExportSignal
from shared.exports.plan import ExportPlan
from shared.exports.rights import to_rights_lines, write_rights_table
from shared.schemas.exports import ExportOptions
from tests.memory import measure_growth
from tests.shared.exports.building import SPLITS, Photograph, build, in_formats, photographs, split

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
ROBOTS = ExportSignal(
    *("robots.txt", "allows the address", None, "allowed", "https://a.example/robots.txt"),
    *("ab" * 32, datetime(2026, 11, 2, 3, 4, 5, 678, tzinfo=UTC)),
)
MINING = replace(ROBOTS, source="xmp", value="plus:DataMining=DMI-ALLOWED", allows=True)


def with_signals(images: Sequence[Photograph]) -> list[Photograph]:
    """Give an image no signals, the next one, the next two, and so on."""
    signals = ((), (ROBOTS,), (ROBOTS, MINING))
    return [(replace(e, rights=signals[n % 3]), data) for n, (e, data) in enumerate(images)]


def read_table(data: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(data))


@pytest.mark.parametrize("layout", ["imagefolder", "coco"])
@pytest.mark.parametrize("parts", [1, 3])
def test_each_signal_of_each_image_is_a_row(layout: str, parts: int) -> None:
    images = with_signals(photographs())
    plan = ExportPlan("pictures", "zip", ExportOptions(layout=layout))  # type: ignore[arg-type]
    archive = zipfile.ZipFile(io.BytesIO(build(plan, images, parts)))
    table = read_table(archive.read("RIGHTS.parquet"))
    expected = [(str(e.id), e.sha256, s.source, s.value) for e, _ in images for s in e.rights]
    shown = table[["image_id", "sha256", "source", "value"]].itertuples(index=False, name=None)
    assert list(shown) == expected
    assert set(table["file_name"]) <= set(archive.namelist())
    first, second = table.iloc[1], table.iloc[2]
    assert (first["allows"], second["allows"]) == (None, True)
    assert first["fetched_at"] == pd.Timestamp(ROBOTS.fetched_at)
    assert first["evidence_hash"] == ROBOTS.evidence_hash
    assert set(table["decision"]) == {"allowed"}


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_the_bytes_do_not_tell_where_the_file_was_cut(kind: Any) -> None:
    images = with_signals(photographs())
    plan = ExportPlan("pictures", kind)
    assert build(plan, images) == build(plan, images, 4)


def test_without_signals_the_table_is_empty() -> None:
    archive = zipfile.ZipFile(io.BytesIO(build(ExportPlan("pictures", "zip"), photographs()[:1])))
    table = read_table(archive.read("RIGHTS.parquet"))
    assert (len(table), list(table)[:2]) == (0, ["file_name", "image_id"])


def read_tar(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = {name: archive.extractfile(name) for name in archive.getnames()}
        return {name: file.read() for name, file in files.items() if file}


def test_shards_have_the_table_beside_them_and_samples_alone_have_it_inside() -> None:
    options = ExportOptions(layout="webdataset", splits=SPLITS)
    images = with_signals(split(photographs(), SPLITS))
    whole = read_tar(build(ExportPlan("x", "tar", options), images))
    table = read_table(whole["RIGHTS.parquet"])
    assert {name.partition("/")[0] for name in table["file_name"]} <= set(whole)
    plan = ExportPlan("x", "tar", ExportOptions(layout="webdataset"))
    alone = read_tar(build(plan, with_signals(photographs())))
    assert "RIGHTS.parquet" not in alone
    samples = [json.loads(data) for name, data in alone.items() if name.endswith(".json")]
    rights = [json.loads(sample["rights"]) for sample in samples[:3]]
    assert [len(signals) for signals in rights] == [0, 1, 2]
    assert rights[1][0] == {
        "source": "robots.txt",
        "value": "allows the address",
        "allows": None,
        "decision": "allowed",
        "address": "https://a.example/robots.txt",
        "evidence_hash": "ab" * 32,
        "rechecked": False,
        "fetched_at": "2026-11-02T03:04:05.000678+00:00",
    }


@pytest.mark.parametrize("count", [1, 2, 12])
@pytest.mark.parametrize("name", ["imagefolder", None])
@pytest.mark.parametrize("with_metadata", [True, False])
def test_datasets_loads_the_images_and_nothing_else(
    count: int, name: str | None, with_metadata: bool, tmp_path: Path
) -> None:
    """However few images there are beside the table, which is a file that it knows too."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()
    options = ExportOptions(include_metadata=with_metadata)
    images = with_signals(in_formats("PNG", count=count))
    with zipfile.ZipFile(io.BytesIO(build(ExportPlan("x", "zip", options), images))) as archive:
        archive.extractall(tmp_path / "x")  # noqa: S202
    given = {"data_dir": str(tmp_path / "x")} if name else {}
    path = name or str(tmp_path / "x")
    loaded = datasets.load_dataset(path, **given, cache_dir=str(tmp_path / "cache"))["train"]
    assert len(loaded) == count
    assert "image" in loaded.features
    assert "allows" not in loaded.features


def test_a_table_of_many_rows_takes_little_memory(tmp_path: Path) -> None:
    entry, _ = photographs()[0]
    lines = to_rights_lines(replace(entry, rights=(ROBOTS, MINING)), "a/b.png") * 1000

    def write(pieces: int) -> None:
        with (tmp_path / "x.parquet").open("wb") as file:
            write_rights_table((("rights", lines) for _ in range(pieces)), file)

    write(10)
    assert measure_growth(lambda: write(100)) < 64 * 1024 * 1024  # of 60 MB of lines
    assert pyarrow.parquet.read_metadata(tmp_path / "x.parquet").num_rows == 200_000

"""Tars of samples, read by `webdataset` and by Hugging Face `datasets`."""

import csv
import io
import json
import os
import tarfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from pyarrow import parquet

from shared.exports.assembly import Assembly, DescribedPart
from shared.exports.entries import ExportSignal
from shared.exports.formats import make_part_writer
from shared.exports.plan import ExportPlan, ExportState
from shared.schemas.exports import ExportFailure, ExportOptions
from tests.shared.exports.building import SPLITS, Photograph, build, in_formats, photographs, split
from tests.shared.imaging.photographs import encode_image

LABELS = ("coffee cup", "street cat")
SIGNAL = ExportSignal(
    *("robots.txt", "allows", None, "allowed", "https://a.example/robots.txt", None),
    datetime(2026, 11, 2, tzinfo=UTC),
)
MIXED = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


def write(
    folder: Path,
    images: list[Photograph],
    labels: tuple[str, ...] = (),
    extension: str | None = "jpg",
    **options: Any,
) -> str:
    """Write an export to a file and return its path."""
    wanted = ExportOptions(layout="webdataset", **options)
    plan = ExportPlan("photographs", "tar", wanted, labels, extension)
    path = folder / "photographs.tar"
    path.write_bytes(build(plan, images, 2))
    return str(path)


def read_by_datasets(path: str, folder: Path) -> list[dict[str, Any]]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()
    return list(
        datasets.load_dataset(
            "webdataset", data_files={"train": path}, split="train", cache_dir=str(folder / "cache")
        )
    )


def read_by_webdataset(path: str) -> list[dict[str, Any]]:
    from webdataset import WebDataset

    return list(WebDataset(path, shardshuffle=False).decode("pil"))


def test_samples_have_image_row_caption_and_class(tmp_path: Path) -> None:
    samples = read_by_webdataset(write(tmp_path, list(photographs()), LABELS))

    assert len(samples) == len(photographs())
    for sample, (entry, _) in zip(samples, photographs(), strict=True):
        assert sample["jpg"].size == (entry.width, entry.height)
        assert sample["json"]["sha256"] == entry.sha256
        assert sample["txt"] == (entry.caption or "")
        assert sample["cls"] == (LABELS.index(entry.label) if entry.label else -1)


@pytest.mark.parametrize("include_metadata", [True, False])
@pytest.mark.parametrize("labels", [(), ("cat",)])
@pytest.mark.parametrize(
    ("formats", "extension", "count"),
    [(MIXED, "jpg", 24), (("JPEG",), "jpg", 3), (("PNG",), "png", 10), (("AVIF",), "jpg", 3)],
)
def test_both_readers_see_every_image(
    formats: tuple[str, ...],
    extension: str,
    count: int,
    labels: tuple[str, ...],
    include_metadata: bool,
    tmp_path: Path,
) -> None:
    images = in_formats(*formats, count=count)
    path = write(tmp_path, images, labels, extension, include_metadata=include_metadata)

    for samples in (read_by_webdataset(path), read_by_datasets(path, tmp_path)):
        assert [sample[extension].size for sample in samples] == [
            (entry.width, entry.height) for entry, _ in images
        ]
        assert [sample["json"]["label"] for sample in samples] == [
            entry.label or "" for entry, _ in images
        ]
        if labels:
            assert {sample["cls"] for sample in samples} == {-1, 0}
        if include_metadata:
            assert {sample["txt"] for sample in samples} == {"", "cat"}


def test_a_tar_holds_samples_only_which_all_have_the_same_fields(tmp_path: Path) -> None:
    images = in_formats(*MIXED)
    with tarfile.open(write(tmp_path, images, ("cat",))) as archive:
        names = archive.getnames()
        rows = [
            json.loads(archive.extractfile(one).read())  # type: ignore[union-attr]
            for one in archive
            if one.name.endswith(".json")
        ]

    keys = [entry.sha256[:32] for entry, _ in images]
    assert names == [f"{key}.{field}" for key in keys for field in ("jpg", "json", "txt", "cls")]
    assert None not in {value for row in rows for value in row.values()}
    assert {entry.license or "" for entry, _ in images} == {row["license"] for row in rows}


def test_no_label_is_not_the_empty_label(tmp_path: Path) -> None:
    images = [(replace(entry, label=None), content) for entry, content in photographs()]
    samples = read_by_webdataset(write(tmp_path, images, ("", *LABELS)))
    assert [sample["cls"] for sample in samples] == [-1] * len(photographs())


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """Return the folder of an export in shards, with pictures of several splits."""
    images = split(in_formats(*MIXED, count=40), SPLITS)
    with tarfile.open(write(tmp_path, images, ("cat",), splits=SPLITS)) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    return tmp_path / "unpacked"


def test_each_split_has_tars_of_its_own(unpacked: Path) -> None:
    beside = {path.name for path in unpacked.iterdir() if path.suffix != ".tar"}
    indexes = {f"{name}-000000.jsonl" for name in SPLITS}
    described = {"LICENSES.csv", "README.md", "RIGHTS.parquet", "dataset.json", "shards.json"}
    assert beside == described | indexes
    found: dict[str, set[str]] = {name: set() for name in SPLITS}
    shards = sorted(unpacked.glob("*.tar"))
    assert [path.name for path in shards] == [f"{name}-000000.tar" for name in sorted(SPLITS)]
    for path in shards:
        with tarfile.open(path) as archive:
            assert len(archive.getnames()) % 4 == 0
        for sample in read_by_webdataset(str(path)):
            name = path.name.rpartition("-")[0]
            assert (sample["json"]["split"], sample["jpg"].format) == (name, None)
            assert sample["json"]["file_name"] == f"{sample['__key__']}.jpg"
            found[name].add(sample["json"]["image_id"])
    assert found == {
        name: {
            str(entry.id)
            for entry, _ in split(in_formats(*MIXED, count=40), SPLITS)
            if entry.split == name
        }
        for name in SPLITS
    }


def test_licences_name_the_file_in_its_tar(unpacked: Path) -> None:
    lines = csv.DictReader((unpacked / "LICENSES.csv").open(newline=""))
    for line in lines:
        tar, _, name = line["file_name"].partition("/")
        with tarfile.open(unpacked / tar) as archive:
            assert name in archive.getnames()
    assert lines.line_num == 41


def test_the_lines_of_the_readme_load_all_splits(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(unpacked)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", unpacked.parent / "cache")
    by_datasets, by_webdataset = [
        part.split("```")[0] for part in Path("README.md").read_text().split("```python\n")[1:]
    ]
    names: dict[str, Any] = {}
    exec(by_datasets, names)  # noqa: S102
    exec(by_webdataset, names)  # noqa: S102

    counts = Counter(entry.split for entry, _ in split(in_formats(*MIXED, count=40), SPLITS))
    assert names["dataset"].num_rows == counts
    assert len(list(names["samples"])) == counts["test"]
    loaded = names["load_dataset"](str(unpacked))
    assert loaded.num_rows == counts
    assert {row["jpg"].size[1] for row in loaded["train"]} == {24}


def test_a_split_without_images_is_not_in_the_readme(tmp_path: Path) -> None:
    images = [(replace(entry, split="train"), data) for entry, data in in_formats("PNG")]
    with tarfile.open(write(tmp_path, images, splits=SPLITS)) as archive:
        text = archive.extractfile("README.md").read().decode()  # type: ignore[union-attr]
        assert archive.getnames()[0] == "train-000000.tar"
    assert "test" not in text


def test_numbers_of_shards_have_no_gap_where_one_is_left_out(tmp_path: Path) -> None:
    images = [
        (replace(entry, attribution="a\r\nshard-000002.tar/x,=1", rights=(SIGNAL,)), content)
        for entry, content in in_formats("PNG", count=6)
    ]
    options = ExportOptions(layout="webdataset", shard_bytes=2**20)
    plan = ExportPlan("p", "tar", options, (), "png")
    described, objects = [], dict[str, bytes]()
    for number, chosen in enumerate(([], images[:3], [], images[3:])):
        sink, shard = io.BytesIO(), f"shard-{number:06d}"
        writer = make_part_writer(plan, sink, ExportState(shard=shard))
        for entry, content in chosen:
            writer.add(entry, content)
        if not chosen:
            writer.leave_out(ExportFailure(image_id=UUID(int=9), url=None, reason="x", detail="y"))
        objects |= {f"{shard}.{name}": data for name, data in writer.end().items()}
        objects[shard] = sink.getvalue()
        writer.state.objects = [shard] if chosen else []
        described.append(DescribedPart(shard, None, writer.state))
    assembly = Assembly(plan, described, lambda name, section: objects[f"{name}.{section}"])
    file = io.BytesIO()
    file.writelines(objects[one] if isinstance(one, str) else one for one in assembly.pieces)
    assembly.finish(file)
    file.seek(0)
    with tarfile.open(fileobj=file) as archive:
        archive.extractall(tmp_path, filter="data")
    shards = sorted(path.name for path in tmp_path.glob("*.tar"))
    assert shards == ["shard-000000.tar", "shard-000001.tar"]
    assert [
        one["name"] for one in json.loads((tmp_path / "shards.json").read_text())["shards"]
    ] == shards
    lines = [*csv.DictReader((tmp_path / "LICENSES.csv").open(newline=""))]
    assert [line["attribution"] for line in lines] == [images[0][0].attribution] * 6
    paths = [line["file_name"] for line in lines]
    assert paths == [f"{shards[n // 3]}/{e.sha256[:32]}.png" for n, (e, _) in enumerate(images)]
    assert [*parquet.read_table(tmp_path / "RIGHTS.parquet")["file_name"].to_pylist()] == paths
    for number, shard in enumerate(shards):
        keys = [sample["__key__"] for sample in read_by_webdataset(str(tmp_path / shard))]
        assert keys == [entry.sha256[:32] for entry, _ in images[3 * number : 3 * number + 3]]
        index = (tmp_path / shard.replace(".tar", ".jsonl")).read_text().splitlines()
        assert [json.loads(line)["key"] for line in index] == keys


def test_nothing_at_all_is_an_empty_tar(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(Path(write(tmp_path, [])).read_bytes())) as archive:
        assert archive.getnames() == []


def test_a_class_has_one_number_also_where_a_split_lacks_another(tmp_path: Path) -> None:
    labels = ("cat", "dog", "owl")
    images = [
        (replace(entry, label=labels[n % 3], split="test" if n % 3 == 1 else "train"), content)
        for n, (entry, content) in enumerate(in_formats("PNG"))
    ]
    with tarfile.open(write(tmp_path, images, labels, splits=SPLITS)) as archive:
        archive.extractall(tmp_path, filter="data")
    for name, numbers in {"train": [0, 2], "test": [1]}.items():
        samples = read_by_webdataset(str(tmp_path / f"{name}-000000.tar"))
        assert sorted({sample["cls"] for sample in samples}) == numbers


def test_who_turns_pictures_by_what_they_say(tmp_path: Path) -> None:
    """Readers turn pictures, or leave them, as the README says."""
    exif = Image.Exif()
    exif[0x0112] = 6
    entry, _ = in_formats("JPEG", count=1)[0]
    content = encode_image(Image.new("RGB", (32, 24)), "JPEG", exif=exif)
    path = write(tmp_path, [(entry, content)])
    (by_webdataset,), (by_datasets,) = read_by_webdataset(path), read_by_datasets(path, tmp_path)
    assert (by_webdataset["jpg"].size, by_datasets["jpg"].size) == ((32, 24), (24, 32))

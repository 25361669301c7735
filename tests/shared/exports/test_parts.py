"""Exports built in parts: the same bytes, in bounded memory."""

import hashlib
import tracemalloc
from dataclasses import replace
from uuid import UUID

import pytest

from shared.exports.assembly import Assembly, DescribedPart
from shared.exports.formats import make_part_writer
from shared.exports.plan import ExportPlan, ExportState
from shared.schemas.exports import ExportFormat, ExportOptions, Layout
from tests.shared.exports.building import HOSTILE, SPLITS, build, photographs, relabel, split

KINDS: list[tuple[ExportFormat, Layout]] = [
    ("zip", "imagefolder"),
    ("zip", "coco"),
    ("tar", "imagefolder"),
    ("tar", "coco"),
    ("tar", "webdataset"),
    ("csv", "imagefolder"),
    ("json", "imagefolder"),
    ("parquet", "imagefolder"),
]


class Nowhere:
    """Forgets what is written."""

    def write(self, data: bytes, /) -> None:
        pass


@pytest.mark.parametrize(("kind", "layout"), KINDS)
@pytest.mark.parametrize("splits", [None, SPLITS], ids=["whole", "split"])
def test_the_bytes_do_not_tell_where_the_file_was_cut(
    kind: ExportFormat, layout: Layout, splits: dict[str, float] | None
) -> None:
    options = ExportOptions(layout=layout, splits=splits)
    plan = ExportPlan("photographs", kind, options, labels=("coffee cup", "street cat"))
    images = split(photographs(), splits) if splits else photographs()

    digests = {
        hashlib.sha256(build(plan, images, parts)).hexdigest()
        for parts in (1, 1, 2, 5, len(images) + 3)
    }

    assert len(digests) == 1


@pytest.mark.parametrize("layout", ["imagefolder", "coco"])
def test_the_order_in_which_splits_are_asked_for_does_not_show(layout: Layout) -> None:
    images = split(photographs(), SPLITS)
    plans = [
        ExportPlan("photographs", "zip", ExportOptions(layout=layout, splits=dict(splits)))
        for splits in (SPLITS.items(), reversed(SPLITS.items()))
    ]

    assert build(plans[0], images) == build(plans[1], images)


@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_hostile_texts_are_cut_anywhere_too(kind: ExportFormat, layout: Layout) -> None:
    plan = ExportPlan("=cmd", kind, ExportOptions(layout=layout), labels=tuple(HOSTILE))
    images = relabel(photographs(), HOSTILE)

    assert build(plan, images, 1) == build(plan, images, 4)


@pytest.mark.parametrize(
    ("kind", "images"), [("zip", 20_000), ("tar", 3_000), ("csv", 3_000), ("json", 3_000)]
)
def test_memory_does_not_grow_with_the_dataset(kind: ExportFormat, images: int) -> None:
    one_part = _peak(kind, 1_000)

    assert _peak(kind, images) < one_part + 500_000


def test_a_part_knows_what_it_holds_in_memory() -> None:
    entry, _ = photographs()[0]
    long = replace(entry, caption="x" * 1_000_000)
    writer = make_part_writer(ExportPlan("photographs", "zip"), Nowhere())
    images = 0
    while writer.gathered_bytes < 32 * 2**20:
        writer.add(replace(long, sha256=f"{images:064x}"), b"")
        images += 1

    assert images == 34
    assert len(writer.state.model_dump_json()) < 2000


def test_memory_does_not_grow_with_the_shards() -> None:
    options = ExportOptions(layout="webdataset", splits={"train": 1.0})
    one_part = _peak("tar", 500, options)

    assert _peak("tar", 3_000, options) < one_part + 1_500_000


def _peak(kind: ExportFormat, images: int, options: ExportOptions = ExportOptions()) -> int:  # noqa: B008 (frozen)
    """Bytes in use at most while an export is built in parts of 1000 images."""
    entry = replace(photographs()[0][0], split="train" if options.splits else None)
    plan = ExportPlan("photographs", kind, options)
    sections: dict[tuple[str, str], bytes] = {}
    parts = []
    tracemalloc.start()
    peak = 0
    for start in range(0, images, 1000):
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        writer = make_part_writer(plan, Nowhere(), ExportState(shard="train-000000"))
        for number in range(start, min(start + 1000, images)):
            writer.add(replace(entry, id=UUID(int=number), sha256=f"{number:064x}"), b"tiny")
        name = f"part-{start}"
        sections |= {(name, section): data for section, data in writer.end().items()}
        parts.append(DescribedPart(name, entry.split, writer.state))
        peak = max(peak, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    assembly = Assembly(plan, parts, lambda part, section: sections[part, section])
    assembly.finish(Nowhere())
    peak = max(peak, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert assembly.state.images == images
    return peak

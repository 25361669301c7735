"""Real photographs to export, and exports built in any number of parts."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import skimage
from PIL import Image

from shared.exports.assembly import Assembly, DescribedPart
from shared.exports.entries import ExportEntry
from shared.exports.formats import make_part_writer
from shared.exports.naming import name_shard
from shared.exports.plan import ExportPlan, ExportState
from tests.shared.imaging.photographs import encode_image

Photograph = tuple[ExportEntry, bytes]

SPLITS = {"train": 0.6, "validation": 0.2, "test": 0.2}
HOSTILE = [
    "../../etc/passwd",
    "/absolute",
    "C:\\Windows\\system32",
    "con",
    "a/b\\c",
    "..",
    ".hidden",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "猫",
    "Ünï “quoted”, comma\r\nnew line",
    "train-station",
    "test",
    "x" * 5000,
    "",
]


@cache
def photographs() -> tuple[Photograph, ...]:
    """Return the photographs that scikit-image ships, as entries with their bytes."""
    images = []
    folder = Path(skimage.__file__).parent / "data"
    for number, path in enumerate(sorted([*folder.glob("*.png"), *folder.glob("*.jpg")])):
        content = path.read_bytes()
        with Image.open(path) as image:
            kind, (width, height) = str(image.format).lower(), image.size
        entry = ExportEntry(
            id=UUID(int=number + 1),
            sha256=hashlib.sha256(content).hexdigest(),
            extension=path.suffix[1:],
            format=kind,
            file_size=len(content),
            width=width,
            height=height,
            label=("street cat", "coffee cup", None)[number % 3],
            caption=f"A picture named {path.stem}, “as found”" if number % 2 else None,
            license="CC0-1.0" if number % 4 else None,
            attribution="scikit-image",
            original_url=f"https://example.org/{path.name}",
            source_page="https://example.org/gallery",
            metadata={"score": number / 4, "note": "“so”, or not"} if number % 5 else {},
            file_name=path.name,
            phash=-number,
            created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        )
        images.append((entry, content))
    return tuple(images)


def split(images: Iterable[Photograph], splits: dict[str, float]) -> list[Photograph]:
    """Return the same images with the split that each belongs to."""
    names = sorted(splits)
    return [
        (replace(entry, split=names[int(entry.sha256, 16) % len(names)]), content)
        for entry, content in images
    ]


def relabel(images: Iterable[Photograph], texts: Sequence[str]) -> list[Photograph]:
    """Return the same images with these texts in every place that a person may fill."""
    return [
        (
            replace(
                entry,
                label=text,
                caption=text,
                license=text,
                attribution=text,
                original_url=text,
                source_page=text,
                file_name=text,
            ),
            content,
        )
        for (entry, content), text in zip(images, texts, strict=False)
    ]


def build(plan: ExportPlan, images: Sequence[Photograph], parts: int = 1) -> bytes:
    """Return an export's bytes, built in `parts` parts that share nothing, the last one first.

    Shards hold the images of a split, each in so many parts; Parquet files are in one.
    """
    written = [
        _write_part(plan, images_of_part, split, number)
        for number, (split, images_of_part) in reversed([*enumerate(_cut(plan, images, parts))])
    ]
    objects: dict[str, bytes] = {}
    described = []
    for part, body, sections in reversed(written):
        objects |= {part.name: body} | {f"{part.name}.{name}": sections[name] for name in sections}
        described.append(part)
    assembly = Assembly(plan, described, lambda name, section: objects[f"{name}.{section}"])
    bodies = [objects[one] if isinstance(one, str) else one for one in assembly.pieces]
    assert assembly.state.offset == sum(map(len, bodies))
    closing = io.BytesIO()
    assembly.finish(closing)
    assert assembly.state.images == len(images)
    return b"".join(bodies) + closing.getvalue()


def _cut(
    plan: ExportPlan, images: Sequence[Photograph], parts: int
) -> Iterable[tuple[str | None, Sequence[Photograph]]]:
    splits = sorted({str(entry.split) for entry, _ in images}) if plan.options.splits else [None]
    if plan.options.layout == "huggingface":
        parts = 1  # each has a file of its own
    for split in splits if plan.options.keeps_splits_apart else [None]:
        chosen = [one for one in images if split in (None, one[0].split)]
        ends = [len(chosen) * part // parts for part in range(parts + 1)]
        for start, end in pairwise(ends):
            yield split, chosen[start:end]


def _write_part(
    plan: ExportPlan, images: Sequence[Photograph], split: str | None, number: int
) -> tuple[DescribedPart, bytes, dict[str, bytes]]:
    sink = io.BytesIO()
    shard = name_shard(plan.options.layout, split, 0)
    writer = make_part_writer(plan, sink, ExportState(shard=shard))
    for entry, content in images:
        writer.add(entry, content)
    sections = writer.end()
    name = f"part-{number}"
    writer.state.objects = [name]
    state = ExportState.model_validate_json(writer.state.model_dump_json())
    assert state.offset == len(sink.getvalue())
    return DescribedPart(name, split, state), sink.getvalue(), sections


def in_formats(*formats: str, count: int = 12) -> list[Photograph]:
    """Return small pictures in each of these formats in turn, half of them with all texts."""
    images = []
    for number in range(count):
        kind = formats[number % len(formats)]
        extension = {"JPEG": "jpg", "TIFF": "tif"}.get(kind, kind.lower())
        content = encode_image(Image.new("RGB", (32 + number, 24), (20 * number, 90, 40)), kind)
        entry = ExportEntry(
            id=UUID(int=number + 1),
            sha256=hashlib.sha256(content).hexdigest(),
            extension=extension,
            format=kind.lower(),
            file_size=len(content),
            width=32 + number,
            height=24,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        if number >= count // 2:
            entry = replace(entry, label="cat", caption="cat", license="CC0", original_url="a")
            entry = replace(entry, attribution="b", source_page="c", file_name="d", phash=number)
        images.append((entry, content))
    return images

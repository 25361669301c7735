"""Originals that browsers show and readers of training data refuse, read by these all the same."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from shared.exports.entries import ExportEntry
from shared.exports.plan import ExportPlan
from shared.exports.refusals import leave_out_refused
from shared.imaging.limits import ImageFormat
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import Photograph, build, in_formats
from tests.shared.exports.test_imagefolder import Unpack, load, unpack
from tests.shared.exports.test_webdataset import read_by_datasets, read_by_webdataset, write
from tests.shared.imaging.containers.test_refusals import BROKEN, WITH_EXIF
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.photographs import encode_image

__all__ = ["unpack"]
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

SIZE = (40, 24)
PICTURE = Image.new("RGB", SIZE, "teal")


def png_with(*chunks: bytes) -> bytes:
    """Return a PNG with these chunks in front of its pixels."""
    data = encode_image(PICTURE, "PNG")
    return data[:33] + b"".join(chunks) + data[33:]


LARGE = zlib.compress(bytes(2 * 2**20))
WRONG = chunk(b"tEXt", b"Title\0cat")[:-1] + b"?"
REFUSED: dict[str, tuple[ImageFormat, Callable[[], bytes], str]] = {
    "checksum": ("png", lambda: png_with(WRONG), "tEXt"),
    "text": ("png", lambda: png_with(chunk(b"zTXt", b"a\0\0" + LARGE)), "zTXt"),
    "profile": ("png", lambda: png_with(chunk(b"iCCP", b"a\0\0" + LARGE)), "iCCP"),
    "two kinds": ("png", lambda: png_with(WRONG, chunk(b"zTXt", b"a\0\0" + LARGE)), "tEXt, zTXt"),
    "jpeg": ("jpeg", lambda: WITH_EXIF["jpeg"](BROKEN), "APP1"),
    "webp": ("webp", lambda: WITH_EXIF["webp"](BROKEN), "EXIF"),
    "avif": ("avif", lambda: WITH_EXIF["avif"](BROKEN), "Exif"),
}


def as_entry(number: int, kind: ImageFormat, content: bytes) -> ExportEntry:
    return ExportEntry(
        id=UUID(int=1000 + number),
        sha256=hashlib.sha256(content).hexdigest(),
        extension="jpg" if kind == "jpeg" else kind,
        format=kind,
        file_size=len(content),
        width=SIZE[0],
        height=SIZE[1],
        label=("cat", "dog")[number % 2],
    )


def refused_images() -> list[Photograph]:
    made = [(kind, make()) for kind, make, _ in REFUSED.values()]
    return [(as_entry(n, kind, content), content) for n, (kind, content) in enumerate(made)]


def opens(content: bytes) -> bool:
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
        image.getexif()
    except (SyntaxError, ValueError, OSError):
        return False
    return True


@pytest.mark.parametrize("name", REFUSED)
def test_a_part_that_pillow_refuses_is_left_out(name: str) -> None:
    kind, make, parts = REFUSED[name]
    content = make()
    assert not opens(content)

    entry, readable = leave_out_refused(as_entry(0, kind, content), content)

    assert opens(readable)
    assert entry.left_out == parts
    assert entry.file_size == len(readable)
    assert entry.sha256 == hashlib.sha256(content).hexdigest()
    assert leave_out_refused(entry, readable)[1] == readable


@pytest.mark.parametrize("include_metadata", [True, False])
def test_an_image_folder_is_read_and_says_what_it_lacks(
    include_metadata: bool, unpack: Unpack
) -> None:
    whole = in_formats("PNG", "JPEG")
    folder = unpack([*whole, *refused_images()], include_metadata=include_metadata)

    (rows,) = load(folder).values()

    found = {row["image_id"]: row for row in rows}
    for (entry, _), (_, _, parts) in zip(refused_images(), REFUSED.values(), strict=True):
        row = found.pop(str(entry.id))
        assert (row["image"].size, row["left_out"], row["sha256"]) == (SIZE, parts, entry.sha256)
        if include_metadata:
            (file,) = folder.rglob(f"{entry.sha256[:32]}.*")
            assert row["file_size"] == file.stat().st_size
    assert {row["left_out"] for row in found.values()} == {""}
    assert len(found) == len(whole)
    for entry, content in whole:
        (file,) = folder.rglob(f"{entry.sha256[:32]}.*")
        assert file.read_bytes() == content
    assert json.loads((folder / "dataset.json").read_bytes())["left_out"] == {
        "APP1": 1, "EXIF": 1, "Exif": 1, "iCCP": 1, "tEXt": 1, "tEXt, zTXt": 1, "zTXt": 1,
    }  # fmt: skip
    assert "7 images lack parts" in (folder / "README.md").read_text()


def test_samples_are_read_and_say_what_they_lack(tmp_path: Path) -> None:
    path = write(tmp_path, refused_images())
    for samples in (read_by_webdataset(path), read_by_datasets(path, tmp_path)):
        assert {sample["jpg"].size for sample in samples} == {SIZE}
        assert [sample["json"]["left_out"] for sample in samples] == [
            parts for _, _, parts in REFUSED.values()
        ]


def test_coco_says_what_its_images_lack() -> None:
    plan = ExportPlan("pictures", "zip", ExportOptions(layout="coco"))
    data = build(plan, [*in_formats("PNG", count=1), *refused_images()])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        images = json.loads(archive.read("annotations/images.json"))["images"]
        assert all(opens(archive.read(f"images/{image['file_name']}")) for image in images)
    assert [image.get("left_out") for image in images] == [
        None,
        *(parts for _, _, parts in REFUSED.values()),
    ]


@pytest.mark.parametrize("changed", [{"format": "heic"}, {"format": "gif"}, {"format": "png"}])
def test_what_is_not_taken_apart_stays_as_it_is(changed: dict[str, Any]) -> None:
    """A file of another kind, or of more parts than are accepted now."""
    content = png_with(*[chunk(b"tEXt", b"a\0b")] * 100_001, WRONG)
    entry = replace(as_entry(0, "png", content), **changed)
    assert leave_out_refused(entry, content) == (entry, content)


def test_tables_have_no_column_for_it() -> None:
    assert b"left_out" not in build(ExportPlan("pictures", "csv"), in_formats("PNG"))

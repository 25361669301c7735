"""Near copies in different splits of an export, looked for in the pixels of every pair of files.

A crawl by the local stack of 700 pictures and 300 near copies of some of them.
"""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import requests
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from tests.shared.imaging.photographs import PHOTOGRAPHS, encode_image, load_photograph
from tests.sites import serve
from tests.stacks import RunningStack, StackClient, await_job, temporary_state

_PICTURES, _COPIES = 700, 300
_TILES, _SIDE = 4, 320
_ALIKE = 0.95  # correlation of 32 x 32 grey pixels from which two files are called near copies


_DISTANCES = (8, 14)


@dataclass(frozen=True)
class _File:
    """A file of an export: from which picture it was made, how, and its 32 x 32 pixels."""

    split: str
    origin: int
    change: str
    phash: int
    pixels: NDArray[np.float64]


def _scale(by: float) -> Callable[[Image.Image], Image.Image]:
    return lambda one: one.resize(
        (int(one.width * by), int(one.height * by)), Image.Resampling.LANCZOS
    )


def _crop(by: float) -> Callable[[Image.Image], Image.Image]:
    """Cut a share off each side."""
    return lambda one: ImageOps.crop(one, int(max(one.size) * by))


def _mark(one: Image.Image) -> Image.Image:
    marked = one.copy()
    ImageDraw.Draw(marked).text(
        (one.width * 0.7, one.height * 0.93), "example.org", fill=(255, 255, 255)
    )
    return marked


_CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "none": lambda one: one,
    "half the size": _scale(1 / 2),
    "a quarter of the size": _scale(1 / 4),
    "0.5 % off each side": _crop(0.005),
    "1 % off each side": _crop(0.01),
    "2 % off each side": _crop(0.02),
    "brighter": lambda one: ImageEnhance.Brightness(one).enhance(1.2),
    "darker": lambda one: ImageEnhance.Brightness(one).enhance(0.8),
    "more contrast": lambda one: ImageEnhance.Contrast(one).enhance(1.3),
    "grey": lambda one: one.convert("L"),
    "blurred": lambda one: one.filter(ImageFilter.GaussianBlur(1.5)),
    "marked": _mark,
}
_FILES = (("JPEG", 90), ("JPEG", 50), ("JPEG", 20), ("WEBP", 60), ("PNG", None))


def measure() -> None:
    """Print how many pairs are in different splits, of copies made here and of what looks alike."""
    with serve() as site, temporary_state() as state:
        origins = {}
        for number, (body, media_type, origin, change) in enumerate(_make_files()):
            origins[site.put(f"/{number}", body, media_type)] = origin, change
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB="embedded",
            PIXMILL_CRAWL_ALLOW=site.base_url.removeprefix("http://"),
            PIXMILL_CRAWL_PER_HOST="32",
        ).start()
        try:
            client = stack.client()
            project = _crawl(client, list(origins))
            for distance in _DISTANCES:
                archive = _export(client, project, distance)
                files = list(_read_files(archive, origins))
                groups = json.loads(archive.read("split_proof.json"))["groups"]
                splits = dict(Counter(one.split for one in files))
                print(f"  leak_distance {distance}: {len(files)} files, {groups} groups, {splits}")
                _compare(files)
        finally:
            stack.close()


def _crawl(client: StackClient, urls: list[str]) -> str:
    project = str(client.post("/v1/projects", {"name": "bench"})["id"])
    source = {"type": "urls", "urls": urls}
    options = {"respect_robots": False, "dedup": "exact"}
    body = {"name": "bench", "source": source, "options": options}
    job = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
    await_job(client, f"/v1/crawl-jobs/{job}", 600)
    return project


def _export(client: StackClient, project: str, distance: int) -> zipfile.ZipFile:
    splits = {"train": 0.8, "validation": 0.1, "test": 0.1}
    options = {"splits": splits, "leak_distance": distance}
    body = {"name": "bench", "format": "zip", "options": options}
    export = client.post(f"/v1/projects/{project}/export-jobs", body)["id"]
    link = await_job(client, f"/v1/export-jobs/{export}", 600)["download_url"]
    return zipfile.ZipFile(io.BytesIO(requests.get(link, timeout=60).content))


def _read_files(archive: zipfile.ZipFile, origins: dict[str, tuple[int, str]]) -> Iterator[_File]:
    for name in archive.namelist():
        if name.endswith("metadata.jsonl"):
            folder = name.removesuffix("metadata.jsonl")
            for line in archive.read(name).decode().splitlines():
                row = json.loads(line)
                pixels = _read_pixels(archive.read(folder + row["file_name"]))
                origin = origins[row["original_url"]]
                yield _File(folder.split("/")[0], *origin, int(row["phash"], 16), pixels)


def _make_files() -> list[tuple[bytes, str, int, str]]:
    """Return files, each with its type, the number of its picture and what was done to it."""
    pictures = [
        tile.rotate(90 * turn, expand=True)
        for name in PHOTOGRAPHS
        for tile in _cut(load_photograph(name).convert("RGB"))
        for turn in range(4)
    ]
    rng = np.random.default_rng(1)
    chosen = rng.permutation(len(pictures))[:_PICTURES].tolist()
    files = [(encode_image(pictures[one], quality=95), "image/jpeg", one, "") for one in chosen]
    for number in range(_COPIES):
        change = list(_CHANGES)[number % len(_CHANGES)]
        kind, quality = _FILES[number // len(_CHANGES) % len(_FILES)]
        copy = _CHANGES[change](pictures[chosen[number]])
        options = {} if quality is None else {"quality": quality}
        body = encode_image(copy, kind, **options)
        files.append((body, f"image/{kind.lower()}", chosen[number], change))
    return files


def _cut(photograph: Image.Image) -> list[Image.Image]:
    """Return parts of a photograph, and their mirror images."""
    width, height = photograph.width // _TILES, photograph.height // _TILES
    parts = [
        photograph.crop((x * width, y * height, (x + 1) * width, (y + 1) * height)).resize(
            (_SIDE, _SIDE * height // width), Image.Resampling.BICUBIC
        )
        for x in range(_TILES)
        for y in range(_TILES)
    ]
    return [*parts, *map(ImageOps.mirror, parts)]


def _read_pixels(data: bytes) -> NDArray[np.float64]:
    """Return 32 x 32 grey pixels, of which the product of two files' is their correlation."""
    with Image.open(io.BytesIO(data)) as image:
        grey = image.convert("L").resize((32, 32), Image.Resampling.BOX)
    pixels = np.asarray(grey, float).ravel()
    pixels -= pixels.mean()
    return np.asarray(pixels / (np.linalg.norm(pixels) or 1))


def _compare(files: list[_File]) -> None:
    alike = np.array([one.pixels for one in files]) @ np.array([one.pixels for one in files]).T
    pairs, crossing = Counter[str](), Counter[str]()
    for number, one in enumerate(files):
        for place, other in enumerate(files[:number]):
            kinds = []
            if alike[number, place] > _ALIKE:
                kinds.append(f"of any two with a correlation above {_ALIKE}")
            if one.origin == other.origin:
                kinds.append(f"made here: {one.change or other.change}")
            pairs.update(kinds)
            if kinds and one.split != other.split:
                crossing.update(kinds)
                bits = (one.phash ^ other.phash).bit_count()
                print(f"    {kinds}: {alike[number, place]:.3f}, hashes differ in {bits} bits")
    for kind in sorted(pairs):
        print(f"    {crossing[kind]} of {pairs[kind]} pairs are in different splits, {kind}")

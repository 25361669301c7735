"""A project full of pictures: rows straight in the database, a few small pictures in the bucket."""

import hashlib
import io
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import requests
from PIL import Image as Pillow
from PIL import ImageDraw
from sqlalchemy import insert
from sqlalchemy.orm import Session

from infra.local.addresses import Addresses
from shared.models import Image, ImageVariant, Project
from shared.storage.names import name_image, name_thumbnail
from tests.databases import connect_to
from tests.factories import image_row

LABELS = ("meadow", "dune", "sea", "night", "Alpenvorlandschaftsschutzgebiet")
_SKIES = {
    "meadow": ("#7cb8e8", "#e9f4fb", "#5c9a4a", "#3d7a3a"),
    "dune": ("#e8b77c", "#fbeedd", "#c98f4e", "#9a6a35"),
    "sea": ("#5a9ad0", "#d6ebf7", "#2f7aa6", "#1c5577"),
    "night": ("#141b3c", "#3b3f78", "#1d2233", "#0d101a"),
    "Alpenvorlandschaftsschutzgebiet": ("#8fa9c4", "#f2e4df", "#6b7f8f", "#44566a"),
}
_SIZES = ((640, 480), (480, 640), (800, 450), (512, 512))
_DIFFERENT = 20
_BATCH = 5000


def draw_scene(seed: int) -> tuple[str, Pillow.Image]:
    """Return a label and a picture of it: a sky, a sun or moon, and hills."""
    chance = random.Random(seed)
    label = LABELS[seed % len(LABELS)]
    top, bottom, far, near = _SKIES[label]
    width, height = _SIZES[seed % len(_SIZES)]
    picture = Pillow.linear_gradient("L").resize((width, height))
    scene = Pillow.composite(
        Pillow.new("RGB", picture.size, bottom), Pillow.new("RGB", picture.size, top), picture
    )
    draw = ImageDraw.Draw(scene)
    x, y, r = chance.randrange(width), chance.randrange(height // 3), chance.randrange(20, 50)
    draw.ellipse((x - r, y - r, x + r, y + r), fill="#fff6d8")
    for colour, base in ((far, 0.55), (near, 0.75)):
        ridge = [
            (width * step // 8, int(height * (base + chance.uniform(-0.09, 0.09))))
            for step in range(9)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    return label, scene


class PictureStore:
    """Writes images of a project as a crawl leaves them; their pictures repeat."""

    def __init__(self, addresses: Addresses, project_id: str) -> None:
        self._addresses = addresses
        self._engine = connect_to(addresses.database_url)
        self._project_id = UUID(project_id)
        self._scenes = [self._put_scene(seed) for seed in range(_DIFFERENT)]

    def add(self, count: int, **columns: Any) -> list[UUID]:
        """Write so many images and return their ids, oldest first."""
        with Session(self._engine) as session:
            project = session.get_one(Project, self._project_id)
            images, variants = [], []
            for position in range(count):
                row = image_row(session, project, **self._describe(position) | columns)
                images.append(_read_columns(row))
                variants.append(self._describe_thumbnail(row.id, position))
            for table, rows in ((Image, images), (ImageVariant, variants)):
                for batch in _split(rows):
                    session.execute(insert(table).returning(table.id), batch)  # many rows at once
            session.commit()
        return [row["id"] for row in images]

    def change(self, image_id: UUID, **columns: Any) -> None:
        """Set columns of an image."""
        with Session(self._engine) as session:
            for name, value in columns.items():
                setattr(session.get_one(Image, image_id), name, value)
            session.commit()

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def _describe(self, position: int) -> dict[str, Any]:
        scene = self._scenes[position % _DIFFERENT]
        label = None if position % 11 == 0 else scene["label"]
        return {
            **{name: scene[name] for name in ("sha256", "file_path", "width", "height")},
            "image_hash": None,
            "phash": position * 0x9E3779B97F4A7C15 % 2**64 - 2**63,
            "file_name": f"{scene['label']}-{position:06}.jpg",
            "label": label,
            "license": ("CC-BY-4.0", "CC0-1.0", None)[position % 3],
            "original_url": f"https://photos{position % 4}.example.org/{position}.jpg",
            "sharpness": 20.0 + position % 900,
            "brightness": 0.2 + position % 60 / 100,
        }

    def _describe_thumbnail(self, image_id: UUID, position: int) -> dict[str, Any]:
        scene = self._scenes[position % _DIFFERENT]
        name = name_thumbnail(self._project_id, scene["sha256"])
        return {
            "image_id": image_id,
            "name": "thumbnail",
            "object": name,
            "spec": {},
            "width": 256,
            "height": 192,
            "file_size": 5000,
        }

    def _put_scene(self, seed: int) -> dict[str, Any]:
        label, picture = draw_scene(seed)
        data = _encode(picture, "JPEG")
        sha256 = hashlib.sha256(data).hexdigest()
        path = name_image(self._project_id, sha256, "jpg")
        self._put(path, data, "image/jpeg")
        picture.thumbnail((256, 256))
        self._put(name_thumbnail(self._project_id, sha256), _encode(picture, "WEBP"), "image/webp")
        width, height = _SIZES[seed % len(_SIZES)]
        about = {"label": label, "sha256": sha256, "file_path": path}
        return about | {"width": width, "height": height}

    def _put(self, name: str, data: bytes, kind: str) -> None:
        host, bucket = self._addresses.storage_emulator_host, self._addresses.bucket
        answer = requests.post(
            f"{host}/upload/storage/v1/b/{bucket}/o",
            params={"uploadType": "media", "name": name},
            headers={"Content-Type": kind},
            data=data,
            timeout=30,
        )
        assert answer.ok, answer.text


def _read_columns(row: Image) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def _encode(picture: Pillow.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _split(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]

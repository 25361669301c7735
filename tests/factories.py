"""Rows as the functions leave them, for tests that begin in the middle."""

import hashlib
import io
from typing import Any, TypeVar
from uuid import UUID
from zlib import crc32

import numpy as np
from PIL import Image as Pillow
from sqlalchemy.orm import Session

from shared.images.rows import hash_content
from shared.models import CrawlChunk, CrawlJob, DatasetVersion, Image, Project, VersionImage
from shared.models.base import Base, new_id
from shared.services import services
from shared.storage.names import name_image

Row = TypeVar("Row", bound=Base)


def project(session: Session, user_id: UUID, **columns: Any) -> Project:
    """Return an active project."""
    return _save(session, Project(**{"user_id": user_id, "name": "cats"} | columns))


def crawl_job(session: Session, of: Project, **columns: Any) -> CrawlJob:
    """Return a crawl job that has completed."""
    defaults = {
        "project_id": of.id,
        "name": "street cats",
        "source": {"type": "urls", "urls": []},
        "status": "completed",
        "progress": 100,
    }
    return _save(session, CrawlJob(**defaults | columns))


def chunk(session: Session, of: CrawlJob, **columns: Any) -> CrawlChunk:
    """Return a chunk that waits to be fetched."""
    urls = columns.get("urls", [{"url": "http://example.com/a.jpg"}])
    defaults = {"crawl_job_id": of.id, "position": 0, "urls": urls, "url_count": len(urls)}
    return _save(session, CrawlChunk(**defaults | columns))


def image(session: Session, of: Project | CrawlJob, **columns: Any) -> Image:
    """Return a completed image of content that no other has; its object is not in the bucket.

    With `sha256` its content is chosen, with `image_hash=None` it is a copy.
    """
    return _save(session, image_row(session, of, **columns))


def images(session: Session, of: Project | CrawlJob, count: int, **columns: Any) -> list[Image]:
    """So many completed images, oldest first."""
    rows = [image_row(session, of, **columns) for _ in range(count)]
    session.add_all(rows)
    session.commit()
    return rows


def image_row(session: Session, of: Project | CrawlJob, **columns: Any) -> Image:
    """Return a completed image that is not in the database yet."""
    owner = of if isinstance(of, Project) else session.get_one(Project, of.project_id)
    identity = columns.get("id") or new_id()
    sha256 = columns.get("sha256") or hashlib.sha256(identity.bytes).hexdigest()
    defaults = {
        "id": identity,
        "project_id": owner.id,
        "crawl_job_id": of.id if isinstance(of, CrawlJob) else None,
        "user_id": owner.user_id,
        "status": "completed",
        "sha256": sha256,
        "image_hash": hash_content(owner.user_id, sha256),
        "file_path": name_image(owner.id, sha256, "jpg"),
        "file_name": "cat.jpg",
        "phash": int(sha256[:16], 16) - 2**63,
        "mime_type": "image/jpeg",
        "format": "jpeg",
        "file_size": 100_000,
        "width": 640,
        "height": 480,
        "channels": 3,
        "frames": 1,
        "sharpness": 300.0,
        "brightness": 0.5,
        "darkness": 0.1,
        "uniformity": 0.1,
    }
    return Image(**defaults | columns)


def store_image(session: Session, of: Project | CrawlJob, **columns: Any) -> Image:
    """A completed image whose object is in the bucket: a picture of its own, of 64 by 48 pixels."""
    data = columns.pop("data", None) or picture(new_id().int)
    sha256 = hashlib.sha256(data).hexdigest()
    measured = {"sha256": sha256, "file_size": len(data), "crc32": crc32(data)}
    row = image_row(session, of, **measured | columns)
    row.width, row.height = Pillow.open(io.BytesIO(data)).size
    services().storage.put_once(row.file_path or "", data, "image/jpeg")
    return _save(session, row)


def picture(seed: int = 0, size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    """Return a picture with some structure, the same for the same seed."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Pillow.fromarray(coarse).resize(size, Pillow.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def _save(session: Session, row: Row) -> Row:
    session.add(row)
    session.commit()
    return row


def version(session: Session, of: Project, *images: Image, **columns: Any) -> DatasetVersion:
    """Return a version of a project that holds some of its images."""
    given = {"name": "v1", "status": "completed", "image_count": len(images), **columns}
    row = _save(session, DatasetVersion(project_id=of.id, **given))
    for one in images:
        content = bytes.fromhex(one.sha256 or "")
        session.add(VersionImage(version_id=row.id, sha256=content, image_id=one.id))
    session.commit()
    return row

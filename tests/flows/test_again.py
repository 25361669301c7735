"""A site of 500 images, crawled again: what its log says."""

import random
from collections.abc import Callable
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import AddressRecord, Image
from tests.sites import Site, crawl, encode, project, site, start

__all__ = ["crawl", "project", "site", "start"]

COUNT = 500


def paint(number: int) -> bytes:
    """Encode a small picture of noise, for every number another."""
    noise = random.Random(number).randbytes(24 * 24 * 3)
    return encode(Pillow.frombytes("RGB", (24, 24), noise), "png")


def count_images(site: Site) -> int:
    return sum(number for path, number in site.hits.items() if path.startswith("/images/"))


def test_a_second_crawl_of_an_unchanged_site_downloads_no_image(
    site: Site, crawl: Callable[..., Any], session: Session
) -> None:
    for number in range(COUNT):
        headers = [("ETag", f'"{number}"')]
        site.put(f"/images/{number}.png", paint(number), "image/png", headers=headers)
    shown = "".join(f"<img src=/images/{number}.png>" for number in range(COUNT))
    source = {"type": "pages", "pages": [site.page("/gallery", shown)]}
    first = crawl(source)
    assert (first["downloaded_images"], count_images(site)) == (COUNT, COUNT)

    second = crawl(source)
    assert (second["status"], second["total_images"]) == ("completed", COUNT)
    assert (second["duplicate_images"], second["downloaded_images"]) == (COUNT, 0)
    assert (count_images(site), site.hits["/gallery"]) == (COUNT, 2)

    third = crawl(source, refresh="revalidate")
    assert third["duplicate_images"] == COUNT
    assert (count_images(site), site.unchanged.total()) == (2 * COUNT, COUNT)

    site.put("/images/7.png", paint(COUNT), "image/png", headers=[("ETag", '"new"')])
    fourth = crawl(source, refresh="revalidate")
    assert (fourth["downloaded_images"], fourth["duplicate_images"]) == (1, COUNT - 1)
    assert site.unchanged.total() == 2 * COUNT - 1
    originals = select(func.count()).select_from(Image).where(~Image.is_duplicate)
    assert session.scalar(originals) == COUNT + 1
    assert session.scalar(select(func.count()).select_from(AddressRecord)) == COUNT

"""The images that a run shows, and their contact sheet."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pixmill

from infra.demo.account import fetch_content
from shared.imaging import make_contact_sheet

_MOST = 96  # pictures


def choose_images(images: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return ids of images; of many an even choice."""
    step = max(1, -(-len(images) // _MOST))
    return [str(image["image_id"]) for image in images[::step]]


def fetch_thumbnails(client: pixmill.Client, image_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the images' thumbnails, by id."""
    return {image_id: fetch_content(client, image_id, "thumbnail") for image_id in image_ids}


def draw_sheet(thumbnails: Collection[bytes]) -> bytes:
    """Return them as one JPEG."""
    return make_contact_sheet(list(thumbnails))

"""Resizing for an export (224 x 224, cover, JPEG) against Pillow's own cover."""

import io
import time
from collections.abc import Callable

from PIL import Image, ImageOps

from shared.imaging.resize_options import Resize
from shared.imaging.resizing import resize_image
from tests.shared.imaging.photographs import encode_image, enlarge_photograph

_IMAGES = 40
_SIZES = ((640, 480), (1600, 1200), (4000, 3000))
_COVER = Resize(width=224, height=224, mode="cover")


def measure() -> None:
    """Print CPU seconds for 1,000 images, ours and Pillow's in turn, so that both see one load."""
    for width, height in _SIZES:
        picture = enlarge_photograph("coffee.png", (width, height))
        for kind in ("JPEG", "PNG", "WEBP"):
            if kind != "JPEG" and width > 2000:
                continue
            data = encode_image(picture, kind)
            count = _IMAGES if width < 2000 else _IMAGES // 4
            works: dict[str, Callable[[bytes], object]] = {
                "ours": lambda one: resize_image(one, _COVER),
                "Pillow": _cover_by_pillow,
            }
            spent = dict.fromkeys(works, 0.0)
            for _ in range(count):
                for name, work in works.items():
                    started = time.process_time()
                    work(data)
                    spent[name] += time.process_time() - started
            ours, theirs = (seconds * 1000 / count for seconds in spent.values())
            print(
                f"  {kind:4} {width:4} x {height:4}: {ours:6.1f} CPU s per 1,000 images, "
                f"Pillow {theirs:6.1f}: {ours / theirs:.2f} x"
            )


def _cover_by_pillow(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
        small = ImageOps.fit(upright, (224, 224), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "jpeg", quality=85)
    return buffer.getvalue()

"""Inspecting an image (check, hashes, metrics, thumbnail) against a plain Pillow thumbnail."""

import io
import time
from collections.abc import Callable
from functools import partial

from PIL import Image

from shared.imaging import inspect
from tests.sites import photo

_IMAGES = 40


def measure() -> None:
    """Print CPU milliseconds per image."""
    for kind in ("jpeg", "webp", "png"):
        files = [photo(number, kind, 512) for number in range(_IMAGES)]
        ours = _cpu(inspect, files)
        bare = _cpu(partial(inspect, thumbnail=None), files)
        naive = _cpu(_naive, files)
        print(
            f"  {kind:5} inspect {ours:5.1f} ms, without thumbnail {bare:5.1f} ms, "
            f"Pillow thumbnail alone {naive:5.1f} ms: {ours / naive:.2f} x"
        )


def _naive(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        small = picture.convert("RGB").resize((256, 256), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "webp", quality=80)
    return buffer.getvalue()


def _cpu(work: Callable[[bytes], object], files: list[bytes]) -> float:
    work(files[0])
    started = time.process_time()
    for data in files:
        work(data)
    return (time.process_time() - started) * 1000 / len(files)

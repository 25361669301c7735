#!/usr/bin/env bash
# img2dataset 1.47.0 (with OpenCV 4.14.0.94) makes nearly every picture of 16 bits a channel plain white, and counts it as a success.
#
# It decodes with `cv2.IMREAD_UNCHANGED`, so a PNG of 16 bits stays one, and hands that to OpenCV's JPEG encoder. Neither scales: the encoder
# cuts each value off at 255. Of the 65,536 levels the lowest 256 (0.4 % of the range, all but black) survive, and all the others are white. With an alpha
# channel it is the same, since the matting divides a 16-bit alpha by 255. `encode_format=webp` does the same.
# Why it matters: depth maps, X-rays, microscopy and scans often come as 16-bit PNG. Nothing fails or warns: the set has its full count of samples, with white
# squares for pictures. A guess would be that they are scaled to 8 bits, as viewers do, or refused.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet opencv-python-headless==4.14.0.94 numpy==2.4.6
"$work/venv/bin/pip" install --quiet --no-deps img2dataset==1.47.0

"$work/venv/bin/python" - <<'PYTHON'
import io
import sys
from importlib.metadata import distribution
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import cv2
import numpy as np

# The part that encodes alone: the package around it wants a gigabyte of libraries, and
# albumentations is asked for nothing when sizes stay as they are.
sys.modules["albumentations"] = ModuleType("albumentations")
path = distribution("img2dataset").locate_file("img2dataset/resizer.py")
spec = spec_from_file_location("resizer", path)
resizer = module_from_spec(spec)
spec.loader.exec_module(resizer)

# From black to white in 256 columns: 0, 257, 514 … 65535 are the 16-bit forms of the grey levels 0 … 255.
ramp = np.tile(np.arange(256, dtype=np.uint16) * 257, (64, 1))
opaque = np.full_like(ramp, 65535)
pictures = {"grey": ramp, "colour": cv2.merge([ramp] * 3), "with alpha": cv2.merge([ramp, ramp, ramp, opaque])}
changed = False
for encode_format in ("jpg", "webp"):
    for name, picture in pictures.items():
        png = cv2.imencode(".png", picture)[1].tobytes()
        resize = resizer.Resizer(256, "no", False, encode_format=encode_format)
        data, *_, error = resize(io.BytesIO(png))
        stored = cv2.imdecode(np.frombuffer(data or b"", np.uint8), cv2.IMREAD_GRAYSCALE) if data else None
        white = None if stored is None else float((stored > 250).mean())
        print(f"{encode_format:4} 16-bit {name:10} error: {error!s:5} white columns: {white}")
        changed |= stored is None or white < 0.9
sys.exit("img2dataset scales or refuses 16-bit pictures now" if changed else 0)
PYTHON

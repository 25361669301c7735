#!/usr/bin/env bash
# OpenCV 5.0.0 shows AVIFs on their side: it heeds neither their rotation (`irot`) nor their mirror (`imir`), also where
# it is asked to heed orientations. Pillow 13.0.0 and browsers do.
#
# `cv2.imread` and `imdecode` turn JPEG, PNG and WebP by EXIF unless IMREAD_IGNORE_ORIENTATION is given. In an AVIF the
# orientation is a property of the picture itself (ISO 23008-12, 6.5.10), which a reader has to apply; whoever converts a photograph
# with Pillow, libheif or avifenc gets such a property in place of EXIF's orientation.
# Why it matters: a folder of photographs that was converted to AVIF to save space is read upright by one loader and turned by
# a quarter by another; labels that were drawn on one do not fit the other, and no reader says a word.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pillow==13.0.0 opencv-python-headless==5.0.0.93

"$work/venv/bin/python" - <<'PYTHON'
import io
import sys

import cv2
import numpy
from PIL import Image, ImageOps

exif = Image.Exif()
exif[0x0112] = 6  # turn a quarter clockwise


def look(name: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Size in Pillow and OpenCV of a picture that is stored 60 pixels wide and 40 high, to be turned."""
    output = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(output, name, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(output.getvalue()))).size
    height, width, _ = cv2.imdecode(numpy.frombuffer(output.getvalue(), numpy.uint8), cv2.IMREAD_COLOR).shape
    return upright, (width, height)


seen = {name: look(name) for name in ("JPEG", "PNG", "WEBP", "AVIF")}
for name, (pillow, opencv) in seen.items():
    print(f"{name:5} Pillow {pillow[0]} x {pillow[1]}, OpenCV {opencv[0]} x {opencv[1]}")
others = {sizes for name, sizes in seen.items() if name != "AVIF"}
sys.exit(others != {((40, 60), (40, 60))} or seen["AVIF"] != ((40, 60), (60, 40)))
PYTHON

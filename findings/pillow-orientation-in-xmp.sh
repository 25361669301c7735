#!/usr/bin/env bash
# Pillow 13.0.0 turns pictures by an orientation that stands in XMP alone; OpenCV 5.0.0 does not, nor do browsers (Chromium
# 156), and the standards of JPEG and PNG name EXIF only.
#
# `Image.getexif` looks into XMP for `tiff:Orientation` where EXIF has none, so `ImageOps.exif_transpose` turns what no
# other reader turns. Hugging Face `datasets` calls it for every image that it decodes.
# Why it matters: photo managers write such packets and strip EXIF, or turn the pixels and forget the packet. Boxes, masks and
# key points that were drawn in a browser or with OpenCV then lie on another picture than the one that is trained on,
# and width and height of a table have changed places, without an error.
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

PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' \
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
exif = Image.Exif()
exif[0x0112] = 6  # turn a quarter clockwise


def look(name: str, **options: object) -> tuple[tuple[int, int], tuple[int, int]]:
    """Size in Pillow and OpenCV of a picture that is stored 60 pixels wide and 40 high."""
    output = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(output, name, **options)
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(output.getvalue()))).size
    height, width, _ = cv2.imdecode(numpy.frombuffer(output.getvalue(), numpy.uint8), cv2.IMREAD_COLOR).shape
    return turned, (width, height)


seen = {
    "JPEG, in EXIF": look("JPEG", exif=exif),
    "JPEG, in XMP": look("JPEG", xmp=PACKET),
    "WebP, in XMP": look("WEBP", xmp=PACKET),
    "AVIF, in XMP": look("AVIF", xmp=PACKET),
}
for name, (pillow, opencv) in seen.items():
    print(f"{name:14} Pillow and datasets {pillow[0]} x {pillow[1]}, OpenCV {opencv[0]} x {opencv[1]}")
in_xmp = {sizes for name, sizes in seen.items() if name.endswith("XMP")}
sys.exit(seen["JPEG, in EXIF"] != ((40, 60), (40, 60)) or in_xmp != {((40, 60), (60, 40))})
PYTHON

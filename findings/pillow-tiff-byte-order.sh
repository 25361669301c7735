#!/usr/bin/env bash
# Pillow 13.0.0 reads compressed big-endian TIFFs of floats and of signed 16 bits with their bytes swapped, without an
# error. Uncompressed ones, little-endian ones and unsigned 16 bits are read right; tifffile reads all of them right.
#
# libtiff gives decompressed samples in the machine's byte order. For unsigned 16 bits Pillow allows for that, for
# `F;32BF` and `I;16BS` it does not, and swaps them once more: 0.5 comes out as 8.8e-44, -100 as -25345.
# Why it matters: elevation models, radar, medical and microscope pictures are stored so, often big-endian and with
# LZW or deflate. `datasets`, torchvision and most loaders open them through Pillow and train on noise near zero.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pillow==13.0.0 numpy==2.3.5 tifffile==2025.10.16

"$work/venv/bin/python" - <<'PYTHON'
import io
import sys

import numpy as np
import tifffile
from PIL import Image

VALUES = {"float32": [0, 0.25, 0.5, 1], "int16": [-32768, -100, 0, 32767], "uint16": [0, 8192, 32768, 65535]}
changed = False
for kind, values in VALUES.items():
    for order, name in (("<", "little-endian"), (">", "big-endian")):
        for compression in (None, "zlib"):
            file = io.BytesIO()
            samples = np.array([values], kind)
            tifffile.imwrite(file, samples, byteorder=order, compression=compression, photometric="minisblack")
            file.seek(0)
            assert (tifffile.imread(file) == samples).all()
            file.seek(0)
            seen = np.asarray(Image.open(file))[0].tolist()
            expected = not (order == ">" and compression and kind != "uint16")
            changed |= (seen == values) is not expected
            verdict = "right" if seen == values else "WRONG"
            print(f"{kind:8} {name:14} {compression or 'plain':6} {verdict} {seen}")
sys.exit("Pillow reads these files differently now" if changed else 0)
PYTHON

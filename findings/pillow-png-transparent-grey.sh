#!/usr/bin/env bash
# Pillow 13.0.0 does not make the transparent colour of a PNG transparent where its greys have 2 or 4 bits.
# `convert("RGBA")` gives it opaque; pypng gives it with alpha 0, and so do libpng and browsers.
#
# A tRNS chunk names one grey by a sample of the file's own depth. Pillow compares that number with pixels that it has
# scaled to 8 bits: grey 1 of 2 bits is 85 then. If black is the transparent one, or with 1, 8 or 16 bits, all is right.
# Why it matters: optimisers turn scans, icons, masks and maps into such files, and what was a transparent background
# becomes a black or white one in whatever is trained on; a composite over a new background covers it.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pillow==13.0.0 pypng==0.20220715.0

"$work/venv/bin/python" - <<'PYTHON'
import io
import struct
import sys
import zlib

import png
from PIL import Image


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# Eight greys for each depth, of which some are the one that is transparent.
KEYS = {1: 1, 2: 1, 4: 5, 8: 5, 16: 0x8000}
ROWS = {1: b"\x55", 2: b"\x1b\x1b", 4: b"\x05\xaf\x05\xaf", 8: bytes([0, 5, 10, 255] * 2)}
ROWS[16] = struct.pack(">8H", *[0, 0x8000, 9, 0xFFFF] * 2)
changed = False
for bits, row in ROWS.items():
    header = struct.pack(">IIBBBBB", 8, 1, bits, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tRNS", struct.pack(">H", KEYS[bits]))
    data += chunk(b"IDAT", zlib.compress(b"\0" + row)) + chunk(b"IEND", b"")
    _, _, [samples], _ = png.Reader(bytes=data).asRGBA()
    right = [alpha == 0 for alpha in samples[3::4]]
    image = Image.open(io.BytesIO(data))
    seen = [alpha == 0 for alpha in image.convert("RGBA").getchannel("A").tobytes()]
    changed |= (seen == right) is not (bits not in (2, 4))
    print(f"{bits:2} bits: transparent in Pillow {sum(seen)}, in pypng {sum(right)} of 8 pixels")
sys.exit("Pillow reads these files differently now" if changed else 0)
PYTHON

#!/usr/bin/env bash
# Pillow 13.0.0 makes the wrong pixels of a PNG transparent where its greys have 2, 4 or 16 bits: none, or others.
# pypng agrees with libpng and browsers about which they are.
#
# A tRNS chunk names one grey by a sample of the file's own depth. `convert("RGBA")` compares that number with pixels
# that were scaled or cut to 8 bits: grey 1 of 2 bits is 85 then, and 0x8000 of 16 bits finds black instead of itself.
# With 1 or 8 bits, and with palettes, all is right.
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
    changed |= (seen == right) is not (bits in (1, 8))
    marks = ["".join(".x"[hidden] for hidden in row) for row in (seen, right)]
    print(f"{bits:2} bits, transparent pixels: in Pillow {marks[0]}, in pypng {marks[1]}")
sys.exit("Pillow reads these files differently now" if changed else 0)
PYTHON

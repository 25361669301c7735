#!/usr/bin/env bash
# img2dataset 1.47.0 (with OpenCV 4.14.0.94 and albumentations 1.4.24) lays upright photographs on their side for good.
#
# It decodes with `cv2.IMREAD_UNCHANGED`, which also means: do not turn by the EXIF orientation. Then it encodes the pixels anew,
# without the EXIF. A telephone's upright photograph (orientation 6) is stored lying, nothing in the file tells so any longer, and the
# sizes in its metadata are those of the lying picture. This holds for every `resize_mode`, for `no` too, and there is no option that turns. Only
# `disable_all_reencoding` keeps the file as it came, with its orientation.
# Why it matters: a guess would be that a photograph downloaded by the usual tool looks as in a browser. In a set that is built from people's
# photographs faces and buildings lie, boxes that were drawn in a browser do not fit, and `min_image_size` for width and height are swapped.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet albumentations==1.4.24 opencv-python-headless==4.14.0.94 pillow==12.3.0
"$work/venv/bin/pip" install --quiet --no-deps img2dataset==1.47.0

NO_ALBUMENTATIONS_UPDATE=1 "$work/venv/bin/python" - <<'PYTHON'
import io
import sys
from importlib.metadata import distribution
from importlib.util import module_from_spec, spec_from_file_location

from PIL import Image, ImageOps

# The part that resizes alone: the package around it wants a gigabyte of libraries.
path = distribution("img2dataset").locate_file("img2dataset/resizer.py")
spec = spec_from_file_location("resizer", path)
resizer = module_from_spec(spec)
spec.loader.exec_module(resizer)

# Stored 120 × 60 with the red half at the left; orientation 6 shows it 60 × 120 with red on top.
photograph = Image.new("RGB", (120, 60), "white")
photograph.paste("red", (0, 0, 60, 60))
orientation = Image.Exif()
orientation[0x0112] = 6
original = io.BytesIO()
photograph.save(original, "JPEG", exif=orientation, quality=95)

seen = ImageOps.exif_transpose(Image.open(original))
print("as browsers show it   ", seen.size, "top:", seen.getpixel((30, 5)))
changed = seen.size != (60, 120)
for mode in ("no", "keep_ratio", "keep_ratio_largest", "center_crop", "border"):
    data, *_, error = resizer.Resizer(60, mode, resize_only_if_bigger=False)(original)
    stored = Image.open(io.BytesIO(data))
    left = stored.getpixel((5, stored.height // 2))
    print(f"img2dataset, {mode:18}", stored.size, "left:", left, "orientation:", stored.getexif().get(0x0112))
    # Where a whole picture is kept, it lies: red stands at the left, not on top; the squares hold it lying as well.
    lies = stored.width >= stored.height and left[0] > 200 and (left[1] < 60 or mode == "center_crop")
    changed |= bool(error) or not lies or stored.getexif().get(0x0112) is not None
sys.exit("img2dataset turns photographs now" if changed else 0)
PYTHON

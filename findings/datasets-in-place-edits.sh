#!/usr/bin/env bash
# datasets 5.2.0 forgets what was drawn into an opened picture: where a map() function paints over a face, or shrinks with thumbnail(), and
# gives the same object back, the file on the disk is stored again, as it was, and no word is said.
#
# A PIL image that knows its file (filename is set) is encoded as that path, whatever its pixels are by then; only one without a
# file, such as crop(), resize() and copy() return, is encoded from its pixels. So the same function works on a dataset that
# holds bytes (Parquet from a hub) and does nothing on an image folder. Then to_parquet() embeds the untouched file.
# Why it matters: a data set whose faces and number plates were blurred is published with all of them to be seen.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet datasets==5.2.0 pillow==13.0.0
export HF_HOME="$work/cache"
cd "$work"

cat > edit.py <<'PYTHON'
from pathlib import Path

from datasets import Dataset, Features, Image, disable_progress_bars
from PIL import Image as Picture
from PIL import ImageDraw

disable_progress_bars()
Picture.new("RGB", (300, 200), (200, 200, 200)).save("grey.png")
by_path = ["grey.png"]
by_bytes = [{"bytes": Path("grey.png").read_bytes(), "path": None}]


def blacken(row):
    ImageDraw.Draw(row["image"]).rectangle((0, 0, 299, 199), fill=(0, 0, 0))
    return {"image": row["image"]}


def blacken_copy(row):
    return blacken({"image": row["image"].copy()})


def brightness(images, edit):
    edited = Dataset.from_dict({"image": images}, features=Features({"image": Image()})).map(edit)
    edited.to_parquet("edited.parquet")
    return Dataset.from_parquet("edited.parquet")[0]["image"].convert("L").getpixel((150, 100))


print(brightness(by_path, blacken), brightness(by_bytes, blacken), brightness(by_path, blacken_copy))
PYTHON
seen=$("$work/venv/bin/python" -W ignore edit.py)
read -r file bytes copy <<< "$seen"
echo "datasets 5.2.0: a grey picture (200) that map() painted black (0) is stored as $file where it came from a file,"
echo "as $bytes where it came as bytes, and as $copy where a copy was painted"
[ "$seen" = "200 0 0" ] || { echo "datasets encodes edited pictures otherwise now"; exit 1; }

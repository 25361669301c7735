#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 reads a folder of one picture and one Parquet file as a table, without the picture.
#
# `load_dataset(folder)` takes the kind of which there are most files; of equally many it prefers Parquet, and then reads every
# file as Parquet, or fails over the first that is none.
# Why it matters: a table beside the pictures (licences, rights, statistics) makes a small sample of a data set load as that
# table, while the whole set loads as pictures. A README that names the pictures by their endings settles it.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet datasets==5.2.0 pillow==13.0.0

HF_HUB_OFFLINE=1 HF_HOME="$work/home" "$work/venv/bin/python" - "$work" <<'PYTHON'
import sys
from pathlib import Path

import datasets
import pyarrow
import pyarrow.parquet
from PIL import Image

datasets.disable_progress_bars()
seen = {}
for count in (1, 2):
    folder = Path(sys.argv[1], f"pictures{count}")
    folder.mkdir()
    for number in range(count):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")
    pyarrow.parquet.write_table(pyarrow.table({"licence": ["CC0"]}), folder / "RIGHTS.parquet")
    for readme in (False, True):
        if readme:
            card = '---\nconfigs: [{"config_name": "default", "data_files": [{"split": "train", "path": ["**/*.png"]}]}]\n---\n'
            (folder / "README.md").write_text(card)
        try:
            loaded = datasets.load_dataset(str(folder))["train"]
            seen[count, readme] = "image" in loaded.features
        except Exception as error:
            seen[count, readme] = False
            print(f"{count} picture(s): {str(error)[:100]}")
print("read as pictures, by number of pictures and whether a README names them:", seen)
expected = {(1, False): False, (1, True): True, (2, False): True, (2, True): True}
sys.exit(0 if seen == expected else "datasets now reads the folder otherwise")
PYTHON

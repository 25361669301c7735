#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 does not load WebDataset shards of which the first is empty: it ends with an ArrowInvalid that
# names no file. Where a later shard is empty it loads them all, and webdataset 1.0.2 takes both.
#
# `datasets` infers the features from the samples of the first shard alone, and joins tables of which there are none.
# Why it matters: a job that writes shards side by side, or one whose first downloads all failed, leaves such a tar. The set
# trains with one reader, and with the other it cannot be opened, until a shard is removed or the order changed.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet datasets==5.2.0 webdataset==1.0.2 Pillow==13.0.0
export HF_HOME="$work/cache" HF_HUB_OFFLINE=1

cd "$work" && venv/bin/python -W ignore - <<'PYTHON'
import io
import sys
import tarfile

import datasets
import webdataset
from PIL import Image

datasets.disable_progress_bars()
datasets.logging.set_verbosity(datasets.logging.CRITICAL)
buffer = io.BytesIO()
Image.new("RGB", (8, 8), "red").save(buffer, "JPEG")
for name, count in (("empty.tar", 0), ("full.tar", 3)):
    with tarfile.open(name, "w") as tar:
        for number in range(count):
            for ending, content in (("jpg", buffer.getvalue()), ("cls", b"1")):
                member = tarfile.TarInfo(f"{number:05d}.{ending}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
print("datasets", datasets.__version__, "webdataset", webdataset.__version__)
found = []
for shards in (["full.tar", "empty.tar"], ["empty.tar", "full.tar"]):
    samples = len(list(webdataset.WebDataset(shards, shardshuffle=False)))
    try:
        loaded = str(len(datasets.load_dataset("webdataset", data_files={"train": shards}, split="train")))
    except Exception as error:
        loaded = f"{type(error).__name__}: {error}"
    found.append((samples, loaded))
    print(f"{' and '.join(shards)}: webdataset {samples} samples, datasets {loaded}")
same = found[0] == (3, "3") and found[1][0] == 3 and "at least one table" in found[1][1]
sys.exit(0 if same else "datasets reads an empty first shard otherwise now")
PYTHON

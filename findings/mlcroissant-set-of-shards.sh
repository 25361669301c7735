#!/usr/bin/env bash
# mlcroissant 1.1.1 accepts a FileSet of images that is contained in a FileSet of tars, with no error and no warning, and then
# cannot read one record of it (GenerationError). Where each tar is a FileObject of its own, with its checksum, it reads them all.
#
# The Croissant specification lets `containedIn` name a FileObject or a FileSet; the library unpacks archives of the first alone.
# Why it matters: sharded sets (WebDataset) are described by one pattern such as train-*.tar, so that shards may be added. The
# description validates, is published, and nobody can load it; every shard must be listed, and read once for its SHA-256.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet mlcroissant==1.1.1 Pillow==13.0.0

export CROISSANT_CACHE="$work/cache"
cd "$work" && venv/bin/python -W ignore - <<'PYTHON'
import hashlib
import io
import json
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import mlcroissant as mlc
from PIL import Image

picture = io.BytesIO()
Image.new("RGB", (8, 8), "red").save(picture, "JPEG")
for shard in range(2):
    with tarfile.open(f"train-{shard}.tar", "w") as tar:
        member = tarfile.TarInfo(f"{shard}.jpg")
        member.size = len(picture.getvalue())
        tar.addfile(member, io.BytesIO(picture.getvalue()))
ctx = mlc.Context(conforms_to="http://mlcommons.org/croissant/1.1")
TAR = {"ctx": ctx, "encoding_formats": ["application/x-tar"]}
names = ["train-0.tar", "train-1.tar"]
sums = [hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in names]
listed = [mlc.FileObject(id=name, name=name, content_url=name, sha256=one, **TAR) for name, one in zip(names, sums)]
pattern = [mlc.FileSet(id="shards", name="shards", includes=["train-*.tar"], **TAR)]
print("mlcroissant", version("mlcroissant"))
found = []
for kind, tars in (("listed tars", listed), ("a set of tars", pattern)):
    images = mlc.FileSet(ctx=ctx, id="images", name="images", contained_in=[one.id for one in tars], includes=["*.jpg"], encoding_formats=["image/jpeg"])
    source = mlc.Source(ctx=ctx, file_set="images", extract=mlc.Extract(ctx=ctx, file_property="content"))
    field = mlc.Field(ctx=ctx, id="records/image", name="image", data_types=mlc.DataType.IMAGE_OBJECT, source=source)
    about = mlc.Metadata(ctx=ctx, name="shards", description="Two pictures", url="https://example.org/", version="1.0.0", cite_as="none", date_published="2026-01-01",
                         license=["https://creativecommons.org/publicdomain/zero/1.0/"], distribution=[*tars, images], record_sets=[mlc.RecordSet(ctx=ctx, id="records", name="records", fields=[field])])
    Path("croissant.json").write_text(json.dumps(about.to_json(), default=str))
    dataset = mlc.Dataset("croissant.json")
    try:
        read = f"{len(list(dataset.records('records')))} records"
    except Exception as error:
        read = type(error).__name__
    found.append((len(dataset.metadata.issues.errors), len(dataset.metadata.issues.warnings), read))
    print(f"{kind}: {found[-1][0]} errors, {found[-1][1]} warnings, {read}")
sys.exit(0 if found == [(0, 0, "2 records"), (0, 0, "GenerationError")] else "mlcroissant reads sets of shards otherwise now")
PYTHON

#!/usr/bin/env bash
# mlcroissant 1.1.1 unpacks an archive once for its path and never again: after the archive was built anew at the same place, and its
# SHA-256 in croissant.json changed with it, the records are still those of the old archive, and no word is said.
#
# What was unpacked lies in the cache (CROISSANT_CACHE) under a hash of the path as croissant.json and the working folder spell
# it; the content is no part of that hash, so the same relative path in another folder gets the first folder's pictures too.
# Why it matters: a dataset that is exported again to the same file trains on yesterday's pictures, with today's labels.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet mlcroissant==1.1.1
mkdir "$work/first" "$work/second"
export CROISSANT_CACHE="$work/cache"

cat > "$work/read.py" <<'PYTHON'
import hashlib
import json
import sys
from pathlib import Path
from zipfile import ZipFile

import mlcroissant as mlc

names = sys.argv[1].split(",")
with ZipFile("notes.zip", "w") as archive:
    for name in names:
        archive.writestr(f"{name}.txt", name)
ctx = mlc.Context(conforms_to="http://mlcommons.org/croissant/1.1")
digest = hashlib.sha256(Path("notes.zip").read_bytes()).hexdigest()
archive = mlc.FileObject(ctx=ctx, id="zip", name="zip", content_url="notes.zip", encoding_formats=["application/zip"], sha256=digest)
files = mlc.FileSet(ctx=ctx, id="files", name="files", contained_in=["zip"], includes=["*.txt"], encoding_formats=["text/plain"])
source = mlc.Source(ctx=ctx, file_set="files", extract=mlc.Extract(ctx=ctx, file_property="filename"))
field = mlc.Field(ctx=ctx, id="notes/name", name="name", data_types=mlc.DataType.TEXT, source=source)
notes = mlc.RecordSet(ctx=ctx, id="notes", name="notes", fields=[field])
about = mlc.Metadata(ctx=ctx, name="notes", description="Notes", url="https://example.org/", version="1.0.0", cite_as="none",
                     date_published="2026-01-01", license=["https://creativecommons.org/publicdomain/zero/1.0/"],
                     distribution=[archive, files], record_sets=[notes])
Path("croissant.json").write_text(json.dumps(about.to_json(), default=str))
records = mlc.Dataset("croissant.json").records("notes")
print(",".join(sorted(record["notes/name"].decode() for record in records)))
PYTHON
read_notes() { (cd "$work/$1" && "$work/venv/bin/python" -W ignore "$work/read.py" "$2"); }
first=$(read_notes first old)
again=$(read_notes first new,newer)
elsewhere=$(read_notes second other)
rm -rf "$work/cache"
cleared=$(read_notes first new,newer)
echo "mlcroissant 1.1.1: an archive of old.txt gives $first; built anew with new.txt and newer.txt it gives $again;"
echo "an archive of other.txt in another folder gives $elsewhere; with the cache removed, the second gives $cleared"
[ "$first/$again/$elsewhere/$cleared" = "old.txt/old.txt/old.txt/new.txt,newer.txt" ] || { echo "mlcroissant extracts otherwise now"; exit 1; }

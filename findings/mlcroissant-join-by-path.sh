#!/usr/bin/env bash
# mlcroissant 1.1.1 joins a table with files by `filename`, and by `fullpath` finds no file and says nothing.
#
# A field of the table references a property of the files, and the record gets the file's content. The property `fullpath` is a
# path and not a text, so it equals no text of the table: every record comes with None in place of its picture.
# Why it matters: a description that names pictures by their path validates without a warning and loads no picture. Names
# without folders work, where they differ.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet mlcroissant==1.1.1 pillow==13.0.0 pyarrow==26.0.1

"$work/venv/bin/python" - "$work" <<'PYTHON'
import json
import sys
from pathlib import Path

import mlcroissant
import pyarrow
import pyarrow.parquet
from PIL import Image

folder = Path(sys.argv[1])
(folder / "pictures").mkdir()
Image.new("RGB", (8, 8)).save(folder / "pictures/a.png")
table = pyarrow.table({"path": ["pictures/a.png"], "name": ["a.png"]})
pyarrow.parquet.write_table(table, folder / "table.parquet")
terms = ("column", "extract", "field", "fileProperty", "fileSet", "includes", "recordSet", "references", "source")
context = {"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
           "cr": "http://mlcommons.org/croissant/",
           "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
           "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, **{term: f"cr:{term}" for term in terms}}
seen = {}
for column, property_ in {"path": "fullpath", "name": "filename"}.items():
    def place(files, **what):
        return {"fileSet": {"@id": files}, "extract": what}
    sets = {"table": ("application/x-parquet", "table.parquet"), "files": ("image/png", "*.png")}
    (folder / "croissant.json").write_text(json.dumps({
        "@context": context, "@type": "sc:Dataset", "name": "a", "conformsTo": "http://mlcommons.org/croissant/1.1",
        "distribution": [{"@type": "cr:FileSet", "@id": one, "name": one, "encodingFormat": kind, "includes": what}
                         for one, (kind, what) in sets.items()],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "r", "name": "r", "field": [
            {"@type": "cr:Field", "@id": "r/key", "name": "key", "dataType": "sc:Text",
             "source": place("table", column=column), "references": place("files", fileProperty=property_)},
            {"@type": "cr:Field", "@id": "r/image", "name": "image", "dataType": "sc:ImageObject",
             "source": place("files", fileProperty="content")}]}]}))
    (record,) = mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).records("r")
    seen[property_] = record["r/image"] is not None
print("the record has its picture, by the property that joins them:", seen)
sys.exit(0 if seen == {"fullpath": False, "filename": True} else "mlcroissant now joins otherwise")
PYTHON

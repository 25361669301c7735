#!/usr/bin/env bash
# pydantic 2.14.3 takes a text with half of a surrogate pair for a plain `str`, in strict mode too, and then cannot write
# the model as JSON. Any constraint on the field, or `str_strip_whitespace`, makes the same text an error of its field.
#
# A plain string is passed on as the Python object that it is; whatever has to look into it asks for UTF-8 first.
# `model_validate_json` refuses such JSON as a whole, so models behave differently by the way in.
# Why it matters: `json.loads` makes such texts of "\ud83d", which clients send that cut texts between the halves of an
# emoji. Frameworks that parse a body with it accept the request, and fail with a 500 when they write the answer or the
# row. A limit of length, which looks unrelated, makes it the 422 that it should be.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pydantic==2.14.3

"$work/venv/bin/python" - <<'PYTHON'
import json
import sys

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticSerializationError

VALUE = json.loads(r'{"caption": "cat \ud83d"}')
KINDS = {
    "plain": (ConfigDict(), Field()),
    "strict": (ConfigDict(strict=True), Field()),
    "with a limit of length": (ConfigDict(), Field(max_length=100)),
    "stripped": (ConfigDict(str_strip_whitespace=True), Field()),
}
seen = {}
for name, (config, field) in KINDS.items():
    model = type("Model", (BaseModel,), {"__annotations__": {"caption": str}, "model_config": config, "caption": field})
    try:
        made = model.model_validate(VALUE)
    except ValidationError as error:
        seen[name] = f"refused: {error.errors()[0]['type']} at {error.errors()[0]['loc']}"
        print(f"{name:24}{seen[name]}")
        continue
    try:
        made.model_dump_json()
        seen[name] = "accepted and written"
    except PydanticSerializationError:
        seen[name] = "accepted, and cannot be written"
    print(f"{name:24}{seen[name]}")
expected = ["accepted, and cannot be written"] * 2 + ["refused: string_unicode at ('caption',)"] * 2
sys.exit("pydantic treats halves of surrogate pairs differently now" if [*seen.values()] != expected else 0)
PYTHON

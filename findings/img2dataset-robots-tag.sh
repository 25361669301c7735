#!/usr/bin/env bash
# img2dataset 1.47.0 lets pictures through whose X-Robots-Tag says `noai`.
#
# Its `is_disallowed` takes whatever stands before the first colon of the header for a crawler's name. The directives
# `max-image-preview:large`, `max-snippet:-1`, `unavailable_after: …` hold a colon as well: behind one of them a
# `noai` for everybody is taken for one to a crawler of that name, and is not heeded. Also, the name in the header is
# made lower case but the caller's token is not, so `--user_agent_token MyBot` does not heed `MyBot: noai`.
# Why it matters: sites send such headers (`max-image-preview:large` comes with many of them), and whoever builds a dataset
# with the default `--disallowed_header_directives` believes to have left out what asked to be left out.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-deps img2dataset==1.47.0

"$work/venv/bin/python" - <<'PYTHON'
import ast
import sys
import traceback
from email.message import Message
from importlib.metadata import distribution

# The function alone, as it is installed: the module around it wants a gigabyte of libraries.
path = distribution("img2dataset").locate_file("img2dataset/downloader.py")
tree = ast.parse(path.read_text())
[function] = [node for node in tree.body if getattr(node, "name", "") == "is_disallowed"]
names = {"traceback": traceback}
exec(compile(ast.Module([function], []), str(path), "exec"), names)

DEFAULTS = ["noai", "noimageai", "noindex", "noimageindex"]
CASES = [
    # the header, the caller's token, what the site wants, what img2dataset does
    ("noai", None, True, True),
    ("noai, max-image-preview:large", None, True, False),
    ("max-image-preview:large, noai", None, True, False),
    ("unavailable_after: 25 Jun 2030 15:00:00 GMT, noimageai", None, True, False),
    ("mybot: noai", "mybot", True, True),
    ("MyBot: noai", "MyBot", True, False),
    ("otherbot: noai", "mybot", False, False),
]
changed = False
for header, token, wanted, expected in CASES:
    headers = Message()
    headers["X-Robots-Tag"] = header
    found = names["is_disallowed"](headers, token, DEFAULTS)
    changed |= found is not expected
    print(f"{header!r:60} token {token!s:6} left out: {found!s:5} right: {wanted}")
sys.exit("img2dataset reads the header differently now" if changed else 0)
PYTHON

#!/usr/bin/env bash
# pycurl 7.49.0 (libcurl 8.23): the escapes in a URL's path are sent in capitals (`/caf%c3%a9` is asked as `/caf%C3%A9`),
# those in its query as they are. Browsers and urllib3 send both as they stand (WHATWG URL standard).
#
# Why it matters: to a server that looks names up byte by byte, or checks a signature over the path, these are two
# addresses; a crawler gets 403 or 404 for a picture that every browser shows. CURLOPT_REQUEST_TARGET sends the path in
# its own spelling, in HTTP/1 and HTTP/2.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pycurl==7.49.0

"$work/venv/bin/python" - <<'PYTHON'
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pycurl

asked = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
path = "/caf%c3%a9%7e.jpg?x=%c3%a9"
changed = False
for target, expected in ((None, "/caf%C3%A9%7E.jpg?x=%c3%a9"), (path, path)):
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, f"http://127.0.0.1:{server.server_port}{path}")
    if target:
        curl.setopt(pycurl.REQUEST_TARGET, target)
    curl.perform()
    changed |= asked[-1] != expected
    print(f"{path} with REQUEST_TARGET {target!s:28} was asked as {asked[-1]}")
sys.exit("libcurl spells paths differently now" if changed else 0)
PYTHON

#!/usr/bin/env bash
# pycurl 7.49.0 (libcurl 8.23): a transfer that asks for any Accept-Encoding, even `identity`, fails where the answer
# carries a Content-Encoding that is no coding. Browsers and urllib3 take such a body as it is.
#
# Why it matters: objects in buckets are often labelled `aws-chunked`, `UTF-8`, `binary` or with their media type; a
# crawler that sets ACCEPT_ENCODING to get plain bytes (or to undo gzip that nobody asked for) loses the picture with
# error 61 although all of it came. Without the option, or with HTTP_CONTENT_DECODING 0, it arrives.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pycurl==7.49.0

"$work/venv/bin/python" - <<'PYTHON'
import io
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pycurl

BODY = b"\xff\xd8\xff\xe0 the bytes of a picture"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Encoding", self.path[1:])
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
changed = False
for label in ("aws-chunked", "UTF-8", "binary"):
    for options, expected in (({}, True), ({"ACCEPT_ENCODING": "identity"}, False),
                              ({"ACCEPT_ENCODING": "identity", "HTTP_CONTENT_DECODING": 0}, True)):
        curl, got = pycurl.Curl(), io.BytesIO()
        for name, value in {"URL": f"http://127.0.0.1:{server.server_port}/{label}", **options}.items():
            curl.setopt(getattr(pycurl, name), value)
        curl.setopt(pycurl.WRITEDATA, got)
        try:
            curl.perform()
            outcome = "arrived" if got.getvalue() == BODY else "altered"
        except pycurl.error as error:
            outcome = f"error {error.args[0]}: {error.args[1]}"
        changed |= (outcome == "arrived") is not expected
        print(f"{label:12} {options!s:66} {outcome}")
sys.exit("libcurl treats the label differently now" if changed else 0)
PYTHON

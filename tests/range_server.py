"""Serves the files of a folder, ranges of them too: `python -m tests.range_server FOLDER`.

Prints its address once it listens.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class FileServer(BaseHTTPRequestHandler):
    """Sends from the file's cache to the socket, so that readers are what is measured."""

    protocol_version = "HTTP/1.1"
    folder = Path()

    def do_GET(self) -> None:
        """Answer with the file or a range of it."""
        with (self.folder / Path(self.path).name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            first, end = 0, size
            if asked := self.headers["Range"]:
                start, _, last = asked.removeprefix("bytes=").partition("-")
                first, end = int(start), int(last) + 1
            self.send_response(206 if asked else 200)
            self.send_header("Content-Range", f"bytes {first}-{end - 1}/{size}")
            self.send_header("Content-Length", str(end - first))
            self.end_headers()
            self.wfile.flush()
            while first < end:
                first += os.sendfile(self.connection.fileno(), file.fileno(), first, end - first)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    FileServer.folder = Path(sys.argv[1])
    with ThreadingHTTPServer(("127.0.0.1", 0), FileServer) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()

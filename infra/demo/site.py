"""A small photo site on loopback, built from the photographs that scikit-image's wheel brings.

It has what real sites have: several sizes, captions and licences, links between pages, copies of
the same file under two names, missing, truncated and mislabelled files, and a robots.txt.
"""

import html
import importlib.util
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image

PHOTOS = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png",
    "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png",
    "motorcycle_left.png", "motorcycle_right.png", "page.png", "retina.jpg", "rocket.jpg",
)  # fmt: skip
_SIDES = (160, 320, 640)
_TILES = ((0, 0), (1, 0), (0, 1), (1, 1))
_ROBOTS = b"User-agent: *\nDisallow: /private/\n"


@dataclass(frozen=True)
class File:
    """The answer of an address."""

    body: bytes
    media_type: str


class PhotoSite:
    """The site's pages and files by path."""

    def __init__(self, photos: tuple[str, ...] = PHOTOS) -> None:
        self._photos = photos

    @cached_property
    def files(self) -> dict[str, File]:
        """Everything that can be asked for."""
        files: dict[str, File] = {"/robots.txt": File(_ROBOTS, "text/plain")}
        for name in self._photos:
            files.update(_render_sizes(name))
        first = next(path for path in files if path.startswith("/photos/"))
        body = files[first].body
        files["/copies/again.jpg"] = files["/copies/once-more.jpg"] = files[first]
        files["/broken/truncated.jpg"] = File(body[: len(body) // 2], "image/jpeg")
        files["/broken/page.jpg"] = File(b"<html><body>Not a picture</body></html>", "image/jpeg")
        files["/broken/empty.png"] = File(b"", "image/png")
        files["/private/secret.jpg"] = files[first]
        files.update(self._render_pages(files))
        return files

    def _render_pages(self, files: dict[str, File]) -> dict[str, File]:
        stems = [Path(name).stem for name in self._photos]
        pages = {f"/gallery/{stem}.html": _render_gallery(stem, files) for stem in stems}
        links = "".join(
            f'<li><a href="/gallery/{stem}.html">{html.escape(stem)}</a></li>' for stem in stems
        )
        odd = [
            "/copies/again.jpg", "/copies/once-more.jpg", "/broken/truncated.jpg",
            "/broken/page.jpg", "/broken/empty.png", "/broken/missing.jpg", "/private/secret.jpg",
        ]  # fmt: skip
        index = (
            "<!doctype html><title>Photographs</title><h1>Photographs</h1><ul>"
            f"{links}</ul>{''.join(_render_figure(path, 'From the attic') for path in odd)}"
        )
        pages["/"] = File(index.encode(), "text/html; charset=utf-8")
        return pages


def open_photo(name: str) -> Image.Image:
    """Return one of the photographs, in RGB."""
    with Image.open(_find_directory() / name) as picture:
        return picture.convert("RGB")


def _render_sizes(name: str) -> Iterator[tuple[str, File]]:
    """Yield a photograph whole and in quarters, in several sizes."""
    stem = Path(name).stem
    whole = open_photo(name)
    width, height = whole.width // 2, whole.height // 2
    pieces = {"whole": whole} | {
        f"part{x}{y}": whole.crop((x * width, y * height, (x + 1) * width, (y + 1) * height))
        for x, y in _TILES
    }
    for piece, cut in pieces.items():
        for side in _SIDES:
            small = cut.copy()
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
            kind = "webp" if side == _SIDES[0] else "jpeg"
            buffer = io.BytesIO()
            small.save(buffer, kind, quality=88)
            suffix = "jpg" if kind == "jpeg" else kind
            yield (
                f"/photos/{stem}-{piece}-{side}.{suffix}",
                File(buffer.getvalue(), f"image/{kind}"),
            )


def _render_gallery(stem: str, files: dict[str, File]) -> File:
    figures = "".join(
        _render_figure(path, f"{stem}, {path.rsplit('-', 1)[-1].split('.')[0]} pixels")
        for path in files
        if path.startswith(f"/photos/{stem}-")
    )
    page = f'<!doctype html><title>{stem}</title><a href="/">back</a><h1>{stem}</h1>{figures}'
    return File(page.encode(), "text/html; charset=utf-8")


def _render_figure(path: str, caption: str) -> str:
    return (
        f'<figure><img src="{path}" alt="{html.escape(caption)}"><figcaption>'
        f'{html.escape(caption)} <a rel="license" '
        'href="https://creativecommons.org/publicdomain/zero/1.0/">CC0</a></figcaption></figure>'
    )


def _find_directory() -> Path:
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        raise RuntimeError("scikit-image is not installed")
    return Path(found.origin).parent / "data"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: PhotoSite

    def do_GET(self) -> None:
        """Answer with the file at the path, or 404."""
        found = self.site.files.get(self.path.split("?")[0])
        body = found.body if found else b"There is nothing here."
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", found.media_type if found else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serve_site(site: PhotoSite, *, port: int = 0) -> Iterator[str]:
    """Serve a site on 127.0.0.1, on a free port unless one is named; yield its address."""
    site.files  # noqa: B018 - made before the first request has to wait for them
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

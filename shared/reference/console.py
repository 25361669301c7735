"""The console's files: those of one folder, by their names, and what browsers may do with them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
_CLOSED = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)

# Asked for again each time, and answered by a 304 while they are the same.
FILE_HEADERS = {"Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
INDEX = "index.html"


@dataclass(frozen=True)
class ConsoleFile:
    """A file as it is served."""

    content: bytes
    media_type: str


@cache
def load_console(folder: Path) -> dict[str, ConsoleFile]:
    """Return the folder's files by name, read once; nothing below it, and nothing of other kinds.

    A name that is not among them leads nowhere, however it is written.
    """
    return {
        path.name: ConsoleFile(path.read_bytes(), f"{MEDIA_TYPES[path.suffix]}; charset=utf-8")
        for path in sorted(folder.iterdir())
        if path.suffix in MEDIA_TYPES and path.is_file()
    }


def make_page_headers(storage_origin: str) -> dict[str, str]:
    """Return the headers of the page: scripts are its own, and data goes nowhere else.

    Pictures and files move between the page and the bucket at `storage_origin` by signed addresses,
    which nobody else may learn from a Referer.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob: {storage_origin}",
        "connect-src": f"'self' {storage_origin}",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _CLOSED),
        **FILE_HEADERS,
    }

"""The address of a deployment, and how the client names itself there."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from pixmill.errors import BadSource


def check_base_url(text: str) -> str:
    """Return a deployment's address without what stands behind its path. Raises `BadSource`."""
    try:
        parts = urlsplit(text.strip())
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in ("http", "https"):
        raise BadSource(f"{text!r} is no address of a deployment: it begins with https://.")
    if parts.username or parts.password:
        raise BadSource("The address of a deployment holds no user name and no password.")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def is_private(base_url: str) -> bool:
    """Return whether nobody between can read what is sent: by https, or on this machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return parts.scheme == "https" or host in ("localhost", "::1") or host.startswith("127.")


@cache
def find_version() -> str:
    """Return the version of the installed distribution; 0 in a clone that is not installed."""
    try:
        return version("pixmill")
    except PackageNotFoundError:
        return "0"


def make_user_agent() -> str:
    """Return how the client names itself to servers."""
    return f"pixmill-client/{find_version()}"

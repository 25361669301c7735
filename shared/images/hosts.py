"""The host that an image was downloaded from."""

from sqlalchemy import ColumnElement, func

from shared.models import Image

# Scheme, perhaps a user, then the host: in brackets, or up to its port, path or query.
_HOST = r"^[A-Za-z]+://(?:[^/?#@]*@)?(\[[^]]*\]|[^/?#:]+)"


def select_host() -> ColumnElement[str]:
    """Return SQL for the host in an `Image`'s original address, in lower case; NULL for uploads."""
    return func.lower(func.substring(Image.original_url, _HOST))

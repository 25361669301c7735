"""Entity tags (RFC 9110, sections 8.8.3 and 13): `"<edition>.<hash of the body>"`.

The edition is that of the row behind the answer, where it has one (`updated_at`). A change is held
to it alone: what is counted or added meanwhile, such as a project's images, makes nobody's change
stale. Whether an answer is still the same is told by the whole tag.
"""

import hashlib
import re
from typing import Any

from shared.calls import Precondition, make_edition
from shared.errors import BadRequest

GZIP = "-gzip"  # behind the tag of an answer that is sent so, since its bytes are others
_TAG = re.compile(r'(W/)?"([!#-~\x80-\xff]*)"')
_LIST = re.compile(rf"\s*{_TAG.pattern}(?:\s*,\s*{_TAG.pattern})*\s*")


def make_tag(model: Any, content: bytes) -> str:
    """Return the tag of an answer, without quotes."""
    digest = hashlib.blake2b(content, digest_size=12).hexdigest()
    updated_at = getattr(model, "updated_at", None)
    return digest if updated_at is None else f"{make_edition(updated_at)}.{digest}"


def read_precondition(header: str | None) -> Precondition:
    """Return what If-Match asks for. Raises `BadRequest` where it is no list of tags."""
    if header is None or header.strip() == "*":
        return Precondition(None)
    if not _LIST.fullmatch(header):
        raise BadRequest('If-Match takes the ETag of an answer, in its quotes: If-Match: "…".')
    # Weak tags match nothing here (RFC 9110, section 13.1.1).
    strong = (tag for weak, tag in _TAG.findall(header) if not weak)
    return Precondition(frozenset(tag.partition(".")[0] for tag in strong))


def has_tag(header: str | None, tag: str) -> bool:
    """Return whether If-None-Match names an answer's tag; one that cannot be read does not."""
    if header is None:
        return False
    tags = {found.removesuffix(GZIP) for _, found in _TAG.findall(header)}
    return header.strip() == "*" or tag in tags

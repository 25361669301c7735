"""Content Credentials: files that a signer made, and stores that say anything.

The files are of c2pa-python 0.38.1, with a certificate that was made for them and no thumbnails.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.embedding import insert_segment

_FOLDER = Path(__file__).parent / "data" / "credentials"
SIGNED = {
    name: (_FOLDER / name).read_bytes() for name in ("refused.jpg", "refused.avif", "allowed.jpg")
}


def box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + kind + body


def superbox(label: str, *boxes: bytes) -> bytes:
    description = bytes(16) + b"\3" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", description) + b"".join(boxes))


def store(assertions: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a store of a manifest with these assertions, by label and box."""
    inside = (superbox(label, content) for label, content in assertions)
    return superbox("c2pa", superbox("urn:c2pa:1", superbox("c2pa.assertions", *inside)))


def text(value: str) -> bytes:
    """Return a text of up to 255 bytes in CBOR."""
    return b"\x78" + bytes([len(value.encode())]) + value.encode()


def mapping(items: dict[str, bytes | str]) -> bytes:
    """Return a map of up to 23 entries in CBOR."""
    pairs = (
        text(key) + (text(value) if isinstance(value, str) else value)
        for key, value in items.items()
    )
    return bytes([0xA0 | len(items)]) + b"".join(pairs)


def mining(uses: dict[str, str]) -> bytes:
    """Return the box of an assertion about training and mining."""
    entries = mapping({name: mapping({"use": use}) for name, use in uses.items()})
    return box(b"cbor", mapping({"entries": entries}))


def put_in_jpeg(data: bytes, credentials: bytes, part: int = 60_000) -> bytes:
    """Return a JPEG with a store in as many segments as it takes, the last one first."""
    head, body = credentials[:8], credentials[8:]
    pieces = [body[start : start + part] for start in range(0, len(body), part)]
    for number, piece in enumerate(pieces, 1):
        numbers = b"JP" + (1).to_bytes(2) + number.to_bytes(4)
        data = insert_segment(data, 0xEB, numbers + head + piece)
    return data

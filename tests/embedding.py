"""Pictures with statements inside: XMP packets and blocks of IPTC, written as programs do."""

import io
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image
from PIL.PngImagePlugin import PngInfo

_NAMESPACES = {
    "cc": "http://creativecommons.org/ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rsl": "https://rslstandard.org/rsl",
    "tdm": "http://www.w3.org/ns/tdmrep/",
    "x": "adobe:ns:meta/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}
PLUS = "http://ns.useplus.org/ldf/vocab/"


def xmp(inner: str = "", **properties: str) -> bytes:
    """Return a packet; `plus_DataMining="…"` becomes an element of that name, `inner` stays."""
    elements = "".join(
        f"<{name}>{escape(value)}</{name}>"
        for name, value in ((key.replace("_", ":"), text) for key, text in properties.items())
    )
    return wrap(elements + inner)


def wrap(elements: str, attributes: str = "") -> bytes:
    """Return a packet whose description holds these elements and attributes."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    packet = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f"<x:xmpmeta {declared}><rdf:RDF>"
        f'<rdf:Description rdf:about="" {attributes}>{elements}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    return packet.encode()


def iptc(*datasets: tuple[int, bytes]) -> bytes:
    """Return a block of datasets of the second record."""
    return b"".join(
        b"\x1c\2" + bytes([number]) + len(value).to_bytes(2) + value for number, value in datasets
    )


def photoshop(block: bytes) -> bytes:
    """Return image resources, of which the second holds a block of IPTC."""
    resources = ((0x03ED, b"dots per inch"), (0x0404, block))
    return b"".join(
        b"8BIM" + kind.to_bytes(2) + b"\0\0" + len(body).to_bytes(4) + body + bytes(len(body) & 1)
        for kind, body in resources
    )


def save(
    picture: Image.Image,
    kind: str,
    packet: bytes = b"",
    block: bytes = b"",
    tags: dict[int, bytes] | None = None,
) -> bytes:
    """Return a picture as a file of a kind, with a packet of XMP and a block of IPTC in it.

    `tags` are for a TIFF.
    """
    options: dict[str, Any] = {"xmp": packet} if kind in ("jpeg", "webp", "avif") and packet else {}
    if kind == "png":
        info = options["pnginfo"] = PngInfo()
        if packet:
            info.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=True)
        if block:
            resources = photoshop(block)
            text = f"\niptc\n{len(resources):8}\n{resources.hex()}\n"
            info.add_text("Raw profile type iptc", text, zip=True)
    if kind == "tiff":
        stated = {700: packet, 33723: block, **(tags or {})}
        options["tiffinfo"] = {tag: value for tag, value in stated.items() if value}
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    data = buffer.getvalue()
    if kind == "jpeg" and block:
        data = insert_segment(data, 0xED, b"Photoshop 3.0\0" + photoshop(block))
    if kind == "gif" and packet:
        ramp = b"\1" + bytes(range(255, -1, -1)) + b"\0"
        data = data[:-1] + b"!\xff\x0bXMP DataXMP" + packet + ramp + b";"
    return data


def insert_segment(jpeg: bytes, code: int, body: bytes) -> bytes:
    """Return a JPEG with a segment more, in front of the others."""
    return jpeg[:2] + bytes([0xFF, code]) + (len(body) + 2).to_bytes(2) + body + jpeg[2:]

"""An encoder of lossless JPEG, which no library here writes."""

import struct

import numpy as np
import numpy.typing as npt

# As many bits for each category of differences: no code of only ones, as a Huffman table demands.
_CODE_BITS = 5
_CATEGORIES = 17


def encode_lossless(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode height × width × channels of 8 bits (ITU-T T.81, annex H), predicted from the left."""
    height, width, channels = pixels.shape
    values = pixels.astype(np.int64)
    predictions = np.empty_like(values)
    predictions[:, 1:] = values[:, :-1]
    predictions[1:, 0] = values[:-1, 0]
    predictions[0, 0] = 128
    bits = "".join(_encode(int(value)) for value in (values - predictions).ravel())
    bits += "1" * (-len(bits) % 8)
    scan = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    numbers = range(1, channels + 1)
    frame = struct.pack(">BHHB", 8, height, width, channels)
    lengths = bytes(_CATEGORIES if size == _CODE_BITS else 0 for size in range(1, 17))
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xC3, frame + b"".join(bytes((number, 0x11, 0)) for number in numbers)),
            segment(0xC4, b"\0" + lengths + bytes(range(_CATEGORIES))),
            segment(0xDA, bytes((channels, *(x for n in numbers for x in (n, 0)), 1, 0, 0))),
            scan.replace(b"\xff", b"\xff\0"),
            b"\xff\xd9",
        )
    )


def segment(code: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def _encode(difference: int) -> str:
    category = abs(difference).bit_length()
    bits = f"{category:0{_CODE_BITS}b}"
    if category:
        remainder = difference if difference > 0 else difference + (1 << category) - 1
        bits += f"{remainder:0{category}b}"
    return bits

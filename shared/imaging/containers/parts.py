"""The parts of an image file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageParts:
    """The parts of a file that anything here reads.

    `pixels` is a file of the same format with only what its first picture is decoded from, so that
    what else stands in the file costs a decoder nothing and cannot make it fail. `exif` is a TIFF
    structure, empty where there is none. `icc_profile` is None where the decoder finds it itself.
    `frames` counts the pictures of an animated or multi-page file; 1 where the decoder counts them.
    `refused` names the parts for which Pillow refuses the file, or turns the picture, and others
    do not.
    `is_multi_scan` tells a JPEG of which the decoder holds all coefficients, `is_lossless` one that
    it cannot shrink while decoding.
    """

    pixels: bytes
    exif: bytes = b""
    icc_profile: bytes | None = None
    frames: int = 1
    refused: tuple[str, ...] = ()
    is_multi_scan: bool = False
    is_lossless: bool = False

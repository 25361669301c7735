"""Take a JPEG apart (ITU-T T.81, annex B)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.imaging.containers.parts import ImageParts
from shared.imaging.exif import (
    EXIF_HEAD,
    MAX_READ,
    is_readable,
    is_refused,
    keep_orientation,
    reduce_exif,
    turns_by_xmp,
)
from shared.imaging.limits import ImageRejected, Limits

_SOI_BYTES = 2
# Fill bytes may stand in front of a marker (§B.1.1.2), and Pillow passes over anything there.
_MARKER = re.compile(rb"\xff[^\x00\xff]")
# Within a scan, restart markers are part of the data.
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI, _COM = 0xDA, 0xD9, 0xFE
_APP1, _APP2, _APP15 = 0xE1, 0xE2, 0xEF
# JFIF and Adobe say what colours the components are.
_APP0, _APP14 = 0xE0, 0xEE
# TEM, and RST0 to EOI: markers without a length.
_BARE = frozenset((0x01, *range(0xD0, 0xDA)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_LOSSLESS = frozenset((0xC3, 0xC7, 0xCB, 0xCF))
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PROFILE = b"ICC_PROFILE\0"


class JpegSegment(NamedTuple):
    """A segment's marker code, and where it begins and ends, in bytes of the file."""

    code: int
    start: int
    end: int

    def read_body(self, data: bytes) -> bytes:
        """Return what stands behind the length."""
        return data[self.start + 4 : self.end]


def read_segments(data: bytes, limits: Limits) -> Iterator[JpegSegment]:
    """Yield the segments up to the head of the first scan, which is the last.

    Raises `ImageRejected` with `decode_error` where there are more than `limits.max_parts`.
    """
    position = _SOI_BYTES
    for _ in range(limits.max_parts):
        if (marker := _MARKER.search(data, position)) is None:
            return
        code, start = marker[0][1], marker.start()
        size = 0 if code in _BARE else int.from_bytes(data[start + 2 : start + 4])
        position = start + 2 + size
        yield JpegSegment(code, start, position)
        if code == _SOS:
            return
    raise ImageRejected("decode_error", f"jpeg: more than {limits.max_parts} segments")


def open_jpeg(data: bytes, limits: Limits) -> ImageParts:
    """Take a JPEG apart: comments, previews and texts are not for the decoder.

    Raises `ImageRejected` with `decode_error` where there are too many segments, or more scans than
    `limits.max_scans`: the decoder goes over the whole picture for each, however small it is.
    """
    segments = list(read_segments(data, limits))
    if not segments or segments[-1].code != _SOS:
        # Nothing to decode, as the decoder will tell.
        return ImageParts(pixels=data)
    frame = next((segment for segment in segments if segment.code in _FRAMES), segments[-1])
    scan = segments[-1]
    components, components_in_scan = frame.read_body(data)[5:6], scan.read_body(data)[:1]
    is_multi_scan = frame.code in _PROGRESSIVE or components_in_scan < components
    if is_multi_scan:
        _check_scans(data, scan.start, limits)
    exif, refused = _read_exif(data, segments), _find_refused(data, segments)
    return ImageParts(
        pixels=b"".join(
            (
                data[:_SOI_BYTES],
                *(data[part.start : part.end] for part in segments[:-1] if _is_needed(data, part)),
                data[scan.start :],
            )
        ),
        exif=exif,
        refused=("APP1",) if refused else (),
        is_multi_scan=is_multi_scan,
        is_lossless=frame.code in _LOSSLESS,
    )


def drop_refused_segments(data: bytes, limits: Limits) -> bytes:
    """Return the JPEG without the segments that `open_jpeg` calls refused.

    The pixels are the same to the bit, and an orientation stays.
    """
    segments = list(read_segments(data, limits))
    position, parts, exif = 0, [], _read_exif(data, segments)
    for segment in _find_refused(data, segments):
        parts.append(data[position : segment.start])
        if _is_segment_of(data, segment, _APP1, EXIF_HEAD) and (kept := keep_orientation(exif)):
            body, exif = EXIF_HEAD + kept, b""
            parts += [b"\xff\xe1", (len(body) + 2).to_bytes(2), body]
        position = segment.end
    return b"".join((*parts, data[position:]))


def cut_metadata(data: bytes, limits: Limits) -> tuple[bytes, list[str]]:
    """Return the JPEG without what is no part of its pixels and colours, and what that is called.

    Pictures behind its end (previews, films, gain maps) go too. Raises `ImageRejected` with
    `decode_error` where it has too many segments.
    """
    segments = list(read_segments(data, limits))
    if not segments or segments[-1].code != _SOS:
        return data, []
    exif = _read_exif(data, segments)
    left = reduce_exif(exif)
    ahead = [
        part
        for part in segments[:-1]
        if not _is_needed(data, part)
        and not (left == exif and _is_segment_of(data, part, _APP1, EXIF_HEAD))
    ]
    within, end = _find_later_segments(data, segments[-1].start, limits)
    pieces, position = [], 0
    block = EXIF_HEAD + left if left and left != exif else b""
    for segment in (*ahead, *within):
        pieces.append(data[position : segment.start])
        position = segment.end
        if block and _is_segment_of(data, segment, _APP1, EXIF_HEAD):
            pieces += [b"\xff\xe1", (len(block) + 2).to_bytes(2), block]
            block = b""
    pieces.append(data[position:end])
    gone = [_name_segment(segment) for segment in (*ahead, *within)]
    return b"".join(pieces), gone + ["trailer"] * bool(data[end:].strip(b"\0"))


def _find_later_segments(
    data: bytes, position: int, limits: Limits
) -> tuple[list[JpegSegment], int]:
    """Return what stands between scans and is no part of them, and where the picture ends."""
    found = list[JpegSegment]()
    for _ in range(limits.max_parts):
        marker = _MARKER_IN_SCAN.search(data, position)
        if marker is None:
            return found, len(data)
        code = marker[0][1]
        if code == _EOI:
            return found, marker.end()
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
        if code == _COM or _APP0 <= code <= _APP15:
            found.append(JpegSegment(code, marker.start(), position))
    raise ImageRejected("decode_error", f"jpeg: more than {limits.max_parts} segments")


def _name_segment(segment: JpegSegment) -> str:
    return "COM" if segment.code == _COM else f"APP{segment.code - _APP0}"


def _find_refused(data: bytes, segments: list[JpegSegment]) -> list[JpegSegment]:
    """Return EXIF that Pillow fails over, and XMP by which it alone turns the picture."""
    exif = _read_exif(data, segments)
    is_broken = is_refused(exif) and (is_readable(exif) or _has_density(data, segments))
    packets = [segment for segment in segments if _is_segment_of(data, segment, _APP1, _XMP)]
    xmp = packets[-1].read_body(data).removeprefix(_XMP) if packets else b""
    turns = turns_by_xmp(exif, xmp)
    return [
        segment
        for segment in segments
        if (is_broken and _is_segment_of(data, segment, _APP1, EXIF_HEAD))
        or (turns and _is_segment_of(data, segment, _APP1, _XMP))
    ]


def _is_needed(data: bytes, segment: JpegSegment) -> bool:
    """Return whether the pixels or their colours depend on a segment, or it is a broken one."""
    is_broken = segment.end - segment.start < 4 and segment.code not in _BARE
    is_application = _APP0 <= segment.code <= _APP15
    return (
        is_broken
        or segment.code in (_APP0, _APP14)
        or _is_segment_of(data, segment, _APP2, _PROFILE)
        or not (is_application or segment.code == _COM)
    )


def _is_segment_of(data: bytes, segment: JpegSegment, code: int, name: bytes) -> bool:
    return segment.code == code and data.startswith(name, segment.start + 4)


def _read_exif(data: bytes, segments: list[JpegSegment]) -> bytes:
    """Return the block, which cameras spread over several segments where one cannot hold it."""
    parts = [
        data[segment.start + 4 + len(EXIF_HEAD) : segment.end]
        for segment in segments
        if _is_segment_of(data, segment, _APP1, EXIF_HEAD)
    ]
    return b"".join(parts)[:MAX_READ]


def _has_density(data: bytes, segments: list[JpegSegment]) -> bool:
    """Return whether JFIF gives pixels per inch or centimetre.

    Where it does not, Pillow looks for them in EXIF while opening, and passes over what is broken;
    where it does, the first to ask for EXIF meets the error.
    """
    return any(
        _is_segment_of(data, segment, _APP0, b"JFIF")
        and segment.end - segment.start >= 16
        and data[segment.start + 11] in (1, 2)
        for segment in segments
    )


def _check_scans(data: bytes, position: int, limits: Limits) -> None:
    """Refuse more scans than any encoder writes (they write about 10), and too many markers."""
    scans = 0
    for _ in range(limits.max_parts):
        marker = _MARKER_IN_SCAN.search(data, position)
        if marker is None or marker[0][1] == _EOI:
            return
        scans += marker[0][1] == _SOS
        if scans > limits.max_scans:
            raise ImageRejected("decode_error", f"jpeg: more than {limits.max_scans} scans")
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    raise ImageRejected("decode_error", f"jpeg: more than {limits.max_parts} segments")

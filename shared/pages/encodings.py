"""Bytes of pages to text, by the labels and decoders of the WHATWG Encoding standard."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import webencodings

from shared.pages.markup import read_tags

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
# XML without a mark, known by its first letters (HTML standard §13.2.3.2).
_XML_STARTS = (("<?x".encode("utf-16-le"), "utf-16le"), ("<?x".encode("utf-16-be"), "utf-16be"))
_LABEL = re.compile(
    r"""charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,"']+))""", re.ASCII | re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""", re.ASCII)
_NOT_DECLARED = {"utf-16be": "utf-8", "utf-16le": "utf-8", "x-user-defined": "windows-1252"}
# Python's codecs for JIS, with the bit that makes their bytes those of EUC-JP.
_JIS_CODECS = {"euc_jp": 0, "iso2022_jp_ext": 0x80}
_PRESCANNED = 16 * 1024  # bytes; the standard makes do with 1024, and sites do not
_META = frozenset({"meta"})

# Python's codecs for what the standard calls by another name or reads with more characters.
_CODECS = {"gbk": "gb18030", "iso-2022-jp": "iso2022_jp_ext"}
# Queries of pages in these are sent in UTF-8.
_WITHOUT_DIFFERENCES = frozenset({"replacement", "utf-16be", "utf-16le", "utf-8", "x-user-defined"})
# A byte that Python's codec does not know comes out as a half pair (`_escape_unknown`). The
# standard reads what is left over among the controls of a code page as those controls.
_UNKNOWN = {0xDC00 + byte: 0xFFFD for byte in range(0x80, 0x100)}
_CONTROLS = _UNKNOWN | {0xDC00 + byte: byte for byte in range(0x80, 0xA0)}
_JAPANESE = _UNKNOWN | str.maketrans("〜‖−¢£¬", "～∥－￠￡￢")  # noqa: RUF001
_CHINESE = (
    _UNKNOWN
    | {0xDC80: "€", 0xE5E5: "\u3000", 0xE7C7: "\u1e3f"}
    | dict(zip(range(0xE78D, 0xE797), "︐︒︑︓︔︕︖︗︘︙", strict=True))
    | dict(
        zip(
            map(ord, "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864"),
            "龴龵龶龷龸龹龺龻",
            strict=True,
        )
    )
)
# Where Python's codec reads a byte or a pair in another way than the standard.
_DIFFERENCES: dict[str, dict[int, Any]] = {
    "big5": _UNKNOWN,
    "euc-jp": _JAPANESE,
    "euc-kr": _UNKNOWN,
    "gb18030": _CHINESE,
    "gbk": _CHINESE,
    "iso-2022-jp": _JAPANESE,
    "koi8-u": _CONTROLS | str.maketrans("╝╬", "ўЎ"),
    "shift_jis": _UNKNOWN | dict.fromkeys(range(0xF8F0, 0xF8F4), 0xFFFD),
    "windows-1255": _CONTROLS | {0xDCCA: 0x05BA},
}


class PageText(NamedTuple):
    """A page's text, and the Python codec that encodes as the page does."""

    text: str
    encoding: str


def decode_page(body: bytes, content_type: str | None) -> PageText:
    """Return a page's text by its byte order mark, else its header, else what it says of itself.

    What it says may be a meta element or an XML declaration. Bytes that do not fit become U+FFFD.
    Without any declaration, text that is no UTF-8 is read as Windows-1252.
    """
    for mark, label in _MARKS:
        if body.startswith(mark):
            return _decode(body[len(mark) :], label)
    declared = _find_label(content_type or "") or _find_own_label(body)
    if declared:
        return _decode(body, declared)
    text = _decode_utf8(body)
    return _decode(body, "windows-1252") if text is None else PageText(text, "utf-8")


def _decode_utf8(body: bytes) -> str | None:
    """Return text that is UTF-8, though its last character may be cut off; None for other bytes."""
    try:
        text, size = codecs.utf_8_decode(body, "strict", False)
    except UnicodeDecodeError:
        return None
    return text if size == len(body) or not text.isascii() else None


def _decode(body: bytes, label: str) -> PageText:
    encoding = webencodings.lookup(label)
    if encoding.name in _WITHOUT_DIFFERENCES:
        return PageText(encoding.codec_info.decode(body, "replace")[0], "utf-8")
    codec = _CODECS.get(encoding.name, encoding.codec_info.name)
    text = body.decode(codec, _ESCAPE_UNKNOWN)
    return PageText(text.translate(_DIFFERENCES.get(encoding.name, _CONTROLS)), codec)


def _find_label(content_type: str) -> str | None:
    """Return the label in a Content-Type, if it is one of the standard's."""
    found = _LABEL.search(content_type)
    label: str | None = found and (found[1] or found[2] or found[3])
    return label if label and webencodings.lookup(label) else None


def _find_own_label(body: bytes) -> str | None:
    """Return the encoding that a page says it is in.

    Where that can be read, it is none of the UTF-16s, whatever it says (HTML standard §13.2.3.2).
    """
    for start, name in _XML_STARTS:
        if body.startswith(start):
            return name
    for label in _read_labels(body[:_PRESCANNED].decode("latin-1")):
        encoding = webencodings.lookup(label)
        if encoding:
            return _NOT_DECLARED.get(encoding.name, str(encoding.name))
    return None


def _read_labels(start: str) -> Iterator[str]:
    for tag in read_tags(start, _META):
        given = tag.attributes
        if "charset" in given:
            yield given["charset"]
        elif given.get("http-equiv", "").lower() == "content-type":
            yield _find_label(given.get("content", "")) or ""
    declaration = _XML_DECLARATION.match(start)
    if declaration:
        yield declaration[1]


def _escape_unknown(error: UnicodeError) -> tuple[str, int]:
    """Return a character that Python's codec lacks, else a half pair for one byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, start = error.object, error.start
    high_bit = _JIS_CODECS.get(error.encoding)
    if high_bit is not None and start + 1 < len(data):
        character = _decode_jis(data[start] | high_bit, data[start + 1] | high_bit)
        if character:
            return character, start + 2
    return chr(0xDC00 + data[start]) if data[start] >= 0x80 else "\ufffd", start + 1


def _decode_jis(row: int, cell: int) -> str | None:
    """Return a character of JIS by way of Shift_JIS, in which Python knows all rows in use."""
    if not (0xA1 <= row <= 0xFE and 0xA1 <= cell <= 0xFE):
        return None
    lead = (row - 0xA1) // 2 + (0x81 if row < 0xDF else 0xC1)
    trail = cell - 0x61 + (cell >= 0xE0) if row % 2 else cell - 2
    try:
        return bytes((lead, trail)).decode("cp932")
    except UnicodeDecodeError:
        return None


_ESCAPE_UNKNOWN = "pixmill-escape-unknown"
codecs.register_error(_ESCAPE_UNKNOWN, _escape_unknown)

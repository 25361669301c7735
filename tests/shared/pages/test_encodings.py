"""Pages' bytes to text: which encoding, and what it has that Python's of the same name lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import turbohtml.detect  # registers the standard's decoders as whatwg-…  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from shared.pages.encodings import decode_page
from tests.growth import Maker, assert_linear, repetitions

ENCODINGS = sorted(set(LABELS.values()) - {"replacement"})
OF_TWO_BYTES = frozenset({"big5", "euc-jp", "euc-kr", "gb18030", "gbk", "shift_jis"})
# What Python's codec does not know and nothing stands in for: characters that HKSCS added in 2008,
# and one that EUC-JP has twice.
NOT_KNOWN = {"big5": 205, "euc-jp": 1}


@pytest.mark.parametrize(
    ("html", "content_type", "expected"),
    [
        ("é".encode(), None, "é"),
        ("é".encode("latin-1"), None, "é"),
        ("é“".encode("cp1252"), "text/html; charset=ISO-8859-1", "é“"),
        ("猫".encode("gbk"), 'text/html;charset="gb2312"', "猫"),
        ("猫".encode("gbk"), "text/html;charset='x-gbk'", "猫"),
        ("猫".encode("shift-jis"), "text/html; charset=Shift_JIS", "猫"),
        ('<meta charset="shift_jis">猫'.encode("shift-jis"), "text/html", "猫"),
        ('<META CHARSET=" Shift_JIS ">猫'.encode("shift-jis"), "text/html", "猫"),
        (
            '<meta content="text/html; charset=euc-kr" http-equiv="Content-Type">뷁'.encode(
                "cp949"
            ),
            None,
            "뷁",
        ),
        ("<!-- charset=shift_jis --><meta charset=utf-8>é".encode(), None, "é"),
        ("<script>charset='shift_jis'</script><meta charset=utf-8>é".encode(), None, "é"),
        ('<p title="charset=shift_jis">é'.encode(), None, "é"),
        ('<meta name=x content="charset=shift_jis">é'.encode(), None, "é"),
        (b"<meta charset=nonsense><meta charset=latin1>\xe9", None, "é"),
        (b"<style>" + b" " * 3000 + b"</style><meta charset=koi8-r>\xc4", None, "д"),
        ("<meta charset=utf-16>é".encode(), None, "é"),
        (b"<meta charset=x-user-defined>\xe9", None, "é"),
        (b'<?xml version="1.0" encoding="ISO-8859-2"?><a>\xb1', "text/xml", "ą"),
        (b"\xef\xbb\xbf" + "é".encode(), "text/html; charset=latin-1", "é"),
        (b"\xff\xfe" + "é".encode("utf-16-le"), "text/html; charset=utf-8", "é"),
        (b"\xfe\xff" + "é".encode("utf-16-be"), None, "é"),
        ("é".encode("utf-16-le"), "text/html; charset=utf-16", "é"),
        ("é".encode("utf-16-be"), "text/html; charset=unicodefffe", "é"),
        ("é".encode(), "text/html; charset=nonsense", "é"),
        ("é".encode(), "text/html; charset=zlib", "é"),
        (b"\\x41+AEE-", "text/html; charset=unicode_escape", "\\x41+AEE-"),
        (b"a\xffb", "text/html; charset=utf-8", "a\ufffdb"),
        (b"abc", "text/html; charset=hz-gb-2312", "\ufffd"),
        (b"\xe0", "text/html; charset=cp1251,text/html", "а"),  # noqa: RUF001
        ('<?xml version="1.0"?>é'.encode("utf-16-le"), "text/xml", "é"),
        ('<?xml version="1.0" encoding="utf-16"?>é'.encode("utf-16-be"), None, "é"),
        ("é".encode() * 9 + b"\xe2\x82", None, "é"),  # cut off, and still UTF-8
        (b"caf\xe9", None, "café"),
        # Wider than Python's codecs of these names:
        ("①髙～".encode("cp932"), "text/html; charset=shift_jis", "①髙～"),  # noqa: RUF001
        (b"\xad\xa1\xa1\xc1\x8e\xb1\x8f\xb0\xa1", "text/html; charset=euc-jp", "①～ｱ丂"),  # noqa: RUF001
        (b"\x1b$B\x2d\x21\x30\x21\x1b(I\x31\x1b(B~", "text/html; charset=iso-2022-jp", "①亜ｱ~"),
        (b"\x81\x8d\x9d", "text/html; charset=windows-1252", "\x81\x8d\x9d"),
        (b"\x80\xa2\xe3", "text/html; charset=gb2312", "€€"),
        (b"\xfe\x59", "text/html; charset=gb18030", "\u9fb4"),
        ("뷁".encode("cp949"), "text/html; charset=ks_c_5601-1987", "뷁"),
        ("嘅".encode("big5hkscs"), "text/html; charset=Big5", "嘅"),
        (b"\xfd", "text/html; charset=iso-8859-9", "\u0131"),
        (b"\xa1", "text/html; charset=tis-620", "ก"),
        (b"\xae", "text/html; charset=koi8-u", "ў"),
        (b"\xca", "text/html; charset=windows-1255", "\u05ba"),
        (b"\xa2\xff", "text/html; charset=x-mac-cyrillic", "Ґ€"),
    ],
)
def test_decode_page(html: bytes, content_type: str | None, expected: str) -> None:
    assert decode_page(html, content_type).text.endswith(expected)


def list_codes(name: str) -> Iterator[bytes]:
    for lead in range(0x80, 0x100):
        yield bytes((lead,))
        if name in OF_TWO_BYTES:
            yield from (bytes((lead, trail)) for trail in range(0x30, 0x100))
    if name == "euc-jp":
        yield from (bytes((0x8F, row, cell)) for row in range(161, 255) for cell in range(161, 255))
    if name == "iso-2022-jp":
        for row in range(0x21, 0x7F):
            yield from (bytes((0x1B, 0x24, 0x42, row, cell)) for cell in range(0x21, 0x7F))


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_character_is_the_one_of_the_standards_decoder(name: str) -> None:
    differing = []
    for code in list_codes(name):
        expected = code.decode(f"whatwg-{name}")
        found = decode_page(b" " + code, f"text/html; charset={name}").text[1:]
        # How many U+FFFD a wrong sequence gives does not matter.
        if found != expected and not {"\ufffd"} <= {*found} & {*expected} and name[:3] != "utf":
            differing.append((code, expected, found))
    assert len(differing) <= NOT_KNOWN.get(name, 0), differing[:5]


@pytest.mark.parametrize("label", sorted(LABELS))
def test_every_label_of_the_standard_is_known(label: str) -> None:
    text, codec = decode_page(b"a\0", f"text/html; charset={label}")
    assert text in ("a\0", "a", "\u6100", "\ufffd\ufffd")  # utf-16, and what nobody decodes
    assert "x".encode(codec)


@given(st.binary(max_size=100), st.text(max_size=30))
def test_any_bytes_can_be_decoded(html: bytes, label: str) -> None:
    assert isinstance(decode_page(html, f"text/html; charset={label}").text, str)


@given(st.binary(max_size=100), st.sampled_from(ENCODINGS))
def test_no_half_pairs_are_left(html: bytes, label: str) -> None:
    decode_page(html, f"text/html; charset={label}").text.encode()


TOKENS = [b"<meta charset=", b"charset", b"=", b"'", b'"', b"<?xml ", b" encoding='", b"\xad\xa1"]
TOKENS += [b"\xff", b"\x8f", b"\x1b$B", b"\x1b(B", b"-!", b"\x80", b" ", b"<!--"]


@given(make=repetitions(TOKENS), label=st.sampled_from([None, *ENCODINGS]))
def test_time_grows_no_faster_than_the_page(make: Maker, label: str | None) -> None:
    content_type = label and f"text/html; charset={label}"
    assert_linear(lambda data: decode_page(data, content_type), make, 20_000)

"""JSON-LD as sites write it."""

from __future__ import annotations

import pytest
from hypothesis import given

from shared.pages.linked_data import ImageObject, read_image_objects
from tests.growth import Maker, assert_linear, repetitions

PLAIN = (
    '{"@context":"https://schema.org","@type":"ImageObject","contentUrl":"/1.jpg",'
    '"license":"https://lic.example/x","creditText":"Ada","caption":"a"}'
)
EXPECTED = ImageObject("/1.jpg", "a", None, "https://lic.example/x", "Ada", None, None)


@pytest.mark.parametrize(
    "text",
    [
        *(PLAIN, f"//<![CDATA[\n{PLAIN}\n//]]>", f"// <![CDATA[ {PLAIN} // ]]>"),
        *(f"/*<![CDATA[*/{PLAIN}/*]]>*/", f"/* <![CDATA[ */\n{PLAIN}\n/* ]]> */"),
        *(f"<![CDATA[{PLAIN}]]>", f"<!-- {PLAIN} -->", f"<!--\n{PLAIN}\n//-->"),
        *(
            f"<!--//--><![CDATA[//><!--\n{PLAIN}\n//--><!]]>",
            f"/* a */{PLAIN}// b",
            f"\ufeff{PLAIN}",
        ),
        *(f"{PLAIN};", f"{PLAIN[:-1]},}}", f"{PLAIN[:-1]} , ,\n}}", f"[{PLAIN},]", f"[{PLAIN}],;"),
        *(PLAIN.replace('"Ada"', '/* who */ "Ada" // so\n'), PLAIN.replace('"', "&quot;")),
        PLAIN.replace('"ImageObject"', '"http://schema.org/ImageObject"'),
        PLAIN.replace('"ImageObject"', '["Thing", "https://schema.org/ImageObject"]'),
        PLAIN.replace('"ImageObject"', '"schema:ImageObject"').replace('"lic', '"schema:lic'),
        PLAIN.replace('"lic', '"http://schema.org/lic').replace('"cre', '"https://schema.org/cre'),
        PLAIN.replace('"creditText":"Ada"', '"creator":{"@type":"Person","name":"Ada"}'),
        PLAIN.replace('"creditText":"Ada"', '"creator":[{"schema:name":"Ada"}]'),
        '[{"@id":"#p","name":"Ada"},'
        + PLAIN.replace('"creditText":"Ada"', '"author":{"@id":"#p"}')
        + "]",
        f'{{"@graph":[{{"image":{PLAIN}}}]}}',
        *(f"[{PLAIN};]", f"{{{PLAIN[1:-1]};}}", PLAIN.replace('"cap', '"x":NaN,"cap')),
        PLAIN.replace('"Ada"', '{"@language":"en","@value":"Ada"}'),
        PLAIN.replace('"creditText":"Ada"', '"creator":{"name":{"@value":"Ada"}}'),
        '{"@graph":[{"@id":"#l","@type":"CreativeWork","url":"https://lic.example/x"},'
        + PLAIN.replace('"https://lic.example/x"', '{"@id":"#l"}')
        + ',{"@id":"#l"}]}',
    ],
)
def test_licence_and_credit_are_found(text: str) -> None:
    assert list(read_image_objects(text)) == [EXPECTED]


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        *(("two\nlines\tand a tab", "two\nlines\tand a tab"), ("it\\'s", "it's"), ("\\x", "x")),
        *(("// /* <!-- ]]> ,] ;", "// /* <!-- ]]> ,] ;"), ('\\"\\\\\\u0041', '"\\A')),
    ],
)
def test_strings_stay_what_they_are(caption: str, expected: str) -> None:
    (found,) = read_image_objects(f'{PLAIN[:-3]}{caption}",}};')
    assert found.caption == expected


def test_character_references_are_replaced() -> None:
    text = PLAIN.replace("/1.jpg", "/1.jpg?a=1&amp;copy=2&copy=3").replace(
        "Ada", "Ada &amp;#38; Bob &eacute;"
    )
    (found,) = read_image_objects(text)
    assert (found.url, found.attribution) == ("/1.jpg?a=1&copy=2&copy=3", "Ada &#38; Bob é")


def test_a_licence_that_is_only_referred_to_is_none() -> None:
    for name in ("#l", "_:l"):
        text = PLAIN.replace('"https://lic.example/x"', f'{{"@id":"{name}"}}')
        assert [one.license for one in read_image_objects(text)] == [None]


def test_several_documents_in_one_script_are_read_up_to_the_first_that_is_none() -> None:
    assert list(read_image_objects(f"{PLAIN}\n{PLAIN};{PLAIN}")) == [EXPECTED] * 3
    assert list(read_image_objects(f"{PLAIN} {{ {PLAIN}")) == [EXPECTED]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "null",
            "{",
            "[" * 100_000,
            '{"a":' * 100_000,
            "{}",
            "var x = 1;",
            '{"@type":"Person"}',
        ),
        *(
            '{"@type":{"a":[1]}}',
            '{"@type":7}',
            f"[{'9' * 5000}]",
            '{"@type":"ImageObjects"}',
            '"\\',
        ),
    ],
)
def test_nonsense_gives_none(text: str) -> None:
    assert list(read_image_objects(text)) == []


def test_values_may_be_wrapped_and_of_any_kind() -> None:
    (found,) = read_image_objects(
        '{"@type":"ImageObject","url":[{"@id":"/a"}],"width":{"value":[800]},"height":6.5,'
        '"license":{"url":{"@value":"CC0"}},"name":{"x":1},"caption":true,"author":[]}'
    )
    assert found == ImageObject("/a", None, None, "CC0", None, "800", "6.5")


TOKENS = [
    b"{",
    b"[",
    b"]",
    b"}",
    b",",
    b":",
    b'"',
    b"\\",
    b"/*",
    b"*/",
    b"//",
    b"<!--",
    b"-->",
    b" ",
]
TOKENS += [
    b"<![CDATA[",
    b'"a"',
    b'{"@type":"ImageObject","creator":{"@id":"x"}},',
    b"1",
    b"&quot;",
    b";",
    b'{"@type":"ImageObject","@id":"a","license":{"@id":"b"}},{"@id":"b","url":"c"},',
]


@given(repetitions(TOKENS))
def test_time_grows_no_faster_than_the_script(make: Maker) -> None:
    assert_linear(lambda data: list(read_image_objects(data.decode("latin-1"))), make, 20_000)


def test_a_string_that_a_backslash_ends_is_read_once() -> None:
    def make(size: int) -> bytes:
        return b'{"a":"' + b'\\"' * (size // 2) + b"\\"

    assert_linear(lambda data: list(read_image_objects(data.decode("latin-1"))), make, 8_000)

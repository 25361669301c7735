"""Character references in attributes and in text."""

from __future__ import annotations

from html.entities import html5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from turbohtml.saxparse import Characters, StartElement, iter_events

from shared.pages.references import unescape_attribute, unescape_text
from tests.growth import Maker, assert_linear, repetitions


@pytest.mark.parametrize(
    ("text", "attribute", "between_tags"),
    [
        ("?a=1&copy=2", "?a=1&copy=2", "?a=1©=2"),
        ("?a=1&copy;=2", "?a=1©=2", "?a=1©=2"),
        ("?a=1&copy", "?a=1©", "?a=1©"),
        ("?a=1&copy&b", "?a=1©&b", "?a=1©&b"),
        ("?w=1&section=2&notify=3", "?w=1&section=2&notify=3", "?w=1§ion=2¬ify=3"),
        ("&notit;", "&notit;", "¬it;"),
        ("&notin;", "∉", "∉"),
        ("&amp;lt;", "&lt;", "&lt;"),
        ("&amp;amp", "&amp", "&amp"),
        ("&nosuch;&;&", "&nosuch;&;&", "&nosuch;&;&"),
        ("&#65;&#x42;&#X43&#68=", "ABCD=", "ABCD="),
        ("&#128;&#x9f;&#129;", "\u20ac\u0178\x81", "\u20ac\u0178\x81"),
        ("&#0;&#xd800;&#x110000;", "\ufffd" * 3, "\ufffd" * 3),
        ("&#1;&#xfdd0;&#13;", "\x01\ufdd0\r", "\x01\ufdd0\r"),
        ("&#;&#x;&#xg", "&#;&#x;&#xg", "&#;&#x;&#xg"),
        (f"&#{'0' * 9000}65;&#{'9' * 9000};", "A\ufffd", "A\ufffd"),
    ],
)
def test_references(text: str, attribute: str, between_tags: str) -> None:
    assert unescape_attribute(text) == attribute
    assert unescape_text(text) == between_tags


NAMES = st.sampled_from(sorted(html5)).flatmap(
    lambda name: st.sampled_from([name, name.rstrip(";"), name[:-2], name + "x", name.lower()])
)
NUMBERS = st.integers(0, 0x120000).flatmap(
    lambda code: st.sampled_from([f"#{code}", f"#x{code:x}"])
)


@settings(max_examples=2000)
@given(NAMES | NUMBERS, st.sampled_from(["", ";", "=", "a", "1", " ", "-", "&", "#", "&lt"]))
def test_references_are_those_of_a_parser_that_follows_the_standard(name: str, after: str) -> None:
    text = f"x&{name}{after}"
    (start,) = (
        event
        for event in iter_events(f'<a b="{text}">')
        if isinstance(event, StartElement) and event.tag == "a"
    )
    assert unescape_attribute(text) == dict(start.attrs)["b"]
    events = iter_events(f"<div>{text}</div>")
    between = "".join(event.data for event in events if isinstance(event, Characters))
    assert unescape_text(text) == between


@given(repetitions([b"&", b"&#", b"&#x", b"&a", b"&copy", b"&CounterClockwise", b";", b"0", b"9"]))
def test_time_grows_no_faster_than_the_text(make: Maker) -> None:
    def work(data: bytes) -> None:
        unescape_attribute(data.decode("latin-1"))
        unescape_text(data.decode("latin-1"))

    assert_linear(work, make, 20_000)

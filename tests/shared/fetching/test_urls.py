"""One spelling per address, and what is refused as none."""

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fetching.urls import (
    BadUrl,
    Target,
    hide_user_information,
    is_same_host,
    join,
    normalise,
    parse_target,
    resolve,
)
from tests.growth import Maker, assert_linear, repetitions

DATA = Path(__file__).parents[2] / "data" / "url_cases.json"
PUBLISHED = [tuple(case) for case in json.loads(DATA.read_text())["cases"]]
# What we refuse though the standard has an address for it.
REFUSED = {
    "holds user information": re.compile("@"),
    "names port 0": re.compile(":0/"),
    "names no host that can be looked up": re.compile(r"/\.|\.\./"),
}


@pytest.mark.parametrize(("text", "base", "expected"), PUBLISHED)
def test_the_published_table_of_the_url_standard(
    text: str, base: str | None, expected: str | None
) -> None:
    found, refusal = None, ""
    try:
        found = resolve(base, text) if base else normalise(text)
    except BadUrl as error:
        refusal = error.detail
    if refusal in REFUSED:
        assert expected is None or REFUSED[refusal].search(expected)
    else:
        assert found == (expected and expected.partition("#")[0])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.COM:80", "http://example.com/"),
        ("https://example.com:443/a?b#c", "https://example.com/a?b"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        (" http://example.com./x ", "http://example.com/x"),
        ("http://example.com/a/./b/../c", "http://example.com/a/c"),
        ("http://example.com/../../a/..", "http://example.com/"),
        ("http://example.com/%2e%2E/a/.%2e/b/%2e/c", "http://example.com/b/c"),
        ("http://example.com/a b.jpg?q=ü", "http://example.com/a%20b.jpg?q=%C3%BC"),
        ("http://example.com/%2f%zz%c3%BC", "http://example.com/%2f%zz%c3%BC"),
        ("http://example.com//a///b", "http://example.com//a///b"),
        ("http://example.com/a?", "http://example.com/a?"),
        ("http://example.com\\a\\b", "http://example.com/a/b"),
        ("http:\\\\example.com/a\\b?c\\d", "http://example.com/a/b?c\\d"),
        ("http:///example.com/a", "http://example.com/a"),
        ("http:example.com/a", "http://example.com/a"),
        ("http://exam\nple.com/a\tb", "http://example.com/ab"),
        ("http://example.com/\x00\x1f\x7f\x93", "http://example.com/%00%1F%7F%C2%93"),
        ("http://example.com/\ud800a", "http://example.com/%EF%BF%BDa"),
        ("http://@example.com/", "http://example.com/"),
        ("http://%65xample.com/", "http://example.com/"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://-a-.example/", "http://-a-.example/"),
        ("http://-ü-.example/", "http://xn-----xka.example/"),
        ("http://r3---sn-ü.example/", "http://xn--r3---sn--e6a.example/"),
        ("http://☃.example/", "http://xn--n3h.example/"),
        ("http://\U0001f4a9.example/", "http://xn--ls8h.example/"),
        ("http://a_b.example/", "http://a_b.example/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://%31%32%37.1/", "http://127.0.0.1/"),
        ("http://\uff11\uff12\uff17\u3002\uff10\u3002\uff10\u3002\uff11/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
    ],
)
def test_normalise(url: str, expected: str) -> None:
    assert normalise(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "//example.com/", "/a", "http://", "http://:80/", "http://./"),
        *("http://user@example.com/", "http://user:pw@example.com/", "http://:pw@example.com/"),
        *("http://a@127.0.0.1/", "http://exam\x00ple.com/", "http://a%00b/", "http://a%2fb/"),
        *("http://example.com:0/", "http://example.com:65536/", "http://example.com:99999/"),
        *("http://example.com:x/", "http://a b/", "http://1.2.3.4.5/", "http://a.1/"),
        *("http://256.1.1.1/", "http://[::1", "http://[fe80::1%25eth0]/", "http://[::1]a/"),
        *("http://a..example/", "http://a../", f"http://{'a' * 64}.example/"),
        *(f"http://{'a.' * 127}example/", "http://example.com/" + "a" * 2048),
        "http://example.com/" + "ü" * 1000,
    ],
)
def test_normalise_refuses(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        normalise(url)
    assert caught.value.reason == "bad_url"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/", "gopher://a/", "data:,x"])
def test_other_schemes_are_named_as_such(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        normalise(url)
    assert caught.value.reason == "unsupported_scheme"


@given(st.text(max_size=60), st.text(max_size=60))
def test_normalise_is_stable_and_ascii(host: str, path: str) -> None:
    try:
        url = normalise(f"http://{host}/{path}")
    except BadUrl:
        return
    assert url.isascii()
    assert normalise(url) == url
    assert parse_target(url).host in url


def test_parse_target_splits_what_normalise_made() -> None:
    assert parse_target("https://example.com/a:1") == Target("https", "example.com", 443)
    assert parse_target("http://[::1]:8080/") == Target("http", "[::1]", 8080)
    assert parse_target("http://[::1]/").origin == "http://[::1]"
    assert parse_target("https://example.com:80/?a").origin == "https://example.com:80"


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("http://a.example/b/c", "../d\n.jpg#x", "http://a.example/d.jpg"),
        ("https://a.example/", "//b.example/x", "https://b.example/x"),
        ("https://a.example/c/", "///b.example/x", "https://b.example/x"),
        ("https://a.example/c/", "\\\\b.example\\x", "https://b.example/x"),
        ("https://a.example/c/", "https:/b.example/x", "https://a.example/b.example/x"),
        ("http://a.example/c/", "https:/b.example/x", "https://b.example/x"),
        ("http://a.example/c/", "https:b.example/x", "https://b.example/x"),
        ("http://a.example/c/", "http:x", "http://a.example/c/x"),
        ("http://a.example/", "uploads//2026/b.jpg", "http://a.example/uploads//2026/b.jpg"),
        ("http://a.example/x//y//z", "b.jpg", "http://a.example/x//y//b.jpg"),
        ("http://a.example/x//y", "../b.jpg", "http://a.example/x/b.jpg"),
        ("http://a.example/x/y", "%2e%2e/b.jpg", "http://a.example/b.jpg"),
        ("http://a.example/x/y?a#b", "", "http://a.example/x/y?a"),
        ("http://a.example/x/y?a", "?", "http://a.example/x/y?"),
        ("http://a.example/x/y", "\\z", "http://a.example/z"),
        ("http://a.example/x/y", "a:b", None),
        ("http://a.example/x/y", "./a:b", "http://a.example/x/a:b"),
        ("http://a.example/", "http://[::1", None),
        ("http://a.example/", "//b.example:99999/", None),
        ("http://a.example/", "javascript:alert(1)", None),
    ],
)
def test_resolve(base: str, reference: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(BadUrl):
            resolve(base, reference)
    else:
        assert resolve(base, reference) == expected


@pytest.mark.parametrize(
    ("encoding", "reference", "expected"),
    [
        ("utf-8", "é?é#é", "%C3%A9?%C3%A9"),
        ("cp1252", "é?é=\u20ac#é", "%C3%A9?%E9=%80"),
        ("cp1252", "?猫=1&b=%20", "?%26%2329483%3B=1&b=%20"),
        ("shift_jis", "?ソ", "?%83\\"),
        ("shift_jis", "?a#?ソ", "?a"),
        ("gb18030", "?'\u20ac", "?%27%A2%E3"),
    ],
)
def test_a_query_is_sent_in_its_pages_encoding(
    encoding: str, reference: str, expected: str
) -> None:
    assert resolve("http://a.example/", reference, encoding) == f"http://a.example/{expected}"


def test_join_gives_an_address_to_show() -> None:
    base = "https://a.example/b/"
    assert join(base, "c" * 3000) == f"https://a.example/b/{'c' * 3000}"
    assert join(base, "//c.example:99999/x") == "https://c.example:99999/x"
    assert join(base, " http://c.example:99999/x") == "http://c.example:99999/x"
    assert join(base, "//u@c.example/x") == "https://***@c.example/x"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://u:p@c.example/x", "http://***@c.example/x"),
        ("u@c.example", "u@c.example"),
        ("/x@y", "/x@y"),
        ("//u@c.example/x@y", "//***@c.example/x@y"),
        ("http:u:p@c.example", "http:***@c.example"),
        ("\x01 ht\ntp:\\\\u:p\t@c.example:99999", "http:\\\\***@c.example:99999"),
        ("HTTP://u:p@q@c.example", "HTTP://***@c.example"),
        ("http://u:p/q@c.example/x", "http://***@c.example/x"),
        ("http://u:p#q?@c.example/x", "http://***@c.example/x"),
        ("http://c.example:99999/x@y", "http://c.example:99999/x@y"),
        ("http://c.example/?q=//a:b@c", "http://c.example/?q=//a:b@c"),
        ("http://[::1/x:y@z", "http://[::1/x:y@z"),
        ("mailto:u@c.example", "mailto:u@c.example"),
    ],
)
def test_a_user_and_password_are_hidden(address: str, expected: str) -> None:
    assert hide_user_information(address) == expected


def test_is_same_host_ignores_www_and_port() -> None:
    assert is_same_host("http://www.example.com/a", "https://EXAMPLE.com:8443/")
    assert not is_same_host("http://img.example.com/", "http://example.com/")
    assert not is_same_host("nonsense", "http://example.com/")
    assert not is_same_host("nonsense", "more")


def test_is_same_host_knows_addresses_that_cannot_be_fetched() -> None:
    refused = ("http://u:p@example.com/", "http://example.com:99999/a", "http://example.com./")
    for url in (*refused, f"http://example.com/{'a' * 3000}"):
        assert is_same_host(url, "http://www.example.com/")
        assert not is_same_host(url, "http://example.org/")


@given(
    repetitions([b"/", b"..", b"%2e", b"\\", b"@", b":", b"?", b"#", b".", b"\xc3\xbc", b"xn--"])
)
def test_time_grows_no_faster_than_the_address(make: Maker) -> None:
    def work(data: bytes) -> None:
        text = data.decode("latin-1")
        for address in (f"http://{text}", f"http://a.example/{text}"):
            for parse in (normalise, lambda one: resolve("http://a.example/b", one, "cp1252")):
                with suppress(BadUrl):
                    parse(address)
            join("http://a.example/b", address)
            is_same_host(address, "http://a.example/b")

    assert_linear(work, make, 20_000)

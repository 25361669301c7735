"""One spelling per address, and what is refused as none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fetching.urls import BadUrl, Target, normalise, resolve, same_host, target


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.COM:80", "http://example.com/"),
        ("https://example.com:443/a?b#c", "https://example.com/a?b"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        (" http://example.com./x ", "http://example.com/x"),
        ("http://example.com/a/./b/../c", "http://example.com/a/c"),
        ("http://example.com/../../a/..", "http://example.com/"),
        ("http://example.com/a b.jpg?q=ü", "http://example.com/a%20b.jpg?q=%C3%BC"),
        ("http://example.com/%2f%zz", "http://example.com/%2F%25zz"),
        ("http://example.com\\a\\b", None),
        ("http://example.com/a\\b", "http://example.com/a/b"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://\uff11\uff12\uff17\u3002\uff10\u3002\uff10\u3002\uff11/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_normalise(url: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(BadUrl):
            normalise(url)
    else:
        assert normalise(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "//example.com/", "http:///x", "http://", "http://:80/"),
        *("http://user@example.com/", "http://user:pw@example.com/", "http://a\\@127.0.0.1/"),
        *("http://example.com/\x00", "http://exam\nple.com/", "http://example.com/\x7f"),
        *("http://example.com/\ud800", "http://example.com:0/", "http://example.com:65536/"),
        *("http://example.com:x/", "http://a b/", "http://%31.1.1.1/", "http://1.2.3.4.5/"),
        *("http://256.1.1.1/", "http://[::1", "http://[fe80::1%25eth0]/", "http://-a.example/"),
        *("http://a..example/", f"http://{'a' * 64}.example/", "http://example.com/" + "a" * 2048),
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
    assert target(url).host in url


def test_target_splits_what_normalise_made() -> None:
    assert target("https://example.com/a:1") == Target("https", "example.com", 443)
    assert target("http://[::1]:8080/") == Target("http", "[::1]", 8080)
    assert target("http://[::1]/").origin == "http://[::1]"
    assert target("https://example.com:80/?a").origin == "https://example.com:80"


def test_resolve_joins_and_drops_line_breaks() -> None:
    assert resolve("http://a.example/b/c", "../d\n.jpg#x") == "http://a.example/d.jpg"
    assert resolve("https://a.example/", "//b.example/x") == "https://b.example/x"
    with pytest.raises(BadUrl):
        resolve("http://a.example/", "http://[::1")
    with pytest.raises(BadUrl):
        resolve("http://a.example/", "javascript:alert(1)")


def test_same_host_ignores_www_and_port() -> None:
    assert same_host("http://www.example.com/a", "https://EXAMPLE.com:8443/")
    assert not same_host("http://img.example.com/", "http://example.com/")
    assert not same_host("nonsense", "http://example.com/")

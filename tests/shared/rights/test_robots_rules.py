"""Rules of robots.txt: which hold for us, what they match, and what that costs."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.rights.path_rules import PathRules
from shared.rights.robots_rules import MAX_BYTES, RobotsRules, parse_robots
from tests.growth import Maker, assert_linear, repetitions


def allows(text: str | bytes, path: str) -> bool:
    data = text if isinstance(text, bytes) else text.encode()
    return parse_robots(data).find_refusal(path) is None


def matches(pattern: str, path: str) -> bool:
    return not allows(f"User-agent: *\nDisallow: {pattern}", path)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("User-agent: *\nDisallow: /", True),
        ("User-agent: other\nDisallow: /", False),
        ("User-agent: pixmill\nDisallow: /", True),
        ("User-agent: PIXMILL/0.1\nDisallow: /", True),
        ("User-agent: Pixmill Bot\nDisallow: /", True),
        ("User-agent: Pixmill-News\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Pixmill\nDisallow:", False),
        ("User-agent: Pixmill\nAllow: /\n\nUser-agent: *\nDisallow: /", False),
        ("User-agent: Pixmill/0.1\nAllow: /\nUser-agent: *\nDisallow: /", False),
        # Groups for the same product are one (RFC 9309 §2.2.1).
        ("User-agent: Pixmill\nAllow: /a\n\nUser-agent: pixmill\nDisallow: /", True),
        # A group goes on over blank lines, comments and all that is no rule (§2.2.4).
        *(
            (f"User-agent: Pixmill\n{line}\nUser-agent: other\nDisallow: /", True)
            for line in (
                *("", "# a comment", "Sitemap: https://a.example/s.xml", "Host: a.example"),
                *("Crawl-delay: 2", "Clean-param: ref /", "Noindex: /x", "nonsense", ":", "Allow"),
                *("Request-rate: 1/5", "\0\x01\xff", "Content-Signal: ai-train=no"),
            )
        ),
        ("User-agent: Pixmill\nAllow: /\nUser-agent: other\nDisallow: /", False),
        ("User-agent: other\nSitemap: /s\nDisallow: /", False),
        ("Disallow: /", False),
        ("Disallow: /\nUser-agent: *\n", False),
        ("User-agent:\nDisallow: /", False),
        # Line ends, marks and spaces.
        ("\ufeffUser-agent: *\nDisallow: /", True),
        ("User-agent: *\rDisallow: /\r", True),
        ("User-agent: *\r\nDisallow: /\r\n", True),
        ("  User-agent :*  \n\tDisallow\t:\t/ # all", True),
        ("User-agent: * # everyone\nDisallow: / # everything", True),
        ("USER-AGENT: *\nDISALLOW: /", True),
        # Spelling that Google's parser forgives as well.
        ("Useragent: *\nDissallow: /", True),
        ("User agent *\nDisallow /", True),
        ("User-agent: *\nDisalow: /", True),
        ("<html>User-agent: *\nDisallow: /</html>", False),
        ("User-agent: *\nDisallow: # nothing", False),
        ("User-agent: *\nDisallowed: /", False),
    ],
)
def test_groups(text: str, refused: bool) -> None:
    assert allows(text, "/x") is not refused


def test_other_encodings() -> None:
    rules = "User-agent: *\nDisallow: /"
    assert not allows(rules.encode("utf-16"), "/x")
    assert not allows(b"\xfe\xff" + rules.encode("utf-16-be"), "/x")
    assert not allows(b"User-agent: *\nDisallow: /caf\xe9", "/caf%E9.jpg")
    assert not allows("User-agent: *\nDisallow: /café", "/caf%C3%A9.jpg")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        # RFC 9309 §2.2.2 and 2.2.3.
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz", True),
        ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", True),
        ("/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar", True),
        ("/foo/bar/ツ", "/foo/bar/%E3%83%84", True),
        ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", True),
        ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", True),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", True),
        ("/foo/bar/baz", "/foo/bar/%62%61%7A", True),
        ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html", True),
        ("/path/file-with-a-%2A.html", "/path/file-with-a-x.html", False),
        ("/path/foo-%24", "/path/foo-$", True),
        ("/a%2Fb", "/a/b", False),
        ("/a/b", "/a%2fb", False),
        ("/a%2fb", "/a%2Fb", True),
        ("/100%", "/100%25", True),
        ("/a b", "/a%20b", True),
        ("/a|b", "/a%7Cb", True),
        # As Google describes it.
        *(("/fish", path, True) for path in ("/fish", "/fish.html", "/fishheads", "/fish?id=1")),
        *(("/fish", path, False) for path in ("/Fish.asp", "/catfish", "/desert/fish")),
        *(("/fish*", path, True) for path in ("/fish", "/fish.html", "/fish?id=1")),
        *(("/*.php", path, True) for path in ("/a.php", "/a/b.php?x", "/a.php5", "/a.php/")),
        *(("/*.php", path, False) for path in ("/", "/a.PHP")),
        *(("/*.php$", path, True) for path in ("/a.php", "/a.php/b.php")),
        *(("/*.php$", path, False) for path in ("/a.php?x", "/a.php/", "/a.php5", "/a$")),
        *(("/fish*.php", path, True) for path in ("/fish.php", "/fishheads/cat.php?x")),
        ("/fish*.php", "/Fish.PHP", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/$", "/", True),
        ("/$", "/a", False),
        ("/a$b", "/a$bc", True),
        ("*", "/", True),
        ("*$", "/x", True),
        ("/*$", "/x/y?z", True),
        ("**a**b**", "/xaxbx", True),
        ("*a*a$", "/a", False),
        ("*a*a$", "/aa", True),
        ("/a*a$", "/a", False),
        ("foo", "/foo", False),
        ("", "/", False),
        ("/robots", "/robots.txt", False),  # which may always be fetched
        ("/", "/robots.txt?x", True),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Allow: /folder\nDisallow: /folder", "/folder/page", True),
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("Allow: /page\nDisallow: /*.ph", "/page.php5", True),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/page.htm", False),
        ("Disallow: /a*b\nAllow: /a*bc", "/axbc", True),
        ("Disallow: /*\nAllow: /", "/x", False),
        ("Disallow: /private\nAllow: /private/*.jpg$", "/private/a.jpg", True),
        ("Disallow: /private\nAllow: /private/*.jpg$", "/private/a.png", False),
    ],
)
def test_the_most_specific_rule_wins(rules: str, path: str, expected: bool) -> None:
    assert allows(f"User-agent: *\n{rules}", path) is expected


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 2", 2.0),
        ("User-agent: *\ncrawl delay 1.5", 1.5),
        ("User-agent: *\nCrawl-delay: 2\nCrawl-delay: 1", 2.0),
        ("User-agent: *\nCrawl-delay: 9\nDisallow: /a\n\nUser-agent: Pixmill\nAllow: /", 0.0),
        *(
            (f"User-agent: *\nCrawl-delay: {bad}", 0.0)
            for bad in ("-1", "nan", "inf", "1e999", "x")
        ),
        ("Crawl-delay: 5", 0.0),
    ],
)
def test_crawl_delay(text: str, delay: float) -> None:
    assert parse_robots(text.encode()).crawl_delay == delay


def test_a_rule_that_the_limit_cuts_is_none() -> None:
    head = b"User-agent: *\nDisallow: /\n"
    cut = head + b"#" * (MAX_BYTES - len(head) - 8) + b"\nAllow: /public"
    assert len(cut) > MAX_BYTES
    assert not allows(cut, "/x")
    assert not allows(cut[:MAX_BYTES], "/x")


def find_by_regex(rules: list[tuple[str, bool]], path: str) -> bool:
    """Match every rule by a regular expression: slow, and right."""
    best = (0, True)
    for pattern, allow in rules:
        anchored = pattern.endswith("$")
        parts = pattern.removesuffix("$").split("*")
        expression = ".*".join(map(re.escape, parts)) + (r"\Z" if anchored else "")
        if re.match(expression, path, re.DOTALL):
            best = max(best, (len(pattern), allow))
    return best[1]


PATTERNS = st.text(st.sampled_from("/ab*$"), min_size=1, max_size=12)
PATHS = st.text(st.sampled_from("/ab$"), max_size=20).map("/".__add__)


@given(st.lists(st.tuples(PATTERNS, st.booleans()), max_size=12), PATHS)
@example([("/a*a$", False)], "/a")
@example([("*$*", False)], "/a$b")
@settings(max_examples=500)
def test_matching_agrees_with_regular_expressions(rules: list[tuple[str, bool]], path: str) -> None:
    assert (RobotsRules(PathRules(rules)).find_refusal(path) is None) is find_by_regex(rules, path)


LINES = (
    b"User-agent: *\n", b"user-agent", b"Disallow: /", b"Allow:*a", b"disallow ", b"*", b"$", b"a",
    b"%2A", b"%", b"\n", b"\r", b" ", b"\t", b"#", b":", b"crawl-delay:", b"\xff", b"dis", b"s",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINES) | st.binary(max_size=4), max_size=60).map(b"".join), PATHS)
def test_any_bytes_are_read(data: bytes, path: str) -> None:
    parse_robots(data).find_refusal(path)


@given(repetitions(LINES))
@example(lambda size: b"user-agent: *\nallow: /" + b"*a" * (size // 2))
@example(lambda size: b"user-agent: *\n" + b"".join(b"allow:*%d\n" % n for n in range(size // 12)))
@settings(max_examples=40)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(parse_robots, make, 30_000)


def cpu_seconds(rules: RobotsRules, path: str) -> float:
    best = 9.0
    for _ in range(7):
        started = time.thread_time()
        rules.find_refusal(path)
        best = min(best, time.thread_time() - started)
    return best


ADDRESSES = ["/images/cats/2026/IMG_0001.jpg?width=1200&ref=x", "/" + "ab" * 40, "/12345/67890.jpg"]


@pytest.mark.parametrize(
    "form", ["/*a*b{}", "/*x{}*y$", "*{}*", "/p{}/*.jpg$", "/*?id={}&*", "/{}"]
)
def test_many_rules_cost_an_address_little(form: str) -> None:
    lines = "".join(f"Disallow: {form.format(n)}\n" for n in range(25_000))
    rules = parse_robots(b"User-agent: *\n" + lines.encode())
    assert rules.size > 20_000
    for path in ADDRESSES:
        assert cpu_seconds(rules, path) < 0.001, path


def hostile_files() -> dict[str, bytes]:
    """Make files whose rules are alike, so that many of them have to be tried."""
    choose = random.Random(1).choice
    few = ["".join(f"*{choose('abcdefgh')}" for _ in range(6)) for _ in range(28_000)]
    near = [f"*{'a' * n}b{'a' * (90 - n)}*c{m}" for n in range(90) for m in range(55)]
    stars = ["*a" * n + "*b" for n in range(1, 700)]
    files = {"few letters": few, "near misses": near, "stars": stars, "one": ["/" + "*a" * 250_000]}
    return {
        name: b"User-agent: *\n" + "".join(f"Allow: {rule}\n" for rule in rules).encode()
        for name, rules in files.items()
    }


@pytest.mark.parametrize(("name", "data"), hostile_files().items())
def test_hostile_rules_cost_an_address_a_bounded_time(name: str, data: bytes) -> None:
    rules = parse_robots(data)
    for path in ("/abcdefgh", "/" + "abcdefgh" * 250, "/" + "a" * 2000, "/" + "a" * 2000 + "bc"):
        assert cpu_seconds(rules, path) < 0.05, path


def test_what_cannot_be_told_in_time_is_forbidden() -> None:
    rules = parse_robots(hostile_files()["few letters"])
    assert rules.find_refusal("/images/cats/b.jpg") == (
        "the site's robots.txt is too complicated for this address"
    )

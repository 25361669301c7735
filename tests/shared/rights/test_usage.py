"""Preferences for the use in AI, as headers and robots files state them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.robots_rules import parse_robots
from shared.rights.usage import parse_content_signal, parse_usage
from tests.growth import Maker, assert_linear, repetitions


@pytest.mark.parametrize(
    ("text", "allows"),
    [
        ("train-ai=n", False),
        ("train-ai=y", True),
        ("search=n, train-ai=y", True),
        ("search=n", None),
        ("", None),
        # The last of a key counts, and what is no token says nothing (vocab §6.6).
        ("train-ai=y, train-ai=n", False),
        ("train-ai=y, train-ai, search=n", None),
        ('train-ai="n"', None),
        ("train-ai=no", None),
        ("train-ai=?0", None),
        # Parameters change nothing, and belong to the value that counts.
        ("train-ai=n;because=law", False),
        ("train-ai;allow=n, train-ai=y", True),
        # Keys are compared by case; what cannot be parsed says nothing.
        ("Train-AI=n", None),
        ("train-ai=n, Search=y", None),
        ("train-ai=n,", None),
        ("train-ai=n é", None),
        ("train-ai=y, " + "a=1, " * 2000 + "train-ai=n", False),
        # What is too long to be parsed is no permission.
        ("train-ai=y, " + "a=1, " * 20_000 + "b=1", False),
        ("search=y, " + "a=1, " * 20_000 + "b=1", None),
    ],
)
def test_content_usage(text: str, allows: bool | None) -> None:
    assert parse_usage(text) is allows


@pytest.mark.parametrize(
    ("text", "allows"),
    [
        ("search=yes,ai-train=no", False),
        ("ai-train=yes", True),
        ("AI-Train = NO ; search=yes", False),
        ("ai-train=yes, ai-train=no", False),
        ("search=yes", None),
        ("ai-training=no", None),
        ("ai-train=nope", None),
    ],
)
def test_content_signal(text: str, allows: bool | None) -> None:
    assert parse_content_signal(text) is allows


EXAMPLE = """
User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: train-ai=n
Content-Usage: /ai-ok/ train-ai=y

User-Agent: ExampleBot
Allow: /
Content-Usage: train-ai=y
"""


@pytest.mark.parametrize(
    ("path", "agent", "allows"),
    [
        ("/test", "Pixmill", False),
        ("/ai-ok/test", "Pixmill", True),
        ("/ai-ok", "Pixmill", False),
        ("/test", "ExampleBot", True),
    ],
)
def test_the_draft_s_example(path: str, agent: str, allows: bool) -> None:
    rules = parse_robots(EXAMPLE.encode(), agent)
    assert rules.find_usage(path) is allows
    assert rules.find_refusal(path) is None


@pytest.mark.parametrize(
    ("lines", "path", "allows"),
    [
        ("Content-Usage: /a\ttrain-ai=n", "/a", False),
        ("content-usage : train-ai=n # all of it", "/a", False),
        ("Content-Usage: /a*b$ train-ai=n", "/axb", False),
        ("Content-Usage: /a*b$ train-ai=n", "/axbc", None),
        # Of contradictory rules for one path the stricter counts (attach §3.1).
        ("Content-Usage: /a train-ai=n\nContent-Usage: /a train-ai=y", "/a", False),
        ("Content-Usage: train-ai=y\nContent-Usage: /a train-ai=n", "/b", True),
        ("Content-Signal: search=yes, ai-train=no", "/b", False),
        ("Content-Usage: /a", "/a", None),
        ("Content-Usage:", "/a", None),
        ("Allow: /", "/a", None),
    ],
)
def test_usage_in_robots_files(lines: str, path: str, allows: bool | None) -> None:
    assert parse_robots(f"User-agent: *\n{lines}".encode()).find_usage(path) is allows


def test_rules_for_others_say_nothing_to_us() -> None:
    rules = parse_robots(b"User-agent: other\nContent-Usage: train-ai=n")
    assert rules.find_usage("/") is None


def test_licenses_of_the_site_and_of_our_group_are_found() -> None:
    rules = parse_robots(
        b"License: https://a.example/all.xml\nUser-agent: other\nDisallow: /\nLicense: /other.xml\n"
        b"User-agent: *\nDisallow:\nLicense: /ours.xml"
    )
    assert rules.licenses == ("https://a.example/all.xml", "/ours.xml")


LINES = (
    *(b"Content-Usage: /a*b train-ai=n\n", b"License: /x\n", b"User-agent: *\n"),
    *(b"Content-Signal: ", b", \t", b"ai-train = ", b"no"),
)


@given(make=repetitions(LINES))
@settings(max_examples=20)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(parse_robots, lambda size: b"User-agent: *\n" + make(size), 10_000)


@given(st.text())
def test_any_text_is_read(text: Any) -> None:
    parse_usage(text)
    parse_usage(f"train-ai={text}")
    parse_content_signal(text)

"""No regular expression takes longer than in proportion to what it is matched with."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shared
from tests.growth import assert_linear, repetitions


def find_patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern that a module of `shared` holds, with the name it has there."""
    for module in pkgutil.walk_packages(shared.__path__, "shared."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in value.values() if isinstance(value, dict) else (value,):
                if isinstance(pattern, re.Pattern):
                    yield f"{module.name}.{name}", pattern


PATTERNS = {pattern: name for name, pattern in find_patterns()}


@pytest.mark.parametrize("pattern", PATTERNS, ids=PATTERNS.values())
@given(data=st.data())
@settings(max_examples=15)
def test_matching_takes_time_in_proportion(pattern: re.Pattern[Any], data: st.DataObject) -> None:
    """Made of what the pattern itself is made of, which is what it could try in several ways."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tokens = {*re.findall(r"[A-Za-z]+|[0-9]|\\.|\W", text), " ", "\n", "a", "0", "aa ", "-"}
    make = data.draw(repetitions(sorted(token.encode("utf-8", "replace") for token in tokens)))

    def match(content: bytes) -> None:
        subject = content if isinstance(source, bytes) else content.decode("latin-1")
        pattern.match(subject)
        pattern.fullmatch(subject)

    assert_linear(match, make, 5_000)

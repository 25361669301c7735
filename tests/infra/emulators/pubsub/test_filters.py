"""The filter language."""

import pytest

from infra.emulators.pubsub import filters
from infra.emulators.pubsub.errors import Refused

MESSAGES = {
    "none": {"z": "1"},
    "y": {"x": "y"},
    "yz": {"x": "yz"},
    "both": {"x": "y", "b": "c"},
    "b": {"b": "c"},
    "odd": {"we ird/é": "v"},
}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", "none y yz both b odd"),
        ('attributes.x = "y"', "y both"),
        ('attributes.x="y"', "y both"),
        ('attributes . x = "\\x79"', "y both"),
        ('attributes.x != "y"', "none yz b odd"),
        ('hasPrefix(attributes.x, "y")', "y yz both"),
        ('hasPrefix(attributes.x, "")', "y yz both"),
        ("attributes:x", "y yz both"),
        ('attributes:"x"', "y yz both"),
        ("NOT attributes:x", "none b odd"),
        ("-attributes:x", "none b odd"),
        ("NOT -attributes:x", "y yz both"),
        ("attributes:x AND attributes:b", "both"),
        ("attributes:x OR attributes:b OR attributes:z", "none y yz both b"),
        ("(attributes:x AND attributes:b) OR attributes:z", "none both"),
        ("NOT (attributes:x OR attributes:b)", "none odd"),
        ("NOT attributes:x AND attributes:b", "b"),
        ('attributes."we ird/é" = "v"', "odd"),
        ('attributes.AND = "y"', ""),
        ("attributes:" + "x" * 245, ""),
    ],
)
def test_a_filter_takes(source: str, names: str) -> None:
    matches = filters.parse(source)
    assert [name for name, message in MESSAGES.items() if matches(message)] == names.split()


@pytest.mark.parametrize(
    "source",
    [
        "attributes:x AND attributes:b OR attributes:z",
        "attributes.x = y",
        'attributes.x = "y',
        'attributes.x = "\\q"',
        "attributes.x = 'y'",
        'attributes.x < "y"',
        "attributes.x",
        "attributes:",
        "attributes:)",
        "attributes:x and attributes:b",
        "attributes:x attributes:b",
        "attributes:x AND",
        "AND attributes:x",
        "NOT",
        "(attributes:x",
        "attributes:x)",
        "()",
        'hasprefix(attributes.x, "y")',
        'hasPrefix(attributes:x, "y")',
        'data = "x"',
        "attributes:" + "x" * 246,
    ],
)
def test_a_wrong_filter_is_refused(source: str) -> None:
    with pytest.raises(Refused, match="filter"):
        filters.parse(source)

"""The page of duplicates says the distances that are measured."""

import re
from pathlib import Path

from infra.site import distances

PAGE = Path(__file__).resolve().parents[3] / "docs" / "duplicates.md"


def test_the_table_holds() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) to (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    assert [name for name, *_ in rows] == list(distances.CHANGES)
    for name, shown, least, most in rows:
        assert int(shown) == distances.measure(name, "chelsea.png")
        assert int(least) <= int(shown) <= int(most)

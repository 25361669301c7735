"""The page of security names tests that exist, and leaves no line of its lists out."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "security.md").read_text().splitlines()
    if line.startswith(("| API", "| V"))
]
# Sections of each chapter of ASVS 5.0.0.
SECTIONS = {
    1: 5,
    2: 4,
    3: 7,
    4: 4,
    5: 4,
    6: 8,
    7: 6,
    8: 4,
    9: 2,
    11: 7,
    12: 3,
    13: 4,
    14: 3,
    15: 4,
    16: 5,
}
WHOLE = {10, 17}  # chapters of what there is none of


def test_every_test_that_is_named_exists() -> None:
    for name, _, tests in LINES:
        for path in re.findall(r"`([^`]+)`", tests):
            assert path.startswith("tests/"), name
            assert re.search(r"^def test_", (ROOT / path).read_text(), re.MULTILINE), path


def test_every_line_has_a_test_or_is_of_nothing_that_there_is() -> None:
    for name, measure, tests in LINES:
        assert tests.strip("` ") or measure.startswith("there "), name


def test_every_risk_and_every_section_has_a_line() -> None:
    names = [name for name, _, _ in LINES]
    risks = [int(found[1]) for name in names if (found := re.match(r"API(\d+) ", name))]
    assert risks == list(range(1, 11))
    sections = {(chapter, section) for name in names for chapter, section in list_sections(name)}
    wanted = {(chapter, one + 1) for chapter, last in SECTIONS.items() for one in range(last)}
    assert sections == wanted | {(chapter, 0) for chapter in WHOLE}


def list_sections(name: str) -> list[tuple[int, int]]:
    """Return the sections that a line is about: `V3.1 to V3.7 …`, `V2.1, V2.2 …` or `V10 …`."""
    found = [(int(one), int(two or 0)) for one, two in re.findall(r"\bV(\d+)(?:\.(\d+))?", name)]
    if " to V" in name:
        (chapter, first), (_, last) = found
        return [(chapter, one) for one in range(first, last + 1)]
    return found

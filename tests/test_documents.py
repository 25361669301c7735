"""Links between the documents lead somewhere, and the index of decisions is complete."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("README.md", "docs/**/*.md", "migrations/*.md", "infra/**/README.md")
DOCUMENTS = sorted(
    {path.relative_to(ROOT).as_posix() for place in PLACES for path in ROOT.glob(place)}
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\(([^)]+)\)", (decisions / "README.md").read_text()))
    assert listed == {path.name for path in decisions.glob("*.md")} - {"README.md"}

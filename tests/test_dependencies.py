"""Every dependency is accounted for, and its licence allows what we do."""

import re
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FORBIDDEN = re.compile(r"\bA?GPL|GNU (Affero )?General Public|SSPL|BUSL|Commons Clause", re.I)
INSTALLED = sorted(distributions(), key=lambda one: one.name)


def list_asked_for() -> set[str]:
    """Return the names of all direct dependencies."""
    groups = [PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"].values()]
    return {re.split(r"[\[<>=;]", one)[0].strip() for group in groups for one in group}


def test_the_client_requires_what_the_tests_have() -> None:
    client = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())
    listed = {one.partition("  #")[0] for one in PROJECT["dependency-groups"]["dev"]}
    assert set(client["project"]["dependencies"]) <= listed


def test_every_dependency_is_on_the_page_and_no_other() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    listed = set(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)) - {"package", "---"}
    assert listed == list_asked_for()


@pytest.mark.parametrize("package", INSTALLED, ids=lambda one: one.name)
def test_no_licence_forbids(package: Distribution) -> None:
    """LGPL allows use without changes, and a choice of licences is ours to make."""
    licences = [*(package.metadata.get_all("License-Expression") or []), *classifiers(package)]
    assert not licences or any(
        not FORBIDDEN.search(choice) for one in licences for choice in re.split(r"\bOR\b", one)
    ), licences


def classifiers(package: Distribution) -> list[str]:
    """Return the licences that a package's classifiers name."""
    given = package.metadata.get_all("Classifier") or []
    return [one for one in given if one.startswith("License ::")]

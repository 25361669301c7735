"""Every dependency is accounted for, and its licence allows what we do."""

import re
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# In words of SPDX, of classifiers and of those who write their own; MPL-2.0 and LGPL for packages
# that are used unchanged.
ALLOWED = {
    *("0bsd", "apache software license", "apache-2.0", "bsd", "bsd license", "bsd-2-clause"),
    *("bsd-3-clause", "3-clause bsd license", "cc0-1.0", "freebsd", "isc", "lgpl-2.1-only", "mit"),
    *("mit license", "mit-0", "mit-cmu", "mpl-2.0", "mozilla public license 2.0 (mpl 2.0)"),
    *("psf-2.0", "python software foundation license", "zlib", "zpl-2.1"),
}
# Packages that name none, by what stands in their files.
READ = {"axe-playwright-python": "MIT", "mlcroissant": "Apache-2.0", "skops": "MIT"}
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
def test_its_licence_is_allowed(package: Distribution) -> None:
    """A choice of licences is ours to make; of several that hold together, all must be allowed."""
    licences = list_licences(package)
    assert licences, "names no licence: read it, and add the package to READ"
    choices = [choice for one in licences for choice in re.split(r"\s+OR\s+", one)]
    assert any(
        all(
            {part.lower(), part.lower().strip("() ")} & ALLOWED
            for part in re.split(r"\s+AND\s+", choice)
        )
        for choice in choices
    ), licences


def list_licences(package: Distribution) -> list[str]:
    """Return the licences of a package: an expression, else classifiers, else the field's text."""
    about = package.metadata
    classified = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier") or []
        if one.startswith("License ::") and not one.endswith(("OSI Approved", "DFSG approved"))
    ]
    read = [READ[package.name]] if package.name in READ else []
    written = [one.strip() for one in about.get_all("License") or []]
    return about.get_all("License-Expression") or classified or read or written


def test_what_was_read_by_a_person_still_names_none() -> None:
    assert set(READ) <= {one.name for one in INSTALLED}

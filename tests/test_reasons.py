"""The page of reasons has each that code gives."""

import re
from pathlib import Path
from typing import get_args

from shared.imaging.limits import Reason

ROOT = Path(__file__).resolve().parent.parent
GIVEN = re.compile(r'(?:\bFailure|ManifestError|ImageRefusal|BadUrl)\(\s*"(\w+)"|reason="(\w+)"')
CODES = re.compile(r'pycurl\.\w+: "(\w+)"|"(blocked_\w+)":')
OF_VERIFICATIONS = {"no_such_host", "placeholder"}  # docs/verification.md has them


def test_every_reason_is_on_the_page() -> None:
    listed = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "reasons.md").read_text()))
    assert list_reasons() - listed - OF_VERIFICATIONS == set()


def list_reasons() -> set[str]:
    found = set(get_args(Reason))
    for room in ("crawls", "fetching", "images", "manifests"):
        for path in (ROOT / "shared" / room).rglob("*.py"):
            for match in (*GIVEN.finditer(path.read_text()), *CODES.finditer(path.read_text())):
                found.add(next(filter(None, match.groups())))
    return found

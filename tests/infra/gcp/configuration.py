"""The deployment's files, as text: for what a plan does not show."""

import re
from pathlib import Path


def body_of(file: str, resource: str) -> str:
    """Return what stands in one resource, such as `"google_storage_bucket" "data"`."""
    text = Path("infra/gcp", file).read_text()
    found = re.search(rf"^resource {resource} {{\n(.*?)^}}", text, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]

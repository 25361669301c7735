"""Imports that a function pays for at start, by the part of imaging that it uses."""

import subprocess
import sys

import pytest

import shared.imaging


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import shared.imaging", {"PIL", "numpy", "pydantic"}),
        ("from shared.imaging import Limits, ImageRejected", {"PIL", "numpy", "pydantic"}),
        ("from shared.imaging import Variant, THUMBNAIL", {"PIL", "numpy"}),
        ("from shared.imaging import render", {"numpy"}),
        ("from shared.imaging import inspect, make_contact_sheet", {"scipy", "PIL.ImageTk"}),
    ],
)
def test_only_what_is_used_is_loaded(statement: str, absent: set[str]) -> None:
    script = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not absent & set(done.stdout.split())


def test_every_public_name_is_there() -> None:
    for name in shared.imaging.__all__:
        assert getattr(shared.imaging, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        shared.imaging.nonsense  # noqa: B018

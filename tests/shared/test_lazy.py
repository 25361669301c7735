"""Packages whose names load on first use."""

import sys
from pathlib import Path

import pytest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a package with two modules, one of which cannot be loaded."""
    root = tmp_path / "drawers"
    root.mkdir()
    (root / "__init__.py").write_text(
        "from shared.lazy import load_on_use\n"
        "__getattr__ = load_on_use(__name__, {'left': ('spoon', 'fork'), 'right': ('knife',)})\n"
    )
    (root / "left.py").write_text("spoon, fork = object(), object()\n")
    (root / "right.py").write_text("raise ImportError('it sticks')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("drawers", "drawers.left", "drawers.right"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "drawers"


def test_a_name_loads_its_module_alone(package: str) -> None:
    drawers = __import__(package)
    assert "drawers.left" not in sys.modules
    assert drawers.fork is sys.modules["drawers.left"].fork
    assert vars(drawers)["fork"] is drawers.fork, "the second use asks nobody"
    assert "spoon" not in vars(drawers)


def test_names_that_no_module_has(package: str) -> None:
    with pytest.raises(AttributeError, match="module 'drawers' has no attribute 'plate'"):
        __import__(package).plate  # noqa: B018
    with pytest.raises(ImportError, match="it sticks"):
        __import__(package).knife  # noqa: B018

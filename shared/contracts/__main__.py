"""`python -m shared.contracts [--check]`: writes the generated files, or says which are stale."""

import json
import sys
from pathlib import Path

from shared.contracts.blocking import render_blocking
from shared.contracts.client import render_operations, render_types
from shared.contracts.diagram import render_chain
from shared.contracts.manifest import build_manifest
from shared.contracts.openapi import build_openapi
from shared.declarations import DeclarationError

_ROOT = Path(__file__).resolve().parents[2]
_CLIENT = _ROOT / "client" / "pixmill"
_DRAWN = _ROOT / "docs" / "how-it-works.md"


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    try:
        files = _render_files()
    except DeclarationError as error:
        print(error)  # noqa: T201
        return 1
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(_ROOT)} is stale: run make contracts")  # noqa: T201
        return 1 if stale else 0
    for path in stale:
        path.write_text(files[path])
        print(f"wrote {path.relative_to(_ROOT)}")  # noqa: T201
    return 0


def _render_files() -> dict[Path, str]:
    """Return what each generated file should hold. Raises `DeclarationError`."""
    document = build_openapi()
    return {
        _ROOT / "infra" / "manifest.json": _to_json(build_manifest()),
        _ROOT / "infra" / "openapi.json": _to_json(document),
        _CLIENT / "types.py": render_types(document),
        _CLIENT / "operations.py": render_operations(document),
        **{
            _CLIENT / "sync" / name: text for name, text in render_blocking(_CLIENT / "aio").items()
        },
        _DRAWN: render_chain(_DRAWN.read_text()),
    }


def _to_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""`python -m infra.package [--check]`: writes requirements and zips, or says what is stale."""

import hashlib
import sys
import time

from infra.package.archive import pack_zip
from infra.package.bundles import build_bundles
from infra.package.imports import ROOT
from shared.contracts.manifest import RUNTIME

REQUIREMENTS = ROOT / "requirements" / "bundles"
ZIPS = ROOT / "build" / "bundles"


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    bundles = build_bundles()
    wanted = {REQUIREMENTS / f"{bundle.name}.txt": bundle.requirements for bundle in bundles}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    stale += [path for path in REQUIREMENTS.glob("*.txt") if path not in wanted]
    if "--check" in arguments:
        for path in sorted(stale):
            print(f"{path.relative_to(ROOT)} is stale: run make package")  # noqa: T201
        return 1 if stale else 0
    started = time.perf_counter()
    for path in stale:
        path.unlink(missing_ok=True)
    REQUIREMENTS.mkdir(parents=True, exist_ok=True)
    for path in set(stale) & set(wanted):
        path.write_text(wanted[path])
    ZIPS.mkdir(parents=True, exist_ok=True)
    for path in ZIPS.glob("*.zip"):
        path.unlink()
    for bundle in bundles:
        content = pack_zip(bundle.files)
        (ZIPS / f"{bundle.name}.zip").write_bytes(content)
        print(  # noqa: T201
            f"{bundle.name:<12} {len(content) / 1024:5.0f} KiB  {len(bundle.files):3d} files  "
            f"{hashlib.sha256(content).hexdigest()[:12]}"
        )
    seconds = time.perf_counter() - started
    where = ZIPS.relative_to(ROOT)
    print(f"{len(bundles)} zips are in {where} after {seconds:.1f} s.")  # noqa: T201
    if sys.version_info[:2] != RUNTIME:
        wanted_version = ".".join(map(str, RUNTIME))
        print(  # noqa: T201
            f"They hold no bytecode, so functions start slower: package with {wanted_version}."
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

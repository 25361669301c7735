"""`python -m infra.package.environments [bundle …]`: starts each bundle with only what it requires.

Every zip is unpacked into a folder of its own and its requirements are installed beside it; a
Python that sees nothing else imports all of it and builds every function. Slow, and needs the
package index (or a warm cache of uv).
"""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.package.archive import pack_zip
from infra.package.bundles import MIGRATIONS, Bundle, build_bundles
from infra.package.imports import ROOT

_WHERE = ROOT / "build" / "environments"

# Runs in the new environment. pg8000 and the connector are loaded by name when a connection opens.
_START = """
import importlib.util, json, pathlib, sys, time
begun = time.process_time()
functions = []
if pathlib.Path("main.py").exists():
    import functions_framework
    import main
    for name, value in list(vars(main).items()):
        if hasattr(value, "operation"):
            functions_framework.create_app(target=name, source="main.py")
            functions.append(name)
started = time.process_time() - begun
status = pathlib.Path("/proc/self/status").read_text()
memory = int(status.split("VmHWM:")[1].split()[0]) // 1024
for path in sorted(pathlib.Path().rglob("*.py")):
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    if module != "main" and not module.startswith("migrations.") and "site" not in path.parts:
        importlib.import_module(module)
        bytecode = pathlib.Path(importlib.util.cache_from_source(path)).read_bytes()
        assert bytecode[4:8] == b"\\1\\0\\0\\0", f"{path}: its bytecode was not ours"
import sqlalchemy, google.cloud.sql.connector
sqlalchemy.create_engine("postgresql+pg8000://")
print(json.dumps({"functions": functions, "seconds": started, "memory": memory}))
"""


def main(names: list[str]) -> int:
    """Return the process's exit status."""
    failed = False
    for bundle in build_bundles():
        if names and bundle.name not in names:
            continue
        directory = _unpack(bundle)
        try:
            _install(directory)
            _start(directory)  # compiles what it imports, as the platform does when it builds
            found = json.loads(_start(directory).splitlines()[-1])
        except subprocess.CalledProcessError as error:
            print(f"{bundle.name:<12} FAILED\n{error.stderr}")  # noqa: T201
            failed = True
            continue
        if bundle.name != MIGRATIONS and not found["functions"]:
            print(f"{bundle.name:<12} FAILED: no function was found in main.py")  # noqa: T201
            failed = True
        print(  # noqa: T201
            f"{bundle.name:<12} {bundle.requirements.count('=='):3d} packages, "
            f"{len(found['functions']):2d} functions in {found['seconds']:.2f} CPU-s, "
            f"{found['memory']} MiB"
        )
    return 1 if failed else 0


def _unpack(bundle: Bundle) -> Path:
    directory = _WHERE / bundle.name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    zipped = directory.with_suffix(".zip")
    zipped.write_bytes(pack_zip(bundle.files))
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(directory)
    return directory


def _install(directory: Path) -> None:
    _run(
        *(
            sys.executable,
            "-m",
            "uv",
            "--no-config",
            "pip",
            "install",
            "--quiet",
            "--python",
            sys.executable,
        ),
        *("--target", str(directory / "site"), "--require-hashes", "--only-binary", ":all:"),
        *("-r", str(directory / "requirements.txt")),
    )


def _start(directory: Path) -> str:
    code = f"import sys; sys.path[:0] = [{str(directory)!r}, {str(directory / 'site')!r}]\n{_START}"
    python = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}")
    return _run(python, "-I", "-S", "-c", code, cwd=directory)


def _run(*command: str, cwd: Path = ROOT) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

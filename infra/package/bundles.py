"""Contents of each zip: for a bundle its functions, what of ours they import, and the packages.

A zip holds `main.py` where the platform looks for it, and everything else where it is here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.package.imports import ROOT, Imports, find_imports, find_source
from infra.package.requirements import select_requirements
from shared.contracts.permissions import find_services
from shared.declarations import MessageOperation
from shared.operations.discovery import list_bundle_functions, list_bundles
from shared.services import CLIENTS, Services

MIGRATIONS = "migrations"  # not functions, but a job that is shipped in the same way

# The program that a model's own process runs is named in a command line.
_STARTED = {"shared.inference.worker": ("shared.inference.child",)}
# Runs skops files only where a deployment adds it (docs/decisions/model-runtimes.md).
_LEFT_OUT = ("skops", "sklearn")
_SERVER = "functions-framework"
_DRIVER = "pg8000"  # loaded by its name, as a part of the database's URL
_FILES = {
    "web": ("functions/web/console", "infra/openapi.json"),
    MIGRATIONS: ("alembic.ini", "migrations"),
}


@dataclass(frozen=True)
class Bundle:
    """A zip's files by path; its requirements are one of them."""

    name: str
    files: dict[str, bytes]

    @property
    def requirements(self) -> str:
        """The packages that it needs, with hashes, as pip reads them."""
        return self.files["requirements.txt"].decode()


def build_bundles() -> list[Bundle]:
    """Build every bundle of functions, and the migrations."""
    return [*map(build_function_bundle, list_bundles()), build_migration_bundle()]


def build_function_bundle(name: str) -> Bundle:
    """Return the functions that are deployed from one zip."""
    main = f"functions.{name}.main"
    never = {"shared.services": _list_unneeded(name)}
    found = find_imports([main], also=_STARTED, never=never)
    files = _list_sources(found.modules - {main})
    files |= {"main.py": (ROOT / "functions" / name / "main.py").read_bytes()}
    return _build_bundle(name, found, files, always=(_SERVER, _DRIVER))


def build_migration_bundle() -> Bundle:
    """Return the migrations, and the program that the deployment runs them with."""
    versions = (ROOT / "migrations").rglob("*.py")
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in versions]
    found = find_imports(["infra.gcp.migrate", *modules])
    return _build_bundle(MIGRATIONS, found, _list_sources(found.modules), always=(_DRIVER,))


def _build_bundle(
    name: str, found: Imports, files: dict[str, bytes], always: Iterable[str]
) -> Bundle:
    for given in _FILES.get(name, ()):
        path = ROOT / given
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".md":
                files[_name_file(file)] = file.read_bytes()
    imported = [one for one in found.others if one.split(".")[0] not in _LEFT_OUT]
    requirements = select_requirements(name, imported, tuple(always))
    return Bundle(name, files | {"requirements.txt": requirements.encode()})


def _list_sources(modules: Iterable[str]) -> dict[str, bytes]:
    """Return the modules' files, with the data that lies beside them."""
    found: dict[str, bytes] = {}
    for module in modules:
        source = find_source(module)
        if source is None:
            continue
        found[_name_file(source)] = source.read_bytes()
        for beside in source.parent.iterdir():
            if beside.is_file() and beside.suffix not in (".py", ".md"):
                found[_name_file(beside)] = beside.read_bytes()
    return found


def _name_file(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _list_unneeded(bundle: str) -> set[str]:
    """Return the modules behind clients that no function of a bundle asks for."""
    operations = [function.operation for function in list_bundle_functions(bundle)]
    types = {kind for operation in operations for kind in find_services(operation)}
    wanted = {CLIENTS[kind].name for kind in types if kind in CLIENTS}
    if any(isinstance(one, MessageOperation) or one.publishes for one in operations):
        wanted.add(Services.publisher.name)
    wanted |= {name for one in CLIENTS.values() if one.name in wanted for name in one.needs}
    return {module for one in CLIENTS.values() if one.name not in wanted for module in one.modules}

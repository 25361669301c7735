"""The modules and packages that each bundle is shipped with."""

import ast
import sys

import pytest

from infra.package.bundles import MIGRATIONS, Bundle, build_bundles
from infra.package.requirements import find_package, normalise_name
from shared.operations.discovery import list_bundle_functions, list_bundles

ALL = {bundle.name: bundle for bundle in build_bundles()}
PIXELS = {"numpy", "pillow"}


def packages(bundle: Bundle) -> set[str]:
    lines = bundle.requirements.splitlines()
    return {normalise_name(line.split("==")[0]) for line in lines if "==" in line}


def modules(bundle: Bundle) -> set[str]:
    """Return the modules that are in a zip, packages without code included."""
    found = set()
    for name in bundle.files:
        if name.endswith(".py"):
            parts = name.removesuffix(".py").removesuffix("/__init__").split("/")
            found |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return found


@pytest.mark.parametrize("name", ALL)
def test_what_loads_with_a_module_is_there(name: str) -> None:
    """Every import at the top of a file is in the zip, in its requirements or in Python."""
    bundle = ALL[name]
    there, installed = modules(bundle), packages(bundle)
    for path, source in bundle.files.items():
        if not path.endswith(".py"):
            continue
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Import):
                wanted = [alias.name for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom):
                wanted = [f"{statement.module}.{alias.name}" for alias in statement.names]
            else:
                continue
            for module in wanted:
                parent = module.rpartition(".")[0]
                if module.split(".")[0] in sys.stdlib_module_names or {module, parent} & there:
                    continue
                assert find_package(module) in installed, f"{path} imports {module}"


@pytest.mark.parametrize("name", list_bundles())
def test_functions_are_where_the_platform_looks(name: str) -> None:
    bundle = ALL[name]
    assigned = {
        target.id
        for statement in ast.parse(bundle.files["main.py"]).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    }
    assert {function.name for function in list_bundle_functions(name)} == assigned
    others = {path.split("/")[1] for path in bundle.files if path.startswith("functions/")}
    assert others == {name}
    assert {"functions-framework", "pg8000", "cloud-sql-python-connector"} <= packages(bundle)


def test_heavy_packages_go_only_where_they_are_used() -> None:
    with_pixels = {name for name, bundle in ALL.items() if PIXELS & packages(bundle)}
    assert {"crawler", "exports", "renditions"} <= with_pixels
    assert not with_pixels & {"accounts", "crawls", "images", "projects", "validations", "web"}
    with_storage = {name for name in ALL if "google-cloud-storage" in packages(ALL[name])}
    assert {"crawler", "exports", "images", "renditions", "upkeep", "web"} <= with_storage
    assert not with_storage & {"accounts", "crawls", "insights", "projects", "validations"}
    assert "google-cloud-pubsub" not in packages(ALL["insights"])
    assert {name for name in ALL if "pycurl" in packages(ALL[name])} >= {"crawler"}
    assert {name for name in ALL if "alembic" in packages(ALL[name])} == {MIGRATIONS}


def test_files_that_are_read_at_run_time_are_there() -> None:
    assert "infra/openapi.json" in ALL["web"].files
    migrations = ALL[MIGRATIONS].files
    assert {"alembic.ini", "migrations/env.py", "infra/gcp/migrate.py"} <= migrations.keys()
    assert "migrations/versions/0001_foundations.py" in migrations


def test_a_models_own_process_finds_its_program_and_runtimes() -> None:
    assert "shared/inference/child.py" in ALL["models"].files
    assert {"onnxruntime", "ai-edge-litert"} <= packages(ALL["models"])
    assert "onnxruntime" not in packages(ALL["web"]) | packages(ALL["upkeep"])

"""`make test-generators`: clients that others' generators make of the OpenAPI document work.

Each generator runs in an environment of its own, where a warning is an error. What they made is
then used there, on a system that runs.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from tests.stacks import RunningStack, temporary_state

ROOT = Path(__file__).resolve().parents[2]
_TOOLS = ROOT / "build" / "generators" / "bin"
_DOCUMENT = ROOT / "infra" / "openapi.json"
_CALLS = Path(__file__).with_name("generated_calls.py")
_GENERATORS = {
    "openapi-python-client": (
        *("generate", "--path", _DOCUMENT, "--output-path", "generated_client"),
        *("--meta", "none", "--fail-on-warning"),
    ),
    "datamodel-codegen": (
        *("--input", _DOCUMENT, "--input-file-type", "openapi"),
        *("--output", "generated_models.py", "--target-python-version", "3.11"),
        *("--output-model-type", "pydantic_v2.BaseModel"),
        *("--formatters", "builtin", "--no-use-annotated"),
    ),
}
_NUMBERED = re.compile(r"^class (\w*\d)\(", re.MULTILINE)  # two schemas that wanted one name


def main() -> None:
    """Generate, and call a system."""
    with tempfile.TemporaryDirectory(prefix="pixmill-") as name, temporary_state() as state:
        folder = Path(name)
        for generator, arguments in _GENERATORS.items():
            said = run([_TOOLS / "python", "-W", "error", _TOOLS / generator, *arguments], folder)
            assert "warning" not in said.lower(), said
        models = (folder / "generated_models.py").read_text()
        assert _NUMBERED.findall(models) == []
        modules = len(list((folder / "generated_client" / "api").glob("*/[a-z]*.py")))
        operations = _DOCUMENT.read_text().count('"operationId"')
        assert modules == operations
        print(f"{operations} operations, {models.count('class ')} models")
        stack = RunningStack(state).start()
        try:
            address = stack.addresses.base_url
            print(run([_TOOLS / "python", "-W", "error", _CALLS, folder, address], folder))
        finally:
            stack.stop()


def run(command: list[object], folder: Path) -> str:
    """Return what a command says; fail where it does."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={"PATH": str(_TOOLS)},  # where ruff is, which formats what is generated
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


if __name__ == "__main__":
    main()

"""Functions load before their first answer their bundle, and nothing that the bundle avoids."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.operations.discovery import list_bundles

ROOT = Path(__file__).resolve().parents[2]
PIXELS = {"PIL", "numpy"}
NETWORK = {"pycurl", "selectolax"}
TABLES = {"pyarrow"}
RUNTIMES = {"onnxruntime", "ai_edge_litert", "sklearn"}
GOOGLE = {"google.cloud.storage", "google.cloud.sql", "google.pubsub_v1", "google.auth", "grpc"}


@pytest.mark.parametrize(
    ("bundles", "avoided"),
    [
        # Answers from the database alone.
        (
            ("accounts", "crawls", "insights", "projects", "validations", "verifications", "web"),
            PIXELS | NETWORK | TABLES | GOOGLE,
        ),
        # Reach the bucket, never a pixel; Parquet loads when an export wants it.
        (
            ("exports", "images", "upkeep"),
            PIXELS | NETWORK | TABLES | {"google.pubsub_v1", "google.cloud.sql"},
        ),
        # Ask for analyses, or wait for what makes them; Gemini loads when it is asked.
        (("analyses",), PIXELS | NETWORK | TABLES | RUNTIMES | GOOGLE),
        (("analyzer",), NETWORK | TABLES | RUNTIMES | {"google.genai", "httpx2"}),
        (("verifier",), TABLES | RUNTIMES | {"google.cloud.storage", "selectolax"}),
        (("renditions",), NETWORK | TABLES | {"google.pubsub_v1", "google.cloud.sql"}),
    ],
)
def test_bundles_load_little(bundles: tuple[str, ...], avoided: set[str]) -> None:
    loaded = load(*bundles)
    assert avoided.isdisjoint(loaded), sorted(avoided & loaded)


def test_bundles_without_messages_load_nothing_that_handles_pushes() -> None:
    loaded = load("accounts", "analyses", "crawls", "images", "insights", "projects", "web")
    assert {"shared.runtime.messages", "shared.subjects"}.isdisjoint(loaded)
    assert "shared.schemas.models" not in load("accounts", "crawls", "projects")


def test_workers_load_no_schema_of_requests() -> None:
    """A crawl's options are read by whoever works on it, its requests and reports are not."""
    schemas = {"shared.schemas.crawls", "shared.schemas.crawl_reports", "shared.schemas.sources"}
    assert schemas.isdisjoint(load("renditions"))


def test_bundles_load_the_subjects_of_no_message() -> None:
    """The rules of how work fails are loaded for the message that fails, and for it alone."""
    subjects = {name for name in load("crawler") if name.startswith("shared.subjects.")}
    assert subjects == {"shared.subjects.subject"}


def test_no_bundle_configures_mappers() -> None:
    """An alias at the top of a file does, and takes half as long again as all tables."""
    program = f"""
import importlib, os
from shared.models import Base
for bundle in {list_bundles()!r}:
    if not os.fork():  # what one bundle loads is unknown to the next
        importlib.import_module(f"functions.{{bundle}}.main")
        configured = [one.class_.__name__ for one in Base.registry.mappers if one.configured]
        print(bundle, *configured, flush=True)
        os._exit(0)
    os.wait()
"""
    assert run(program) == list_bundles()


def load(*bundles: str) -> set[str]:
    """Return the modules that a process has loaded after bundles."""
    imports = [f"import functions.{bundle}.main" for bundle in bundles]
    return set(run("\n".join([*imports, "import sys", "print(*sys.modules)"])))


def run(program: str) -> list[str]:
    """Return the words that a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()

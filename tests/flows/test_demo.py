"""`make demo`, as a newcomer runs it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.stacks import temporary_state

ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_ends_well_and_leaves_a_dataset() -> None:
    with temporary_state() as state:
        state.mkdir()
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "GRPC_ENABLE_FORK_SUPPORT", "PIXMILL_POOL_SIZE")
        } | {"PYTHONPATH": f"{ROOT}:{ROOT / 'client'}", "PIXMILL_STATE": str(state)}
        done = subprocess.run(
            [sys.executable, "-m", "infra.demo", "--output", str(state / "output")],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for reason in ("http_404", "not_an_image", "truncated", "robots"):
            assert reason in done.stdout
        output = state / "output"
        with zipfile.ZipFile(output / "dataset.zip") as archive:
            assert archive.testzip() is None
            names = archive.namelist()
        assert 50 < len([name for name in names if name.endswith((".jpg", ".webp"))]) < 100
        assert (output / "contact-sheet.jpg").read_bytes()[:2] == b"\xff\xd8"
        assert "What was collected" in (output / "report.html").read_text()

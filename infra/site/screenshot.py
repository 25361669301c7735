"""`python -m infra.site.screenshot REPORT`: the README's picture, from the report of a demo.

Needs Chromium, which nothing else does, so it is run by hand where the report looks different.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from infra.site.pages import ROOT

_PICTURE = ROOT / "docs" / "pictures" / "report.webp"
_SIZE, _WIDTH = (1280, 1010), 1000  # pixels: of the window, and of the picture


def main(arguments: list[str]) -> int:
    """Return the process's exit status."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("Install Chromium: it draws the report.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--screenshot={shot}"]
        window = f"--window-size={_SIZE[0]},{_SIZE[1]}"
        page = Path(arguments[0]).resolve().as_uri()
        subprocess.run([browser, *options, window, page], check=True, capture_output=True)
        with Image.open(shot) as image:
            height = round(image.height * _WIDTH / image.width)
            small = image.convert("RGB").resize((_WIDTH, height), Image.Resampling.LANCZOS)
    small.save(_PICTURE, quality=80)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

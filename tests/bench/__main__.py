"""`make bench [ONLY=crawl]`: runs every measurement here and prints its figures.

Machines differ, so each measurement runs its peer beside it and gives ratios where there is one.
"""

import importlib
import os
import sys
from pathlib import Path


def main() -> int:
    """Run the modules of this folder in order of their names."""
    only = os.environ.get("ONLY") or None
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        if only in (None, path.stem):
            module = importlib.import_module(f"tests.bench.{path.stem}")
            print(f"\n{(module.__doc__ or path.stem).splitlines()[0]}", flush=True)
            module.measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())

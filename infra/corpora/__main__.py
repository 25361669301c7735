"""Read every file of a folder: `python -m infra.corpora DIR`."""

import argparse
import sys
from pathlib import Path

from infra.corpora.outcomes import examine_files, tabulate


def main() -> int:
    """Print a table of outcomes and all that went wrong; 1 if anything did."""
    parser = argparse.ArgumentParser(prog="make corpora")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if not paths:
        print(f"{folder} holds no files.", file=sys.stderr)
        return 1
    outcomes = list(examine_files(paths))
    print("\n".join(tabulate(outcomes)))
    wrong = [one for one in outcomes if one.is_wrong]
    for one in wrong:
        print(f"\n{one.path.relative_to(folder)}: {one.outcome}: {one.detail}")
    print(f"\n{len(outcomes)} files, {len(wrong)} of them with an outcome that none may have")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""The folder of a run's results, which no later run touches."""

from itertools import count
from pathlib import Path


def choose_output(wanted: Path) -> Path:
    """Make and return the folder, or where there is one with anything in it the next by number."""
    for number in count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        if next(folder.iterdir(), None) is None:
            return folder
    raise AssertionError

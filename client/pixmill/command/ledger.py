"""A build's memory: what it was asked for, and the jobs that it has begun."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from pixmill.command.profiles import write_private
from pixmill.errors import BadSource

UPLOADED = "uploaded.txt"  # the files of a folder that were sent
ARCHIVE = "archive"  # the folder of an export's file

# The first stage that an option is about; all else is about the crawl.
_STAGES = ("crawl", "validation", "version", "export", "unpack")
_FIRST_STAGES = {
    **dict.fromkeys(
        ("min_width", "min_height", "min_sharpness", "near_duplicate_distance"), "validation"
    ),
    **dict.fromkeys(("splits", "stratify", "group_by"), "version"),
    **dict.fromkeys(("size", "resize_mode", "layout"), "export"),
    **dict.fromkeys(("keep_archive", "strict"), "unpack"),
}


class Ledger:
    """The file `build.json` of a build's folder.

    Before a job is asked for its idempotency key is written down, and afterwards its id: so a build
    that was interrupted at any place goes on with the same jobs.
    """

    def __init__(self, folder: Path, wanted: dict[str, Any]) -> None:
        self.folder = folder
        self._path = folder / "build.json"
        self._told: dict[str, Any] = {"wanted": wanted, "keys": {}, "ids": {}}
        if self._path.exists():
            try:
                told = json.loads(self._path.read_text())
                begun = told["wanted"]
                self._told = {"wanted": begun, "keys": told["keys"], "ids": told["ids"]}
            except (ValueError, KeyError, TypeError):
                raise BadSource(
                    f"{self._path} is damaged. Remove {folder}, and begin anew."
                ) from None
            if begun != wanted:
                self._begin_anew(wanted)
        else:
            self._write()

    def _begin_anew(self, wanted: dict[str, Any]) -> None:
        """Take up another wish, with what was done for the one before as far as it is the same."""
        begun = self._told["wanted"]
        names = sorted(name for name in wanted if begun.get(name) != wanted[name])
        first = min(_STAGES.index(_FIRST_STAGES.get(name, "crawl")) for name in names)
        has_crawled = "crawl" in self._told["ids"] or (self.folder / UPLOADED).exists()
        if first == 0 and has_crawled:
            raise BadSource(
                f"{self.folder} belongs to a build with another {', '.join(names)}. Repeat that "
                f"one, or remove {self.folder}, or choose another --out."
            )
        self._told["wanted"] = wanted
        self.forget(*_STAGES[first:])

    def get(self, name: str) -> str | None:
        """Return the id of what was begun under a name."""
        found: str | None = self._told["ids"].get(name)
        return found

    def begin(self, name: str, start: Callable[[str], str]) -> str:
        """Return an id, from `start` with the same idempotency key each time, until it is known."""
        if (known := self.get(name)) is not None:
            return known
        key = self._told["keys"].get(name)
        if key is None:
            key = self._told["keys"][name] = str(uuid4())
            self._write()
        self._told["ids"][name] = begun = start(key)
        self._write()
        return begun

    def forget(self, *names: str) -> None:
        """Drop what has failed, so that the next run asks again."""
        for name in names:
            self._told["keys"].pop(name, None)
            self._told["ids"].pop(name, None)
        if "export" in names:
            shutil.rmtree(self.folder / ARCHIVE, ignore_errors=True)
        self._write()

    def _write(self) -> None:
        write_private(self._path, self._told)

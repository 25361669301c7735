"""Profiles: a deployment's address and an account's key there, kept for their owner alone."""

import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pixmill.errors import BadSource

LOCAL = "local"  # the profile of the system on this machine


@dataclass(frozen=True)
class Profile:
    """A deployment, and a key of it."""

    url: str
    key: str


class Profiles:
    """The profiles in a folder. Raises `BadSource` where their file cannot be trusted or read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "profiles.json"
        told = self._read()
        self.default: str | None = told.get("default")
        self.by_name = {name: Profile(**one) for name, one in told.get("profiles", {}).items()}

    def find(self, name: str | None) -> Profile | None:
        """Return the profile of that name, or the default one."""
        wanted = name or self.default
        if wanted is None:
            return None
        if name is not None and name not in self.by_name:
            known = ", ".join(sorted(self.by_name)) or "none yet"
            raise BadSource(f"There is no profile {name}; there is {known}. See pixmill login.")
        return self.by_name.get(wanted)

    def put(self, name: str, profile: Profile, *, is_default: bool) -> None:
        """Keep a profile."""
        self.by_name[name] = profile
        if is_default or self.default is None:
            self.default = name
        profiles = {name: asdict(one) for name, one in sorted(self.by_name.items())}
        write_private(self.path, {"default": self.default, "profiles": profiles})

    def _read(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        if stat.S_IMODE(self.path.stat().st_mode) & 0o077:
            raise BadSource(f"{self.path} holds keys and others may read it: chmod 600 {self.path}")
        try:
            told = json.loads(self.path.read_text())
            {Profile(**one) for one in told["profiles"].values()}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BadSource(f"{self.path} is damaged. Remove it, and sign in again.") from None
        return dict(told)


def find_folder() -> Path:
    """Return the folder of the command's own files."""
    if given := os.environ.get("PIXMILL_CONFIG"):
        return Path(given)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pixmill"


def write_private(path: Path, content: object) -> None:
    """Write JSON that only its owner may read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
    new.replace(path)

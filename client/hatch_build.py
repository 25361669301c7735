"""Takes the version and what the system requires from the system, when the wheel is built."""

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class SystemMetadataHook(MetadataHookInterface):
    """Fills in the version and the extra `local`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add what the root of the repository says."""
        root = Path(self.root).parent
        system = tomllib.loads((root / "pyproject.toml").read_text())
        code = (root / "shared" / "__init__.py").read_text()
        metadata["version"] = re.findall(r'__version__ = "([^"]+)"', code)[0]
        metadata["optional-dependencies"] = {
            "local": [*system["project"]["dependencies"], *system["dependency-groups"]["local"]]
        }

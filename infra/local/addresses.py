"""Addresses of the parts of a stack, kept from one start to the next."""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.local.children import find_free_port, is_free


@dataclass(frozen=True)
class Addresses:
    """Addresses of the parts of a running stack."""

    base_url: str
    database_url: str
    pubsub_emulator_host: str
    storage_emulator_host: str
    worker_url: str
    project: str
    bucket: str

    @classmethod
    def read(cls, state: Path) -> "Addresses | None":
        """Return what the last start wrote, or None."""
        try:
            return cls(**json.loads((state / "stack.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, state: Path) -> None:
        """Keep the addresses for tools and for the next start."""
        path = state / "stack.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def is_answering(address: str) -> bool:
    """Return whether something accepts connections at `host:port`."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
    except (OSError, ValueError):
        return False
    return True


def choose_port(address: str | None) -> int:
    """Return the port of the last start if it is free, so that addresses stay; else another."""
    try:
        port = urlsplit(address if "//" in address else f"//{address}").port if address else None
    except ValueError:  # a database of the user's own may be named in other ways
        port = None
    return port if port and is_free(port) else find_free_port()

"""Choices about the stack, read from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.children import StackError
from shared.fetching.addresses import AddressPolicy
from shared.settings import SettingError, read_settings


@dataclass(frozen=True)
class Choices:
    """Choices that the environment makes."""

    port: int = 8080
    state: Path = Path(".local")
    database_url: str | None = None
    pubsub_emulator_host: str | None = None
    embedded_pubsub: bool = False
    schedules: bool = True
    pubsub_options: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Choices":
        """Read the choices from `os.environ`. Raises `StackError` for an unusable value."""
        port = environ.get("PIXMILL_PORT") or "8080"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise StackError(f"PIXMILL_PORT must be a port number, not {port!r}.")
        pubsub = environ.get("PIXMILL_PUBSUB", "")
        if pubsub not in ("", "embedded", "google"):
            raise StackError("PIXMILL_PUBSUB must be embedded or google, or unset.")
        _check_settings(environ)
        return cls(
            port=int(port),
            state=Path(environ.get("PIXMILL_STATE") or ".local"),
            database_url=environ.get("DATABASE_URL") or None,
            pubsub_emulator_host=environ.get("PUBSUB_EMULATOR_HOST") or None,
            embedded_pubsub=pubsub == "embedded",
        )


def _check_settings(environ: Mapping[str, str]) -> None:
    """Raise `StackError` for what the functions, which read it themselves, cannot use."""
    read_crawl_allow(environ)
    try:
        read_settings({**environ, "GOOGLE_CLOUD_PROJECT": "local", "PIXMILL_BUCKET": "local"})
    except SettingError as error:
        raise StackError(str(error)) from error


def read_crawl_allow(environ: Mapping[str, str]) -> str:
    """Read what the crawler may fetch from this machine. Raises `StackError` for what is none."""
    pairs = environ.get("PIXMILL_CRAWL_ALLOW", "")
    try:
        AddressPolicy.parse(pairs)
    except ValueError as error:
        raise StackError(
            f"PIXMILL_CRAWL_ALLOW takes pairs such as 127.0.0.1:8000, and {error}."
        ) from error
    return pairs

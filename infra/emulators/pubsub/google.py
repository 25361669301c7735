"""Google's own Pub/Sub emulator: find it on this machine, start it, stop it."""

import http.client
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from infra.local.children import Child, find_free_port


def find_google_emulator() -> "GoogleEmulator | None":
    """Return the Google Cloud CLI's `pubsub-emulator` component, if it and Java are there."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    if java is None:
        return None
    for sdk in _list_sdk_roots():
        jars = (sdk / "platform" / "pubsub-emulator" / "lib").glob("*pubsub-emulator*.jar")
        if newest := max(jars, key=_read_version, default=None):
            return GoogleEmulator(Path(java), newest)
    return None


def _list_sdk_roots() -> list[Path]:
    """List where the Google Cloud CLI may be; `gcloud info` would take a second or more."""
    configured = os.environ.get("CLOUDSDK_ROOT_DIR")
    gcloud = shutil.which("gcloud")
    return [
        *([Path(configured)] if configured else []),
        *([Path(gcloud).resolve().parent.parent] if gcloud else []),
        Path.home() / "google-cloud-sdk",
        Path("/usr/lib/google-cloud-sdk"),
        Path("/usr/share/google-cloud-sdk"),
        Path("/opt/google-cloud-sdk"),
        Path("/snap/google-cloud-cli/current"),
        Path("/opt/homebrew/share/google-cloud-sdk"),
    ]


def _read_version(jar: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", jar.name)]


@dataclass
class GoogleEmulator:
    """One run of the emulator's jar as a single child process. Its state is in memory only."""

    java: Path
    jar: Path
    host: str = "127.0.0.1"
    port: int = 0
    _child: Child | None = field(default=None, init=False, repr=False)

    @property
    def address(self) -> str:
        """`host:port`, the value for `PUBSUB_EMULATOR_HOST`."""
        return f"{self.host}:{self.port}"

    def start(self, timeout: float = 30, log: Path = Path(os.devnull)) -> Self:
        """Start it, on a free port unless one is set, and wait until it answers.

        Raises StackError when it ends, or is not ready after `timeout` seconds.
        """
        self.port = self.port or find_free_port()
        command = [str(self.java), "-jar", str(self.jar)]
        command += [f"--host={self.host}", f"--port={self.port}"]
        self._child = Child("the Pub/Sub emulator", command, os.environ, log)
        try:
            self._child.await_ready(self._is_answering, timeout)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the child process, if there is one."""
        if self._child:
            self._child.stop()
            self._child = None

    def _is_answering(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=1)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().strip() == b"Ok"
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self if self._child else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

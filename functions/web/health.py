"""Say whether the system can work, and whether work goes on; within two seconds."""

import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from shared import __version__
from shared.calls import Answer
from shared.database.transactions import transaction
from shared.messaging.progress import STALLED_AFTER, Waiting, find_waiting
from shared.schemas.health import Check, Health, WaitingWork
from shared.services import Services

_PATIENCE = 1.5  # seconds for all checks together
_running: dict[str, "_Probe"] = {}  # by name: what hangs is not begun again
_lock = threading.Lock()


class _Probe(threading.Thread):
    """A check in a thread of its own, which may hang without anybody hanging with it."""

    def __init__(self, name: str, call: Callable[[], list[Waiting] | None]) -> None:
        super().__init__(name=f"health of {name}", daemon=True)
        self.found: list[Waiting] | None = None
        self.error: Exception | None = None
        self.ms = 0.0
        self._call = call
        self._begun = time.perf_counter()

    def run(self) -> None:
        """Make the check."""
        try:
            self.found = self._call()
        except Exception as error:
            self.error = error
        self.ms = self.measure()

    def measure(self) -> float:
        """Return the milliseconds since the check began."""
        return round((time.perf_counter() - self._begun) * 1000, 1)

    def wait(self, deadline: float) -> Check:
        """Return the result, or that there is none yet."""
        self.join(max(0.0, deadline - time.monotonic()))
        if self.is_alive():
            return Check(status="failed", detail="does not answer in time", ms=self.measure())
        # The kind of error only: its text may hold addresses and account names.
        failed = self.error and f"does not answer ({type(self.error).__name__})"
        return Check(status="failed" if failed else "ok", detail=failed, ms=self.ms)


def handle(services: Services) -> Answer[Health]:
    """Check health.

    Besides its parts, progress is looked at: where work of a kind waits and none of it was begun
    for ten minutes, `progress` has failed and says which.
    """
    deadline = time.monotonic() + _PATIENCE
    probes = {
        "database": _begin("database", lambda: _ping(services.engine)),
        # Built within the check: what cannot be built has failed it.
        "bucket": _begin("bucket", lambda: services.storage.check()),  # noqa: PLW0108
        "topics": _begin("topics", lambda: services.publisher.check()),  # noqa: PLW0108
        "progress": _begin("progress", lambda: _find_waiting(services.engine)),
    }
    checks = {name: probe.wait(deadline) for name, probe in probes.items()}
    waiting = probes["progress"].found or []
    if stalled := ", ".join(one.topic for one in waiting if one.is_stalled):
        minutes = STALLED_AFTER // 60
        detail = f"none of the work that waits was begun for {minutes} minutes: {stalled}"
        checks["progress"] = Check(status="failed", detail=detail, ms=checks["progress"].ms)
    well = all(check.status == "ok" for check in checks.values())
    health = Health(
        status="ok" if well else "failed",
        version=__version__,
        checks=checks,
        waiting={
            one.topic: WaitingWork(seconds=round(one.age, 1), stalled=one.is_stalled)
            for one in waiting
        },
    )
    return Answer(health) if well else Answer(health, 503, {"Retry-After": "5"})


def _begin(name: str, call: Callable[[], list[Waiting] | None]) -> _Probe:
    """Begin a check, or return the one of that name that still runs."""
    with _lock:
        probe = _running.get(name)
        if probe is None or not probe.is_alive():
            probe = _running[name] = _Probe(name, call)
            probe.start()
        return probe


def _ping(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _find_waiting(engine: Engine) -> list[Waiting]:
    with transaction(engine) as session:
        return find_waiting(session)

"""Say whether the system can work: database, bucket and topics."""

import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from shared import __version__
from shared.calls import Answer
from shared.schemas.health import Check, Health
from shared.services import Services


def handle(services: Services) -> Answer[Health]:
    """Check health."""
    checks = {
        "database": _check(lambda: _ping(services.engine)),
        # Built within the check: what cannot be built has failed it.
        "bucket": _check(lambda: services.storage.check()),  # noqa: PLW0108
        "topics": _check(lambda: services.publisher.check()),  # noqa: PLW0108
    }
    well = all(check.status == "ok" for check in checks.values())
    health = Health(status="ok" if well else "failed", version=__version__, checks=checks)
    return Answer(health) if well else Answer(health, 503, {"Retry-After": "5"})


def _ping(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _check(call: Callable[[], None]) -> Check:
    started = time.perf_counter()
    detail = None
    try:
        call()
    except Exception as error:
        # The kind of error only: its text may hold addresses and account names.
        detail = f"does not answer ({type(error).__name__})"
    return Check(
        status="failed" if detail else "ok",
        detail=detail,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )

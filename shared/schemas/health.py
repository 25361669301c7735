"""Health of the system."""

from typing import Literal

from shared.schemas.kinds import Read

HealthStatus = Literal["ok", "failed"]
"""State of the system or a part of it."""


class Check(Read):
    """One part that the system needs."""

    status: HealthStatus
    """Whether it answers."""
    detail: str | None
    """What is wrong, for a person; null where it is well."""
    ms: float
    """Milliseconds that it took to answer."""


class WaitingWork(Read):
    """One kind of work that waits for its turn."""

    seconds: float
    """Seconds that the oldest piece has waited."""
    stalled: bool
    """Whether none of it was begun for ten minutes."""


class Health(Read):
    """`ok` when every part answers."""

    status: HealthStatus
    """`ok` when every part answers."""
    version: str
    """Version of Pixmill."""
    checks: dict[str, Check]
    """Result for each part, by its name; `progress` tells whether work that waits is begun."""
    waiting: dict[str, WaitingWork]
    """Kinds of work that wait, by the topic of their messages; others are absent."""

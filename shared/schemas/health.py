"""Health of the system."""

from typing import Literal

from shared.schemas.kinds import Read


class Check(Read):
    """One part that the system needs."""

    status: Literal["ok", "failed"]
    detail: str | None
    ms: float


class Health(Read):
    """`ok` when every part answers."""

    status: Literal["ok", "failed"]
    version: str
    checks: dict[str, Check]

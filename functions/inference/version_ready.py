"""Say that a model's version can predict."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.open_protocol import confirm_ready
from shared.schemas.inference import ModelReady


def handle(name: str, version: str, caller: Caller, session: Session) -> ModelReady:
    """Check a version's readiness."""
    return confirm_ready(session, caller, name, version)

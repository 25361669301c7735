"""Say that the server can predict: its database answers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.schemas.inference import Ready


def handle(session: Session) -> Ready:
    """Check readiness."""
    session.execute(select(1))
    return Ready(ready=True)

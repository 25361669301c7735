"""Show the tensors of a model's latest version."""

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller
from shared.inference.open_protocol import describe
from shared.schemas.inference import ServedModel


def handle(name: str, caller: Caller, session: Session) -> Answer[ServedModel]:
    """Get a model's metadata."""
    return describe(session, caller, name)

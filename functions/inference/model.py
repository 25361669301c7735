"""Show the tensors of a model's latest version."""

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller
from shared.inference.open_protocol import describe_version
from shared.schemas.inference import ModelDescription


def handle(name: str, caller: Caller, session: Session) -> Answer[ModelDescription]:
    """Get a model's metadata."""
    return describe_version(session, caller, name)

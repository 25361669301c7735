"""Show the tensors of a model's latest version."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.served import describe
from shared.schemas.inference import ModelMetadata


def handle(name: str, caller: Caller, session: Session) -> ModelMetadata:
    """Get a model's metadata."""
    return describe(session, caller, name)

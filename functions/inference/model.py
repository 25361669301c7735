"""Show the tensors of a model's latest version."""

from sqlalchemy.orm import Session

from shared.answers import Answer
from shared.calls import Caller
from shared.queries.served import describe
from shared.schemas.inference import ModelMetadata


def handle(name: str, caller: Caller, session: Session) -> Answer[ModelMetadata]:
    """Get a model's metadata."""
    return describe(session, caller, name)

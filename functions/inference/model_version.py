"""Show the tensors of a model's version."""

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller
from shared.inference.open_protocol import describe_version
from shared.schemas.inference import ModelDescription


def handle(name: str, version: str, caller: Caller, session: Session) -> Answer[ModelDescription]:
    """Get a version's metadata.

    A version is a number, an alias or `latest`.
    """
    return describe_version(session, caller, name, version)

"""Show the tensors of a model's version."""

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller
from shared.inference.open_protocol import describe
from shared.schemas.inference import ServedModel


def handle(name: str, version: str, caller: Caller, session: Session) -> Answer[ServedModel]:
    """Get a version's metadata.

    A version is a number, an alias or `latest`.
    """
    return describe(session, caller, name, version)

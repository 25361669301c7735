"""Show the version of a model that an alias stands for."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.versions import find_version, read_version
from shared.schemas.models import ModelRead


def handle(name: str, alias: str, caller: Caller, session: Session) -> ModelRead:
    """Get a model by its alias."""
    return read_version(session, find_version(session, caller, name, alias))

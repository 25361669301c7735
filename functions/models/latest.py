"""Show the newest version of a model that serves."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.versions import find_latest_version, read_version
from shared.schemas.models import ModelRead


def handle(name: str, caller: Caller, session: Session) -> ModelRead:
    """Get a model's latest version.

    The newest version that serves; while none does, the newest of all.
    """
    return read_version(session, find_latest_version(session, caller, name))

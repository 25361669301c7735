"""Remove an alias of a model; its versions stay."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ModelAlias


def handle(name: str, alias: str, caller: Caller, session: Session) -> None:
    """Remove an alias."""
    session.execute(
        delete(ModelAlias).where(
            ModelAlias.user_id == caller.id, ModelAlias.name == name, ModelAlias.alias == alias
        )
    )

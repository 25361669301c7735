"""Let an alias of a model stand for one of its versions."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, Invalid
from shared.inference.versions import find_version, read_version
from shared.models import ModelAlias
from shared.queries.visible import visible_model
from shared.schemas.models import AliasSet, ModelRead, is_alias


def handle(name: str, alias: str, wanted: AliasSet, caller: Caller, session: Session) -> ModelRead:
    """Set an alias, taking it from the version that has it."""
    if not is_alias(alias):
        raise Invalid(
            detail="An alias has 1 to 64 letters, digits, hyphens and underscores, is not latest "
            "and does not look like a version."
        )
    found = find_version(session, caller, name, str(wanted.version))
    model = visible_model(session, caller, found.id, lock=True)  # or it is archived meanwhile
    if model.status in ("rejected", "archived"):
        raise Conflict(f"Version {model.version} is {model.status}; it cannot have an alias.")
    row = insert(ModelAlias).values(user_id=caller.id, name=name, alias=alias, model_id=model.id)
    session.execute(
        row.on_conflict_do_update(
            constraint="pk_model_aliases",
            set_={"model_id": model.id, "updated_at": func.now()},
        )
    )
    return read_version(session, model)

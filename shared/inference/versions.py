"""Models by name, the versions that their names stand for, and how a version's state changes."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, NotFound
from shared.inference.states import can_move
from shared.models import Model, ModelAlias
from shared.queries.visible import visible_models
from shared.schemas.models import MAX_VERSION, SERVING, ModelRead, ModelStatus

LATEST = "latest"
_DIGITS = len(str(MAX_VERSION))


def read_version(session: Session, model: Model) -> ModelRead:
    """Return a version with its aliases."""
    names = session.scalars(
        select(ModelAlias.alias).where(ModelAlias.model_id == model.id).order_by(ModelAlias.alias)
    )
    return ModelRead.of(model, aliases=list(names))


def read_versions(session: Session, models: Collection[Model]) -> list[ModelRead]:
    """Versions with their aliases, by one query."""
    names: dict[object, list[str]] = {}
    ids = [model.id for model in models]
    for model_id, alias in session.execute(
        select(ModelAlias.model_id, ModelAlias.alias)
        .where(ModelAlias.model_id.in_(ids))
        .order_by(ModelAlias.alias)
    ):
        names.setdefault(model_id, []).append(alias)
    return [ModelRead.of(model, aliases=names.get(model.id, [])) for model in models]


def hold_name(session: Session, caller: Caller, name: str) -> None:
    """Keep others from adding versions to a name until the transaction ends."""
    key = func.hashtextextended(f"model:{caller.id}:{name}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def next_version(session: Session, caller: Caller, name: str) -> int:
    """Return the number that follows the highest of a name, 1 for the first.

    Raises `Conflict` where no number follows.
    """
    highest = session.scalar(
        select(func.max(Model.version)).where(Model.user_id == caller.id, Model.name == name)
    )
    if highest == MAX_VERSION:
        raise Conflict(f"The model {name} has a version {MAX_VERSION}, after which none follows.")
    return 1 + (highest or 0)


def find_latest_version(session: Session, caller: Caller, name: str) -> Model:
    """The newest version that serves; while none does, the newest of all. Raises `NotFound`."""
    serves: ColumnElement[bool] = Model.status.in_(SERVING)
    model = session.scalar(
        visible_models(caller)
        .where(Model.name == name)
        .order_by(serves.desc(), Model.version.desc())
        .limit(1)
    )
    if model is None:
        raise NotFound(f"There is no model named {name}.")
    return model


def find_version(session: Session, caller: Caller, name: str, version: str) -> Model:
    """Return the version that a number, an alias or `latest` stands for. Raises `NotFound`."""
    if version == LATEST:
        return find_latest_version(session, caller, name)
    named = visible_models(caller).where(Model.name == name)
    number = version.removeprefix("v")
    if number.isdecimal():
        fits = len(number) <= _DIGITS and int(number) <= MAX_VERSION
        model = session.scalar(named.where(Model.version == int(number))) if fits else None
    else:
        model = session.scalar(
            named.join(ModelAlias, ModelAlias.model_id == Model.id).where(
                ModelAlias.alias == version
            )
        )
    if model is None:
        raise NotFound(f"The model {name} has no version {version}.")
    return model


def change_status(session: Session, model: Model, status: ModelStatus) -> None:
    """Give a version that is held another state; for an archived one no alias stands any more.

    Raises `Conflict` where that may not be.
    """
    old = cast(ModelStatus, model.status)
    if not can_move(old, status):
        raise Conflict(f"A model that is {old} cannot become {status}.")
    if status == old:
        return
    model.deprecated_at = datetime.now(UTC) if status == "deprecated" else None
    model.status = status
    if status == "archived":
        session.execute(delete(ModelAlias).where(ModelAlias.model_id == model.id))

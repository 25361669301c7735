"""Run a model's latest version, as the Open Inference Protocol asks for it."""

from sqlalchemy.orm import Session

from shared.calls import Caller, Document, Refused, Sent
from shared.inference import open_protocol as served
from shared.inference.serving import Models, Servable
from shared.settings import Settings
from shared.storage.bucket import Storage


def begin(name: str, caller: Caller, session: Session) -> Servable | Refused:
    """Return the version that runs."""
    return served.servable(session, caller, name)


def handle(
    model: Servable,
    sent: Sent,
    caller: Caller,
    models: Models,
    storage: Storage,
    settings: Settings,
    session: Session,
) -> Document | Refused:
    """Infer."""
    return served.infer(model, caller, models, storage, settings, sent, session)

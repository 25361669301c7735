"""Run a model's latest version, as the Open Inference Protocol asks for it."""

from sqlalchemy.orm import Session

from shared.answers import Document, Refused
from shared.calls import Caller, Sent
from shared.inference.serving import Models
from shared.queries import served
from shared.settings import Settings
from shared.storage import Storage


def handle(
    name: str,
    sent: Sent,
    caller: Caller,
    models: Models,
    storage: Storage,
    settings: Settings,
    session: Session,
) -> Document | Refused:
    """Infer."""
    return served.infer(session, caller, models, storage, settings, sent, name)

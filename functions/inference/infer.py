"""Run a model's latest version, as the Open Inference Protocol asks for it."""

from sqlalchemy.orm import Session

from shared.calls import Caller, Document, Refused, Sent
from shared.inference.open_protocol import find_servable, infer
from shared.inference.predictor import Predictor
from shared.inference.serving import Servable


def prepare(name: str, caller: Caller, session: Session) -> Servable | Refused:
    """Return the version that runs."""
    return find_servable(session, caller, name)


def handle(
    model: Servable, sent: Sent, caller: Caller, predictor: Predictor, session: Session
) -> Document | Refused:
    """Infer."""
    return infer(model, sent, caller, predictor, session)

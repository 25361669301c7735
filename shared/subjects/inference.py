"""Models and predictions, as subjects of messages."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.inference.errors import PredictionFailed
from shared.inference.records import settle_prediction
from shared.messaging.messages import BucketEvent, ModelFinalized, PredictionRequested
from shared.messaging.outbox import Outbox
from shared.models import Model, Prediction
from shared.storage.names import parse_model
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id
from shared.webhooks.events import announce_end


def _select_owner(table: type[Model | Prediction], identity: UUID | None) -> Owner:
    return select(table.user_id, make_null_id("crawl_job_id"), make_null_id("image_id")).where(
        table.id == identity
    )


def _select_owner_of_model(message: BucketEvent) -> Owner:
    ids = parse_model(message.name)
    return _select_owner(Model, ids[1] if ids else None)


def _select_owner_of_prediction(message: PredictionRequested) -> Owner:
    return _select_owner(Prediction, message.prediction_id)


def _fail_model(session: Session, message: ModelFinalized, reason: str, outbox: Outbox) -> None:
    """Reject the model; the file, which nobody will load, stays for its owner to look at."""
    if (ids := parse_model(message.name)) is None:
        return
    rejected = session.scalar(
        update(Model)
        .where(Model.id == ids[1], Model.user_id == ids[0], Model.status == "pending")
        .values(status="rejected", error=reason, generation=message.generation)
        .returning(Model.id)
    )
    if rejected is not None:
        announce_end(session, outbox, "model_verification", rejected, "failed")


def _fail_prediction(
    session: Session, message: PredictionRequested, reason: str, _: Outbox
) -> None:
    settle_prediction(session, message.prediction_id, PredictionFailed("unavailable", reason))


SUBJECTS: Subjects = {
    ModelFinalized: Subject(_select_owner_of_model, _fail_model),
    PredictionRequested: Subject(_select_owner_of_prediction, _fail_prediction),
}

"""Show one prediction."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_prediction
from shared.schemas.predictions import PredictionDetail
from shared.settings import Settings
from shared.storage.bucket import Storage


def handle(
    prediction_id: UUID, caller: Caller, session: Session, storage: Storage, settings: Settings
) -> PredictionDetail:
    """Get a prediction."""
    row = visible_prediction(session, caller, prediction_id)

    def url(stored: str | None, name: str) -> str | None:
        if stored is None:
            return None
        # Saved, never shown: a request by the Open Inference Protocol names its own media type.
        file_name = f"{row.id}-{name}"
        return storage.sign_download_url(stored, life=settings.download_life, file_name=file_name)

    return PredictionDetail.of(
        row, input_url=url(row.input_object, "input"), output_url=url(row.output_object, "output")
    )

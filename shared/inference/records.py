"""The log of predictions: the only writer of its rows.

Sums over the log (by day, model, key and outcome) are kept by triggers on the table.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.errors import PredictionFailed
from shared.models import Prediction
from shared.models.base import new_id
from shared.states import MAX_REASON
from shared.texts import clean_line


@dataclass(frozen=True)
class PredictionCall:
    """A call of a model; what is large in it lies in an object."""

    id: UUID
    model_id: UUID
    user_id: UUID
    api_key_id: UUID | None
    input_data: Any
    input_object: str | None = None
    batch_size: int | None = None
    version_id: UUID | None = None
    profile: dict[str, Any] | None = None


@dataclass(frozen=True)
class Succeeded:
    """A model's answer, and the milliseconds that it took, nothing else counted."""

    output_data: Any
    inference_time_ms: float
    output_object: str | None = None


def new_call(model_id: UUID, caller: Caller, input_data: Any, **more: Any) -> PredictionCall:
    """Return a call that a signed-in caller makes."""
    return PredictionCall(new_id(), model_id, caller.id, caller.api_key_id, input_data, **more)


def record_prediction(
    session: Session, call: PredictionCall, outcome: Succeeded | PredictionFailed | None
) -> Prediction:
    """Log a call with its outcome, or as one that waits."""
    row = Prediction(
        id=call.id,
        model_id=call.model_id,
        user_id=call.user_id,
        api_key_id=call.api_key_id,
        input_data=call.input_data,
        input_object=call.input_object,
        batch_size=call.batch_size,
        version_id=call.version_id,
        input_profile=call.profile,
        # Of the id's own millisecond, so that the two order rows alike.
        created_at=datetime.fromtimestamp((call.id.int >> 80) / 1000, UTC),
        **_values(outcome),
    )
    session.add(row)
    session.flush()
    return row


def settle_prediction(
    session: Session, prediction_id: UUID, outcome: Succeeded | PredictionFailed, **more: Any
) -> bool:
    """End a prediction that waits; return False when it has ended already."""
    changed = session.execute(
        update(Prediction)
        .where(Prediction.id == prediction_id, Prediction.status == "pending")
        .values(**_values(outcome), **more)
        .returning(Prediction.id)
        .execution_options(synchronize_session=False)
    ).first()
    return changed is not None


def _values(outcome: Succeeded | PredictionFailed | None) -> dict[str, Any]:
    match outcome:
        case None:
            return {"status": "pending"}
        case Succeeded(output_data, ms, output_object):
            return {
                "status": "success",
                "output_data": output_data,
                "output_object": output_object,
                "inference_time_ms": ms,
            }
        case PredictionFailed():
            return {
                "status": "failed",
                "error_code": outcome.code,
                "error_message": clean_line(outcome.detail, MAX_REASON),
            }

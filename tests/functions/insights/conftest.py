"""Predictions in the log, as the functions write them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Model, Prediction
from tests.harness import Person

Log = Callable[..., Prediction]


@pytest.fixture
def model(session: Session, person: Person) -> Model:
    return add_model(session, person)


def add_model(session: Session, person: Person, **columns: Any) -> Model:
    defaults = {"user_id": person.id, "name": "digits", "model_type": "onnx", "file_path": "f"}
    row = Model(**defaults | columns)
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def log(session: Session, model: Model) -> Log:
    """Log a prediction so many days ago."""

    def write(days_ago: float = 0, **columns: Any) -> Prediction:
        defaults = {
            "model_id": model.id,
            "user_id": model.user_id,
            "input_data": {},
            "inference_time_ms": 10.0,
            "created_at": dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago),
        }
        row = Prediction(**defaults | columns)
        session.add(row)
        session.commit()
        return row

    return write

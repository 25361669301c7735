"""Adding up what was counted, on its schedule."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.messaging.messages import RollUpDue
from shared.models import InputCount, Model, Prediction, PredictionCount, StorageCount
from tests import factories
from tests.harness import Person, System


def test_every_table_of_sums_is_merged(system: System, session: Session, person: Person) -> None:
    model = Model(user_id=person.id, name="m", model_type="onnx", file_path="f")
    session.add(model)
    session.flush()
    project = factories.project(session, person.id)
    for _ in range(5):
        factories.image(session, project, file_size=7)
        session.add(
            Prediction(
                model_id=model.id,
                user_id=person.id,
                input_data={},
                inference_time_ms=3.0,
                input_profile={"x mean": {"4": 2}},
            )
        )
        session.commit()
    tables = (PredictionCount, InputCount, StorageCount)
    for table in tables:
        assert session.scalar(select(func.count()).select_from(table)) == 5
    for _ in range(2):
        system.send(RollUpDue())
        system.drain()
    session.expire_all()
    predictions, inputs, storage = (session.scalars(select(table)).one() for table in tables)
    assert isinstance(predictions, PredictionCount)
    assert (predictions.count, predictions.sum_ms) == (5, 15.0)
    assert isinstance(inputs, InputCount)
    assert (inputs.input, inputs.bucket, inputs.count) == ("x mean", 4, 10)
    assert isinstance(storage, StorageCount)
    assert (storage.images, storage.bytes) == (5, 35)
    assert set(system.statuses) == {204}

"""Looking at a prediction."""

from tests.harness import Person, System, expect
from tests.registry import register


def test_prediction_is_shown_to_its_owner(person: Person, system: System) -> None:
    model = register(person, system)
    made = person.post(f"/v1/models/{model['id']}/predictions", {"inputs": {"X": [[0.0] * 64]}})
    assert person.get(f"/v1/predictions/{made['id']}") == made
    expect(system.person().request("GET", f"/v1/predictions/{made['id']}"), 404)

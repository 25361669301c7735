"""Looking at a prediction."""

import requests

from tests.harness import Person, System, expect
from tests.registry import digits, register


def test_prediction_is_shown_to_its_owner(person: Person, system: System) -> None:
    model = register(person, system)
    made = person.post(f"/v1/models/{model['id']}/predictions", {"inputs": {"X": [[0.0] * 64]}})
    found = person.get(f"/v1/predictions/{made['id']}")
    assert found == made | {"input_url": None, "output_url": None}
    expect(system.person().request("GET", f"/v1/predictions/{made['id']}"), 404)


def test_what_is_too_large_is_fetched_from_the_bucket(person: Person, system: System) -> None:
    model = register(person, system)
    body = {"inputs": {"X": digits()[2][:200].tolist()}}
    made = person.post(f"/v1/models/{model['id']}/predictions", body)
    found = person.get(f"/v1/predictions/{made['id']}")
    sent = requests.get(found["input_url"], timeout=10)
    assert sent.json() == body
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert requests.get(found["output_url"], timeout=10).json() == made["output_data"]
    assert "input_url" not in person.get("/v1/predictions")["items"][0]

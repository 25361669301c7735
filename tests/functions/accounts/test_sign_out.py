"""Ending a session."""

from tests.harness import Person, System


def test_tokens_of_the_session_are_dead(system: System, person: Person) -> None:
    assert person.request("DELETE", "/v1/sessions/current").status_code == 204
    assert person.request("GET", "/v1/me").status_code == 401
    body = {"refresh_token": person.refresh_token}
    assert system.client.post("/v1/sessions/refresh", json=body).status_code == 401


def test_a_key_has_no_session(person: Person) -> None:
    key = person.post("/v1/api-keys", {"name": "k"})["key"]
    person.token = key
    assert person.request("DELETE", "/v1/sessions/current").status_code == 409

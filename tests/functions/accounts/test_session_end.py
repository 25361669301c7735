"""Ending one session."""

from tests.harness import PASSWORD, Person, System, expect


def test_a_session_that_is_ended_has_no_credentials(system: System, person: Person) -> None:
    body = {"email": person.email, "password": PASSWORD}
    tokens = expect(system.client.post("/v1/sessions", json=body), 201)
    other, own = person.get("/v1/sessions")["items"]
    assert person.request("DELETE", f"/v1/sessions/{other['id']}").status_code == 204
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    expect(system.client.get("/v1/me", headers=bearer), 401)
    token = {"refresh_token": tokens["refresh_token"]}
    expect(system.client.post("/v1/sessions/refresh", json=token), 401)
    assert person.get("/v1/sessions")["items"] == [own]
    expect(person.request("DELETE", f"/v1/sessions/{other['id']}"), 404)


def test_those_of_others_do_not_exist(system: System, person: Person) -> None:
    other = system.person()
    (theirs,) = other.get("/v1/sessions")["items"]
    expect(person.request("DELETE", f"/v1/sessions/{theirs['id']}"), 404)
    assert other.get("/v1/sessions")["items"] == [theirs]


def test_signing_out_keeps_its_address(person: Person) -> None:
    expect(person.request("DELETE", "/v1/sessions/current"), 204)
    expect(person.request("GET", "/v1/me"), 401)

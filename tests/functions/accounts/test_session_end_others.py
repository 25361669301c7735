"""Ending all sessions but one's own."""

from tests.harness import PASSWORD, Person, System, expect


def test_all_others_end_and_only_ones_own_stays(system: System, person: Person) -> None:
    stranger = system.person()
    body = {"email": person.email, "password": PASSWORD}
    pairs = [expect(system.client.post("/v1/sessions", json=body), 201) for _ in range(2)]
    expect(person.request("DELETE", "/v1/sessions"), 204)
    for pair in pairs:
        bearer = {"Authorization": f"Bearer {pair['access_token']}"}
        expect(system.client.get("/v1/me", headers=bearer), 401)
    (own,) = person.get("/v1/sessions")["items"]
    assert own["is_current"] is True
    assert len(stranger.get("/v1/sessions")["items"]) == 1


def test_a_key_ends_all(system: System, person: Person) -> None:
    key = {"X-API-Key": person.post("/v1/api-keys", {"name": "k"})["key"]}
    expect(system.client.delete("/v1/sessions", headers=key), 204)
    expect(person.request("GET", "/v1/me"), 401)

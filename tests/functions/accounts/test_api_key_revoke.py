"""Revoking API keys."""

from tests.harness import Person, System, expect


def test_a_revoked_key_is_dead_at_once(system: System, person: Person) -> None:
    key = person.post("/v1/api-keys", {"name": "laptop"})
    assert person.request("DELETE", f"/v1/api-keys/{key['id']}").status_code == 204
    expect(system.client.get("/v1/me", headers={"X-API-Key": key["key"]}), 401)
    (listed,) = person.get("/v1/api-keys")["items"]
    assert listed["is_active"] is False


def test_somebody_elses_key_does_not_exist(system: System, person: Person) -> None:
    key = person.post("/v1/api-keys", {"name": "laptop"})
    other = system.person()
    expect(other.request("DELETE", f"/v1/api-keys/{key['id']}"), 404)
    expect(system.client.get("/v1/me", headers={"X-API-Key": key["key"]}), 200)

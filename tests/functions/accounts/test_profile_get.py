"""Showing one's profile."""

from tests.harness import Person, System


def test_everybody_sees_their_own(system: System, person: Person) -> None:
    other = system.person()
    assert person.get("/v1/me")["id"] == str(person.id)
    assert other.get("/v1/me")["id"] == str(other.id)


def test_without_credentials_the_scheme_is_named(system: System) -> None:
    response = system.client.get("/v1/me")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.content_type == "application/problem+json"

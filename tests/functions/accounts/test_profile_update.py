"""Changing one's profile."""

from sqlalchemy.orm import Session

from tests.guessing import exhaust
from tests.harness import PASSWORD, Person, System, expect

NEW = "another long password"


def test_a_name_can_be_set_and_cleared(person: Person) -> None:
    changed = expect(person.request("PATCH", "/v1/me", {"full_name": "Ada"}), 200)
    assert changed["full_name"] == "Ada"
    changed = expect(person.request("PATCH", "/v1/me", {"full_name": None}), 200)
    assert changed["full_name"] is None


def test_a_new_password_signs_the_others_out(system: System, person: Person) -> None:
    body = {"email": person.email, "password": PASSWORD}
    elsewhere = expect(system.client.post("/v1/sessions", json=body), 201)["access_token"]
    change = {"password": NEW, "current_password": PASSWORD}
    expect(person.request("PATCH", "/v1/me", change), 200)
    assert person.request("GET", "/v1/me").status_code == 200
    headers = {"Authorization": f"Bearer {elsewhere}"}
    assert system.client.get("/v1/me", headers=headers).status_code == 401
    expect(system.client.post("/v1/sessions", json=body), 401)
    expect(system.client.post("/v1/sessions", json=body | {"password": NEW}), 201)


def test_the_current_password_is_asked_for(person: Person) -> None:
    expect(person.request("PATCH", "/v1/me", {"password": NEW}), 422)
    wrong = {"password": NEW, "current_password": "not the password"}
    problem = expect(person.request("PATCH", "/v1/me", wrong), 422)
    assert problem["errors"][0]["pointer"] == "/current_password"


def test_guessing_it_is_slowed_down(person: Person, session: Session) -> None:
    wrong = {"password": NEW, "current_password": "not the password"}
    for _ in range(2):
        expect(person.request("PATCH", "/v1/me", wrong), 422)
    exhaust(session, f"password {person.id}")
    answer = person.request("PATCH", "/v1/me", wrong | {"current_password": PASSWORD})
    expect(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
    expect(person.request("PATCH", "/v1/me", {"full_name": "Ada"}), 200)


def test_somebody_elses_address_is_taken(system: System, person: Person) -> None:
    other = system.person()
    change = {"email": other.email.upper(), "current_password": PASSWORD}
    expect(person.request("PATCH", "/v1/me", change), 409)


def test_nobody_makes_themselves_admin(person: Person) -> None:
    expect(person.request("PATCH", "/v1/me", {"role": "admin"}), 422)

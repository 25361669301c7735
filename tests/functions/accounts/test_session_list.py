"""Listing the sessions of an account."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.models import UserSession
from tests.harness import PASSWORD, Person, System, expect


def test_each_sign_in_is_one_however_often_refreshed(system: System, person: Person) -> None:
    body = {"email": person.email, "password": PASSWORD}
    phone = {"User-Agent": "phone"}
    home, away = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "198.51.100.1"}
    answer = system.client.post("/v1/sessions", json=body, headers=phone, environ_base=home)
    token = {"refresh_token": expect(answer, 201)["refresh_token"]}
    path = "/v1/sessions/refresh"
    expect(system.client.post(path, json=token, headers=phone, environ_base=away), 201)
    other, own = person.get("/v1/sessions")["items"]
    assert (other["user_agent"], other["ip_address"]) == ("phone", "198.51.100.1")
    assert (other["is_current"], own["is_current"]) == (False, True)
    assert other["id"] != own["id"]
    assert not {"access_token", "refresh_token"} & other.keys()


def test_what_has_ended_is_not_there(system: System, person: Person, session: Session) -> None:
    key = {"X-API-Key": person.post("/v1/api-keys", {"name": "k"})["key"]}
    (own,) = expect(system.client.get("/v1/sessions", headers=key), 200)["items"]
    assert own["is_current"] is False
    for column in ("revoked_at", "expires_at"):
        session.execute(update(UserSession).values({column: func.now()}))
        session.commit()
        assert expect(system.client.get("/v1/sessions", headers=key), 200)["items"] == []
        session.execute(update(UserSession).values(revoked_at=None))
        session.commit()


def test_nobody_sees_those_of_others(system: System, person: Person) -> None:
    system.person()
    assert len(person.get("/v1/sessions")["items"]) == 1

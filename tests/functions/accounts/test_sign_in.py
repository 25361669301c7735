"""Trading a password for tokens."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.models import ActivityLog, Profile, UserSession
from tests.harness import PASSWORD, System, expect


def sign_in(system: System, email: str, password: str, status: int = 201) -> dict[str, str]:
    body = {"email": email, "password": password}
    answer: dict[str, str] = expect(system.client.post("/v1/sessions", json=body), status)
    return answer


def test_tokens_are_stored_as_hashes_only(system: System, session: Session) -> None:
    system.person("ada@example.com")
    tokens = sign_in(system, "ADA@example.com", PASSWORD)
    assert tokens["token_type"] == "Bearer"
    stored = session.scalars(select(UserSession)).all()
    everything = str([vars(row) for row in stored])
    assert tokens["access_token"] not in everything
    assert tokens["refresh_token"] not in everything


def test_wrong_password_and_unknown_address_look_the_same(system: System) -> None:
    system.person("ada@example.com")
    wrong = sign_in(system, "ada@example.com", "not the password", 401)
    unknown = sign_in(system, "bob@example.com", "not the password", 401)
    assert wrong["detail"] == unknown["detail"]


def test_guessing_is_slowed_down(system: System) -> None:
    system.person("ada@example.com")
    for _ in range(10):
        sign_in(system, "ada@example.com", "not the password", 401)
    body = {"email": "ada@example.com", "password": PASSWORD}
    response = system.client.post("/v1/sessions", json=body)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_refusals_are_remembered(system: System, session: Session) -> None:
    person = system.person("ada@example.com")
    sign_in(system, "ada@example.com", "not the password", 401)
    refused = select(ActivityLog.user_id).where(ActivityLog.action == "session.create_refused")
    assert session.scalars(refused).all() == [person.id]


def test_a_deactivated_account_is_locked_out_at_once(system: System, session: Session) -> None:
    person = system.person("ada@example.com")
    session.execute(update(Profile).values(is_active=False))
    session.commit()
    assert person.request("GET", "/v1/me").status_code == 401
    sign_in(system, "ada@example.com", PASSWORD, 401)

"""Trading a password for tokens."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.accounts import credentials, passwords
from shared.models import ActivityLog, Profile, UserSession
from tests.guessing import exhaust, get_level, prolong_waits
from tests.harness import PASSWORD, System, expect, in_parallel


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


def test_guessing_is_slowed_down(system: System, session: Session) -> None:
    system.person("ada@example.com")
    for _ in range(10):
        sign_in(system, "ada@example.com", "not the password", 401)
    prolong_waits(session)
    body = {"email": "ada@example.com", "password": PASSWORD}
    response = system.client.post("/v1/sessions", json=body)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_tries_at_the_same_time_count_each(system: System, session: Session, email: str) -> None:
    """The same for an address with an account and without: a count tells nobody who exists."""
    system.person("ada@example.com")
    body = {"email": email, "password": "not the password"}

    def guess() -> list[int]:
        return [system.client.post("/v1/sessions", json=body).status_code for _ in range(6)]

    statuses = [one for some in in_parallel([guess] * 10) for one in some]
    assert set(statuses) == {401, 429}
    assert round(get_level(session, f"e-mail {email}")) == 60


def test_a_stranger_does_not_lock_the_owner_out(system: System, session: Session) -> None:
    system.person("ada@example.com")
    right = {"email": "ada@example.com", "password": PASSWORD}
    home, elsewhere = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "198.51.100.1"}
    expect(system.client.post("/v1/sessions", json=right, environ_base=home), 201)
    exhaust(session, "e-mail ada@example.com")
    answer = system.client.post("/v1/sessions", json=right, environ_base=elsewhere)
    expect(answer, 429)
    assert int(answer.headers["Retry-After"]) <= 900
    expect(system.client.post("/v1/sessions", json=right, environ_base=home), 201)


def test_a_throttled_account_does_not_show_who_was_there_before(
    system: System, session: Session
) -> None:
    """From where its owner signed in, a wrong password gets what an unknown account gets."""
    system.person("ada@example.com")
    home = {"REMOTE_ADDR": "203.0.113.7"}
    right = {"email": "ada@example.com", "password": PASSWORD}
    expect(system.client.post("/v1/sessions", json=right, environ_base=home), 201)
    for email in ("ada@example.com", "nobody@example.com"):
        exhaust(session, f"e-mail {email}")
        wrong = {"email": email, "password": "not the password"}
        expect(system.client.post("/v1/sessions", json=wrong, environ_base=home), 429)


def test_both_answers_hash_once(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever measures time learns nothing: the slow part is done as often for nobody."""
    system.person("ada@example.com")
    hashed: list[str] = []
    verify = credentials.verify_password

    def count(password: str, known: str | None) -> bool:
        hashed.append(password)
        return verify(password, known)

    monkeypatch.setattr(passwords, "verify_password", count)
    for email in ("ada@example.com", "nobody@example.com"):
        sign_in(system, email, email, 401)
    assert hashed == ["ada@example.com", "nobody@example.com"]


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

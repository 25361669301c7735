"""Trading a refresh token."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.models import UserSession
from tests.harness import Person, System, expect


def refresh(system: System, token: str, status: int = 201) -> dict[str, str]:
    response = system.client.post("/v1/sessions/refresh", json={"refresh_token": token})
    answer: dict[str, str] = expect(response, status)
    return answer


def is_accepted(system: System, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    return system.client.get("/v1/me", headers=headers).status_code == 200


def test_a_pair_is_traded_whole(system: System, person: Person) -> None:
    new = refresh(system, person.refresh_token)
    assert is_accepted(system, new["access_token"])
    assert not is_accepted(system, person.token)


def test_reuse_ends_the_family(system: System, person: Person) -> None:
    new = refresh(system, person.refresh_token)
    refresh(system, person.refresh_token, 401)
    assert not is_accepted(system, new["access_token"])
    refresh(system, new["refresh_token"], 401)


def test_reuse_leaves_other_families_alone(system: System, person: Person) -> None:
    other = system.person()
    refresh(system, person.refresh_token)
    refresh(system, person.refresh_token, 401)
    assert is_accepted(system, other.token)


def test_an_expired_token_is_refused(system: System, person: Person, session: Session) -> None:
    session.execute(update(UserSession).values(expires_at=func.now()))
    session.commit()
    refresh(system, person.refresh_token, 401)


def test_an_access_token_is_no_refresh_token(system: System, person: Person) -> None:
    refresh(system, person.token, 401)

"""Opening an account."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Profile
from tests.harness import PASSWORD, System, expect


def test_a_profile_comes_back_without_the_password(system: System, session: Session) -> None:
    body = {"email": "Ada@Example.com", "password": PASSWORD, "full_name": "Ada"}
    profile = expect(system.client.post("/v1/users", json=body), 201)
    assert profile["email"] == "Ada@example.com"
    assert profile["role"] == "user"
    assert "password" not in str(profile)
    stored = session.scalars(select(Profile)).one()
    assert stored.hashed_password is not None
    assert stored.hashed_password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_address_is_taken_whatever_its_case(system: System) -> None:
    system.person("ada@example.com")
    body = {"email": "ADA@EXAMPLE.COM", "password": PASSWORD}
    problem = expect(system.client.post("/v1/users", json=body), 409)
    assert "exists" in problem["detail"]


def test_it_is_the_first_of_the_persons_activities(system: System) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD}
    profile = expect(system.client.post("/v1/users", json=body), 201)
    tokens = expect(system.client.post("/v1/sessions", json=body), 201)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    activity = expect(system.client.get("/v1/activity", headers=headers), 200)["items"]
    assert [one["action"] for one in activity] == ["session.create", "user.create"]
    assert (activity[1]["user_id"], activity[1]["resource_id"]) == (profile["id"], profile["id"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "ada", "password": PASSWORD}, "/email"),
        ({"email": "ada@example.com", "password": "short"}, "/password"),
        ({"email": "ada@example.com", "password": "x" * 129}, "/password"),
        ({"email": "ada@example.com"}, "/password"),
        ({"email": "ada@example.com", "password": PASSWORD, "role": "admin"}, "/role"),
        ({"email": "ada@example.com", "password": PASSWORD, "full_name": "a\0b"}, "/full_name"),
    ],
)
def test_bad_input_is_named(system: System, body: dict[str, str], pointer: str) -> None:
    problem = expect(system.client.post("/v1/users", json=body), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert PASSWORD not in str(problem)

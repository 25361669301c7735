"""Making API keys."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import ApiKey
from tests.harness import Person, System, expect


def test_a_key_works_in_both_headers(system: System, person: Person) -> None:
    key = person.post("/v1/api-keys", {"name": "laptop"})
    for headers in ({"Authorization": f"Bearer {key['key']}"}, {"X-API-Key": key["key"]}):
        profile = expect(system.client.get("/v1/me", headers=headers), 200)
        assert profile["id"] == str(person.id)


def test_only_its_hash_is_kept(person: Person, session: Session) -> None:
    key = person.post("/v1/api-keys", {"name": "laptop"})
    row = session.scalars(select(ApiKey)).one()
    assert key["key"] not in str(vars(row))
    assert key["key"].startswith(key["prefix"])
    assert row.key_hash != key["key"]


def test_an_expired_key_is_refused(system: System, person: Person, session: Session) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    key = person.post("/v1/api-keys", {"name": "laptop", "expires_at": soon})
    headers = {"X-API-Key": key["key"]}
    expect(system.client.get("/v1/me", headers=headers), 200)
    session.scalars(select(ApiKey)).one().expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.commit()
    expect(system.client.get("/v1/me", headers=headers), 401)


def test_the_past_is_no_expiry(person: Person) -> None:
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body = {"name": "laptop", "expires_at": past}
    problem = expect(person.request("POST", "/v1/api-keys", body), 422)
    assert problem["errors"][0]["pointer"] == "/expires_at"


def test_a_repeat_does_not_make_a_second_key(person: Person, session: Session) -> None:
    headers = {"Idempotency-Key": "one"}
    expect(person.request("POST", "/v1/api-keys", {"name": "k"}, headers=headers), 201)
    problem = expect(person.request("POST", "/v1/api-keys", {"name": "k"}, headers=headers), 409)
    assert "shown once" in problem["detail"]
    assert len(session.scalars(select(ApiKey)).all()) == 1

"""Listing API keys."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import ApiKey
from tests.harness import Person, System, expect


def test_the_list_shows_use_but_no_secret(system: System, person: Person, session: Session) -> None:
    key = person.post("/v1/api-keys", {"name": "laptop"})
    (listed,) = person.get("/v1/api-keys")["items"]
    assert listed["last_used_at"] is None
    assert "key" not in listed
    expect(system.client.get("/v1/me", headers={"X-API-Key": key["key"]}), 200)
    (listed,) = person.get("/v1/api-keys")["items"]
    assert listed["last_used_at"].endswith("Z")
    assert listed["prefix"] == key["prefix"]


def test_use_is_noted_once_a_minute(system: System, person: Person, session: Session) -> None:
    key = person.post("/v1/api-keys", {"name": "laptop"})["key"]
    uses = []
    for _ in range(3):
        expect(system.client.get("/v1/me", headers={"X-API-Key": key}), 200)
        session.expire_all()
        uses.append(session.scalars(select(ApiKey.last_used_at)).one())
        session.rollback()
    assert uses[0] is not None
    assert len(set(uses)) == 1


def test_pages_are_newest_first_and_stable(person: Person) -> None:
    for name in "abcde":
        person.post("/v1/api-keys", {"name": name})
    first = person.get("/v1/api-keys?limit=2")
    person.post("/v1/api-keys", {"name": "added meanwhile"})
    second = person.get(f"/v1/api-keys?limit=2&cursor={first['next_cursor']}")
    third = person.get(f"/v1/api-keys?limit=2&cursor={second['next_cursor']}")
    names = [key["name"] for page in (first, second, third) for key in page["items"]]
    assert names == ["e", "d", "c", "b", "a"]
    assert third["next_cursor"] is None


def test_a_broken_cursor_is_400(person: Person) -> None:
    expect(person.request("GET", "/v1/api-keys?cursor=nonsense"), 400)

"""Retried POSTs."""

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from shared.models import IdempotencyKey, Project
from tests.harness import Person, System, expect, in_parallel

KEY = {"Idempotency-Key": "create-1"}


def test_the_first_answer_comes_again(person: Person, session: Session) -> None:
    first = person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY)
    again = person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY)
    assert expect(again, 201) == expect(first, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(session.scalars(select(Project)).all()) == 1


def test_another_body_is_refused(person: Person) -> None:
    person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY)
    expect(person.request("POST", "/v1/projects", {"name": "q"}, headers=KEY), 422)


def test_the_order_of_fields_does_not_matter(person: Person) -> None:
    for data in ('{"name": "p", "description": "d"}', '{"description":"d","name":"p"}'):
        response = person.request(
            "POST", "/v1/projects", data=data, content_type="application/json", headers=KEY
        )
        expect(response, 201)


def test_keys_belong_to_their_caller(system: System, person: Person) -> None:
    other = system.person()
    mine = expect(person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY), 201)
    theirs = expect(other.request("POST", "/v1/projects", {"name": "p"}, headers=KEY), 201)
    assert mine["id"] != theirs["id"]


def test_what_failed_is_done_afresh(person: Person) -> None:
    expect(person.request("POST", "/v1/projects", {"name": ""}, headers=KEY), 422)
    expect(person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY), 201)


def test_at_the_same_time_one_does_the_work(person: Person, session: Session) -> None:
    def create() -> int:
        return person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY).status_code

    statuses = in_parallel([create] * 8)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len(session.scalars(select(Project)).all()) == 1


def test_a_running_first_request_is_409(person: Person, session: Session) -> None:
    person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY)
    row = session.execute(text("DELETE FROM idempotency_keys RETURNING user_id, key")).one()
    number = text(
        "SELECT pg_advisory_xact_lock(('x' || encode(substring("
        "sha256(convert_to(:user || ':' || :key, 'UTF8')) for 8), 'hex'))::bit(64)::bigint)"
    )
    session.execute(number, {"user": str(row.user_id), "key": row.key})
    problem = expect(person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY), 409)
    assert "still running" in problem["detail"]


def test_after_a_day_a_key_is_new(person: Person, session: Session) -> None:
    person.request("POST", "/v1/projects", {"name": "p"}, headers=KEY)
    session.execute(update(IdempotencyKey).values(expires_at=text("now() - interval '1 s'")))
    session.commit()
    response = person.request("POST", "/v1/projects", {"name": "q"}, headers=KEY)
    assert expect(response, 201)["name"] == "q"


def test_a_key_has_a_form(person: Person) -> None:
    for key in ("", "x" * 256, "ä"):
        headers = {"Idempotency-Key": key}
        response = person.request("POST", "/v1/projects", {"name": "p"}, headers=headers)
        assert response.status_code == 400

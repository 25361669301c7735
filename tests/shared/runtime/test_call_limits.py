"""Callers hear how many calls they may make, and from one too many on when to come back."""

from dataclasses import replace

import pytest

from shared.accounts.call_counter import CallCounter
from shared.database.transactions import make_engine
from shared.models.base import new_id
from shared.services import services
from tests.harness import Person, System, expect

PASSWORD = {"email": "nobody@example.org", "password": "of somebody else"}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """Five calls a minute for a key, three for an address."""
    changed = replace(services().settings, calls_per_key=5, calls_per_address=3)
    monkeypatch.setitem(services().built, "settings", changed)


@pytest.fixture
def elsewhere() -> dict[str, str]:
    """Return an address that nobody else calls from."""
    return {"REMOTE_ADDR": f"2001:db8:{new_id().hex[-4:]}:{new_id().hex[-8:-4]}::1"}


def test_each_answer_says_what_is_left(few: None, person: Person) -> None:
    answers = [person.request("GET", "/v1/projects") for _ in range(2)]
    assert [one.headers["RateLimit-Policy"] for one in answers] == ['"key";q=5;w=60'] * 2
    assert [one.headers["RateLimit"].split(";t=")[0] for one in answers] == [
        '"key";r=4',
        '"key";r=3',
    ]


def test_one_call_too_many_is_refused_before_it_does_anything(
    few: None, person: Person, system: System
) -> None:
    made = [person.request("POST", "/v1/projects", {"name": "a"}) for _ in range(8)]
    assert [one.status_code for one in made] == [201] * 5 + [429] * 3
    refused = made[-1]
    problem = expect(refused, 429)
    seconds = int(refused.headers["Retry-After"])
    assert 1 <= seconds <= 120
    assert problem["detail"] == (
        f"This key has made its 5 calls of a minute; try again in {seconds} seconds."
    )
    assert refused.headers["RateLimit"] == f'"key";r=0;t={seconds}'
    other = system.person()
    assert other.request("GET", "/v1/projects").status_code == 200


def test_keys_of_one_account_count_each_for_itself(few: None, person: Person) -> None:
    key = person.post("/v1/api-keys", {"name": "script"})["key"]
    with_key = {"headers": {"Authorization": f"Bearer {key}"}}
    script = [person.request("GET", "/v1/projects", **with_key).status_code for _ in range(6)]
    assert script == [200] * 5 + [429]
    assert person.request("GET", "/v1/projects").status_code == 200


def test_what_has_no_key_counts_for_its_address(
    few: None, system: System, elsewhere: dict[str, str]
) -> None:
    tries = [
        system.client.post("/v1/sessions", json=PASSWORD, environ_base=elsewhere) for _ in range(4)
    ]
    assert [one.status_code for one in tries] == [401, 401, 401, 429]
    assert tries[0].headers["RateLimit-Policy"] == '"address";q=3;w=60'


def test_keys_that_nobody_has_count_for_their_address(
    few: None, system: System, elsewhere: dict[str, str]
) -> None:
    answers = [
        system.client.get(
            "/v1/projects",
            headers={"Authorization": f"Bearer pxm_{number}"},
            environ_base=elsewhere,
        )
        for number in range(4)
    ]
    assert [one.status_code for one in answers] == [401, 401, 401, 429]


def test_neighbours_in_one_ipv6_network_count_as_one(
    few: None, system: System, elsewhere: dict[str, str]
) -> None:
    network = elsewhere["REMOTE_ADDR"].removesuffix("::1")
    tries = [
        system.client.post(
            "/v1/sessions", json=PASSWORD, environ_base={"REMOTE_ADDR": f"{network}::{end}"}
        ).status_code
        for end in range(1, 5)
    ]
    assert tries == [401, 401, 401, 429]


def test_public_reads_do_not_count(few: None, system: System, elsewhere: dict[str, str]) -> None:
    answers = [system.client.get("/openapi.json", environ_base=elsewhere) for _ in range(5)]
    assert [one.status_code for one in answers] == [200] * 5
    assert "RateLimit" not in answers[0].headers


def test_a_limit_of_nothing_is_none(person: Person) -> None:
    assert services().settings.calls_per_key == 0
    assert "RateLimit" not in person.request("GET", "/v1/projects").headers


def test_calls_go_on_where_counts_cannot_be_shared(
    few: None, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = replace(services().settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setitem(services().built, "call_counter", CallCounter(make_engine(nowhere)))
    answers = [person.request("GET", "/v1/projects").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]

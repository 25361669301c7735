"""Making codes that sign a browser in."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database.transactions import set_caller, transaction
from shared.models import ActivityLog, SignInCode
from shared.services import services
from tests.cookies import PROOF, CookieBrowser
from tests.guessing import exhaust
from tests.harness import PASSWORD, Person, System, expect, in_parallel

PATH = "/v1/sign-in-codes"


def exchange(system: System, code: str, status: int = 201) -> CookieBrowser:
    browser = CookieBrowser(system.client)
    expect(browser.request("POST", "/v1/web-sessions", json={"code": code}), status)
    return browser


def test_a_code_opens_its_makers_account_once(system: System, person: Person) -> None:
    before = datetime.now(UTC)
    made = person.post(PATH, status=200)
    assert made["url"] == f"/#code={made['code']}"
    life = (datetime.fromisoformat(made["expires_at"]) - before).total_seconds()
    assert life == pytest.approx(services().settings.sign_in_code_life, abs=60)
    browser = exchange(system, made["code"])
    assert expect(browser.request("GET", "/v1/me"), 200)["id"] == str(person.id)
    exchange(system, made["code"], 401)
    assert browser.get_status() == 200


def test_of_two_browsers_at_the_same_time_one_gets_in(system: System, person: Person) -> None:
    code = {"code": person.post(PATH, status=200)["code"]}
    browsers = [CookieBrowser(system.client) for _ in range(4)]
    answers = in_parallel(
        [lambda one=one: one.request("POST", "/v1/web-sessions", json=code) for one in browsers]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]


def test_keys_and_browsers_make_codes_too(system: System, person: Person) -> None:
    person.token = person.post("/v1/api-keys", {"name": "k"})["key"]
    browser = exchange(system, person.post(PATH, status=200)["code"])
    expect(browser.request("POST", PATH), 403)
    exchange(system, expect(browser.request("POST", PATH, PROOF), 200)["code"])


def test_only_hashes_are_stored_and_the_making_is_logged(person: Person, session: Session) -> None:
    code = person.post(PATH, status=200)["code"]
    assert code not in str([vars(row) for row in session.scalars(select(SignInCode))])
    logged = select(ActivityLog.user_id).where(ActivityLog.action == "sign_in_code.create")
    assert session.scalars(logged).all() == [person.id]


def test_an_expired_code_is_refused(system: System, person: Person, session: Session) -> None:
    code = person.post(PATH, status=200)["code"]
    session.execute(update(SignInCode).values(expires_at=func.now()))
    session.commit()
    exchange(system, code, 401)


def test_a_code_of_a_deleted_account_is_refused(system: System, person: Person) -> None:
    code = person.post(PATH, status=200)["code"]
    assert person.delete_account().status_code == 204
    exchange(system, code, 401)
    system.drain()
    exchange(system, code, 401)


def test_a_new_password_ends_codes(system: System, person: Person) -> None:
    code = person.post(PATH, status=200)["code"]
    change = {"password": "another long one", "current_password": PASSWORD}
    expect(person.request("PATCH", "/v1/me", change), 200)
    exchange(system, code, 401)


@pytest.mark.parametrize("code", ["x", "pxc_nonsense", "pxk_nonsense", "é" * 200])
def test_what_is_no_code_is_refused_alike(system: System, code: str) -> None:
    body = {"code": code}
    refused = expect(system.client.post("/v1/web-sessions", json=body), 401)
    assert refused["detail"] == "The code is wrong, has expired or was used before."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "ada@example.com"},
        {"password": PASSWORD},
        {"code": "x", "email": "ada@example.com", "password": PASSWORD},
        {"code": "x", "password": PASSWORD},
        {"code": ""},
        {"code": "x" * 201},
        {"code": None},
        {"code": 5},
    ],
)
def test_exactly_one_form_is_taken(system: System, body: dict[str, object]) -> None:
    expect(system.client.post("/v1/web-sessions", json=body), 422)


def test_codes_are_no_credential_of_requests(system: System, person: Person) -> None:
    code = person.post(PATH, status=200)["code"]
    for headers in ({"Authorization": f"Bearer {code}"}, {"X-API-Key": code}):
        expect(system.client.get("/v1/me", headers=headers), 401)


def test_guessing_from_one_address_is_slowed_down(system: System, session: Session) -> None:
    exhaust(session, None, "127.0.0.1")
    body, base = {"code": "pxc_guess"}, {"REMOTE_ADDR": "127.0.0.1"}
    expect(system.client.post("/v1/web-sessions", json=body, environ_base=base), 429)


def test_an_account_has_a_few_at_a_time(person: Person, session: Session) -> None:
    for _ in range(20):
        person.post(PATH, status=200)
    answer = person.request("POST", PATH)
    expect(answer, 429)
    assert int(answer.headers["Retry-After"]) == services().settings.sign_in_code_life
    session.execute(update(SignInCode).values(expires_at=func.now()))
    session.commit()
    person.post(PATH, status=200)


def test_row_security_keeps_codes_apart(system: System, person: Person) -> None:
    person.post(PATH, status=200)
    stranger = system.person()
    with transaction(services().engine) as own:
        set_caller(own, stranger.id)
        assert own.scalars(select(SignInCode)).all() == []
    for user_id, reusable in ((person.id, False), (stranger.id, True)):
        with pytest.raises(DBAPIError):
            insert_code(stranger.id, user_id, reusable)


def insert_code(caller_id: UUID, user_id: UUID, reusable: bool) -> None:
    with transaction(services().engine) as own:
        set_caller(own, caller_id)
        own.execute(
            text(
                "INSERT INTO sign_in_codes (user_id, code_hash, expires_at, is_reusable)"
                " VALUES (:user_id, 'h', now(), :reusable)"
            ),
            {"user_id": user_id, "reusable": reusable},
        )

"""Passwords and tokens."""

import hmac
import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.accounts import credentials as auth
from shared.accounts.credentials import (
    authenticate,
    hash_password,
    hash_token,
    new_token,
    verify_password,
)
from shared.accounts.prefixes import ACCESS, API_KEY, REFRESH
from shared.errors import TooMany, Unauthorized
from shared.models import ApiKey, UserSession
from tests.harness import PASSWORD, Person, in_parallel


def test_a_password_is_hashed_as_owasp_advises() -> None:
    hashed = hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed != hash_password(PASSWORD)
    assert verify_password(PASSWORD, hashed)
    assert not verify_password(f"{PASSWORD} ", hashed)


@pytest.mark.parametrize("hashed", [None, "", "plain", "$argon2id$v=19$broken"])
def test_without_a_hash_nothing_matches(hashed: str | None) -> None:
    assert verify_password(PASSWORD, hashed) is False
    assert verify_password("", hashed) is False


def test_nobody_is_looked_up_as_slowly_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash is verified either way."""
    verified: list[str] = []

    class Noting:
        def verify(self, hashed: str, password: str) -> bool:
            verified.append(hashed)
            return auth_hasher.verify(hashed, password)

        def hash(self, password: str) -> str:
            return auth_hasher.hash(password)

    auth_hasher = auth.HASHER
    monkeypatch.setattr(auth, "HASHER", Noting())
    assert verify_password(PASSWORD, None) is False
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_a_few_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever would wait too long is told to come again."""
    slots = threading.BoundedSemaphore(2)
    monkeypatch.setattr(auth, "HASHING_AT_ONCE", slots)
    monkeypatch.setattr(auth, "HASHING_WAIT", 0.01)
    slots.acquire()
    assert hash_password(PASSWORD)
    slots.acquire()
    with pytest.raises(TooMany) as refused:
        hash_password(PASSWORD)
    with pytest.raises(TooMany):
        verify_password(PASSWORD, None)
    assert int(refused.value.headers["Retry-After"]) > 0
    slots.release()
    assert not verify_password(PASSWORD, None)
    assert not verify_password(PASSWORD, "broken")  # an error gives its slot back
    assert slots.acquire(blocking=False)


def test_many_at_once_all_get_their_turn() -> None:
    hashed = hash_password(PASSWORD)
    assert in_parallel([lambda: verify_password(PASSWORD, hashed)] * 12) == [True] * 12


def test_tokens_cannot_be_guessed() -> None:
    tokens = {new_token(API_KEY).text for _ in range(100)}
    assert len(tokens) == 100
    for text in tokens:
        assert text.startswith("pxk_")
        assert len(text) == 4 + 43  # 256 bits in base64
    token = new_token(ACCESS)
    assert token.hash == hash_token(token.text)
    assert token.text.startswith(token.prefix)
    assert len(token.prefix) == 12


@pytest.mark.parametrize("kind", [ACCESS, API_KEY])
def test_credentials_are_compared_in_constant_time(
    person: Person, session: Session, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    text = person.token if kind == ACCESS else person.post("/v1/api-keys", {"name": "k"})["key"]
    compared: list[tuple[Any, Any]] = []
    compare_digest = hmac.compare_digest

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return compare_digest(one, other)

    monkeypatch.setattr("shared.accounts.credentials.hmac.compare_digest", compare)
    assert authenticate(session, text).id == person.id
    assert compared == [(hash_token(text), hash_token(text))]


def test_a_caller_is_told_apart_by_credential(person: Person, session: Session) -> None:
    key = person.post("/v1/api-keys", {"name": "k"})
    by_key, by_token = authenticate(session, key["key"]), authenticate(session, person.token)
    assert str(by_key.api_key_id) == key["id"]
    assert by_key.session_id is None
    assert by_token.session_id == session.query(UserSession.id).scalar()
    assert by_token.api_key_id is None


def test_what_is_no_credential(person: Person, session: Session) -> None:
    key = person.post("/v1/api-keys", {"name": "k"})["key"]
    stored = session.query(ApiKey).one()
    for text in (
        "",
        "x" * 10_000,
        person.refresh_token,
        person.token[:-1],
        person.token.replace(ACCESS, API_KEY),
        key.replace(API_KEY, ACCESS),
        key[:12],
        stored.key_hash,
        f"{API_KEY}{stored.key_hash}",
        f"{REFRESH}{key}",
    ):
        with pytest.raises(Unauthorized):
            authenticate(session, text)

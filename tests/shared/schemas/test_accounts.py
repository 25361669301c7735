"""Addresses, passwords and keys within their bounds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.accounts import ApiKeyCreate, ProfileUpdate, SessionCreate, UserRegister
from shared.schemas.errors import list_problems


def register(**changes: Any) -> UserRegister:
    body = {"email": "someone@example.com", "password": "correct horse"}
    return UserRegister.model_validate(body | changes)


@pytest.mark.parametrize(
    "email",
    [
        "a@b.co",
        "first.last+tag@sub.example.museum",
        "o'neil_{x}@example.org",
        "x" * 64 + "@example.com",
        "a@xn--bcher-kva.example",
        "a@1and1.example",
    ],
)
def test_common_addresses(email: str) -> None:
    assert register(email=email).email == email


def test_an_address_is_kept_but_for_space_and_the_domains_case() -> None:
    assert register(email="  Some.One@Example.COM\n").email == "Some.One@example.com"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "someone",
        "@example.com",
        "someone@",
        "someone@localhost",
        "a@b@example.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        '"a b"@example.com',
        "a b@example.com",
        "a@-example.com",
        "a@example-.com",
        "a@exa_mple.com",
        "a@example..com",
        "a@[127.0.0.1]",
        "jürgen@example.com",
        "a@bücher.example",
        "a@example.com\nbcc: b@example.com",
        "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com",
        "a@" + ("x" * 62 + ".") * 4 + "example",
        7,
        None,
    ],
)
def test_what_is_no_address(email: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        register(email=email)
    assert [one["pointer"] for one in list_problems(caught.value)] == ["/email"]


def test_a_long_run_of_dots_costs_no_time() -> None:
    with pytest.raises(ValidationError):
        register(email="a." * 120 + "@")


@pytest.mark.parametrize(
    "password", ["x" * 8, "é" * 128, " spaces count ", "12345678", "密码密码密码密码"]
)
def test_a_password_is_taken_as_typed(password: str) -> None:
    assert register(password=password).password == password
    session = SessionCreate.model_validate({"email": "a@b.co", "password": password})
    assert session.password == password


@pytest.mark.parametrize("password", ["", "x" * 7, "x" * 129, "12345678\0", 12345678])
def test_passwords_out_of_bounds(password: Any) -> None:
    with pytest.raises(ValidationError):
        register(password=password)


def test_signing_in_judges_no_password_by_its_length() -> None:
    SessionCreate.model_validate({"email": "a@b.co", "password": "short"})


@pytest.mark.parametrize("change", [{"password": "correct horse"}, {"email": "a@b.co"}])
def test_the_current_password_guards_what_signs_in(change: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        ProfileUpdate.model_validate(change)
    assert [one["pointer"] for one in list_problems(caught.value)] == ["/current_password"]
    known = ProfileUpdate.model_validate(change | {"current_password": "x"})
    assert known.get_changes() == change | {"current_password": "x"}
    assert ProfileUpdate.model_validate({"full_name": None}).get_changes() == {"full_name": None}


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\x7fb", "a\u2028b", "a\u0085b"])
def test_names_out_of_bounds(name: str) -> None:
    with pytest.raises(ValidationError):
        ApiKeyCreate.model_validate({"name": name})


def test_a_key_expires_at_a_time_with_a_zone() -> None:
    key = ApiKeyCreate.model_validate({"name": "x", "expires_at": "2999-01-01t01:00:00.5+02:00"})
    assert key.expires_at == datetime(2998, 12, 31, 23, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "time",
    [
        "2999-01-01",
        "2999-01-01T00:00:00",
        "2999-01-01 00:00:00Z",
        "2999-02-30T00:00:00Z",
        "2999-01-01T25:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "٢٩٩٩-01-01T00:00:00Z",
        "tomorrow",
        32503680000,
        True,
        pytest.param((datetime.now(UTC) - timedelta(seconds=1)).isoformat(), id="a second ago"),
    ],
)
def test_times_that_do_not_work(time: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ApiKeyCreate.model_validate({"name": "x", "expires_at": time})
    assert [one["pointer"] for one in list_problems(caught.value)] == ["/expires_at"]

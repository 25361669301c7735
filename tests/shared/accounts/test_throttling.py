"""Limits of guessing a password."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.accounts.throttling import REFUSED_SIGN_IN, check_sign_ins
from shared.errors import TooMany
from shared.models import ActivityLog
from tests.harness import Person

IP = "203.0.113.7"


def refuse(
    session: Session, count: int, user_id: UUID | None, ip: str | None, minutes: int = 0
) -> None:
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    session.add_all(
        ActivityLog(user_id=user_id, action=REFUSED_SIGN_IN, ip_address=ip, timestamp=then)
        for _ in range(count)
    )
    session.commit()


def test_an_account_is_closed_for_a_while(person: Person, session: Session) -> None:
    refuse(session, 9, person.id, None)
    check_sign_ins(session, person.id, IP)
    refuse(session, 1, person.id, None)
    with pytest.raises(TooMany) as refused:
        check_sign_ins(session, person.id, IP)
    assert int(refused.value.headers["Retry-After"]) == 900
    check_sign_ins(session, None, IP)


def test_an_address_too_after_many_more(person: Person, session: Session) -> None:
    refuse(session, 99, None, IP)
    check_sign_ins(session, person.id, IP)
    refuse(session, 1, None, IP)
    with pytest.raises(TooMany):
        check_sign_ins(session, person.id, IP)
    check_sign_ins(session, person.id, "203.0.113.8")


def test_a_quarter_of_an_hour_later_it_is_forgotten(person: Person, session: Session) -> None:
    refuse(session, 50, person.id, IP, minutes=16)
    check_sign_ins(session, person.id, IP)


def test_who_is_not_known_is_not_counted(session: Session, person: Person) -> None:
    refuse(session, 200, None, None)
    check_sign_ins(session, None, None)

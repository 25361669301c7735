"""Limits of guessing a secret."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.accounts.places import Place, remember_place
from shared.accounts.throttling import ACCOUNT, ADDRESS, Guess, count_try, forgive_try
from shared.database.transactions import set_caller, transaction
from shared.errors import TooMany
from shared.models import GuessCount
from shared.services import services
from tests.guessing import exhaust, get_level
from tests.harness import Person

HOME, AWAY = Place.of("203.0.113.7"), Place.of("198.51.100.1")
SUBJECT = "e-mail ada@example.com"


def guess(session: Session, place: Place = AWAY, user_id: object = None) -> Guess:
    counted = count_try(session, SUBJECT, user_id, place)
    session.commit()
    return counted


def pass_time(session: Session, seconds: float) -> None:
    step = timedelta(seconds=seconds)
    session.execute(
        update(GuessCount).values(
            open_at=GuessCount.open_at - step, counted_at=GuessCount.counted_at - step
        )
    )
    session.commit()


def test_the_first_are_free_and_then_waits_grow(session: Session) -> None:
    for _ in range(ACCOUNT.free):
        counted = guess(session)
        assert (counted.subject_wait, counted.place_wait) == (0, 0)
    waits = []
    for _ in range(10):
        waits.append(guess(session).subject_wait)
        pass_time(session, waits[-1])
        assert guess(session).subject_wait == 0
    assert waits == sorted(waits)
    assert waits[0] <= 5
    assert max(waits) == ACCOUNT.longest


def test_whoever_waits_is_judged(session: Session) -> None:
    """A door is never closed for longer than it says, however often somebody knocks."""
    exhaust(session, SUBJECT)
    wait = guess(session).subject_wait
    assert 0 < wait <= ACCOUNT.longest
    for _ in range(5):
        assert guess(session).subject_wait <= wait
    pass_time(session, wait)
    assert guess(session, HOME).subject_wait == 0


def test_time_forgives(session: Session) -> None:
    for _ in range(ACCOUNT.free):
        guess(session)
    pass_time(session, ACCOUNT.forgives * 4)
    guess(session)
    assert get_level(session, SUBJECT) == pytest.approx(ACCOUNT.free - 3, abs=0.1)


def test_an_address_waits_after_many_more(session: Session) -> None:
    for number, level in enumerate((0, ADDRESS.free - 5, ADDRESS.free + 5)):
        assert count_try(session, f"e-mail {number}", None, AWAY).place_wait == 0
        session.execute(update(GuessCount).values(level=level))
    count_try(session, "e-mail 4", None, AWAY)
    counted = count_try(session, "e-mail another", None, AWAY)
    assert 0 < counted.place_wait <= ADDRESS.longest
    with pytest.raises(TooMany):
        counted.check_place()
    count_try(session, "e-mail another", None, HOME).check_place()


def test_the_right_one_from_home_need_not_wait(person: Person, session: Session) -> None:
    remember_place(session, person.id, HOME)
    exhaust(session, SUBJECT)
    at_home, away = guess(session, HOME, person.id), guess(session, AWAY, person.id)
    at_home.check_subject(is_right=True)
    for counted, is_right in ((at_home, False), (away, True), (away, False)):
        with pytest.raises(TooMany):
            counted.check_subject(is_right=is_right)


def test_a_right_try_is_taken_back(session: Session) -> None:
    for _ in range(4):
        counted = guess(session)
    forgive_try(session, counted)
    session.commit()
    assert get_level(session, SUBJECT) == pytest.approx(3, abs=0.1)


def test_who_comes_from_nowhere_is_counted_by_account(session: Session) -> None:
    for _ in range(ACCOUNT.free):
        guess(session, Place.of(None))
    assert guess(session, Place.of("unknown")).subject_wait > 0


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", None),
        ("unix:", None),
    ],
)
def test_places_are_addresses_or_networks(ip: str, network: str | None) -> None:
    assert Place.of(ip).network == network


def test_a_caller_neither_counts_nor_reads_nor_sets_counts(person: Person) -> None:
    counting = select(func.count_guess("k", 10, 900, 900))
    for statement in (counting, select(GuessCount.level), update(GuessCount).values(level=0)):
        with transaction(services().engine) as own:
            set_caller(own, person.id)
            with pytest.raises(DBAPIError, match="permission denied"):
                own.execute(statement)
            own.rollback()


def test_counting_at_the_same_time_waits_for_the_row(session: Session) -> None:
    key, limit = "k", ACCOUNT
    session.execute(select(func.count_guess(key, limit.free, limit.longest, limit.forgives)))
    with transaction(services().engine) as other:
        other.execute(select(func.set_config("lock_timeout", "50ms", True)))
        with pytest.raises(DBAPIError, match="lock timeout"):
            other.execute(select(func.count_guess(key, limit.free, limit.longest, limit.forgives)))
        other.rollback()

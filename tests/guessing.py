"""Counts of tries to guess a secret, as many tries leave them."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_token
from shared.accounts.places import Place
from shared.accounts.throttling import ACCOUNT, ADDRESS, GuessLimit
from shared.models import GuessCount


def exhaust(session: Session, subject: str | None, ip: str | None = None) -> None:
    """Leave an account's secret, and a network address, as hundreds of tries would."""
    if subject is not None:
        _count(session, f"account {subject}", ACCOUNT)
    if ip is not None:
        _count(session, f"address {Place.of(ip).network}", ADDRESS)
    session.commit()


def _count(session: Session, key: str, limit: GuessLimit) -> None:
    for _ in range(limit.free + 5):
        session.execute(
            select(func.count_guess(hash_token(key), limit.free, limit.longest, limit.forgives))
        )
    session.execute(
        update(GuessCount)
        .where(GuessCount.key == hash_token(key))
        .values(open_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, limit.longest))
    )


def get_level(session: Session, subject: str) -> float:
    """Return how many tries at an account's secret count."""
    key = hash_token(f"account {subject}")
    return session.scalars(select(GuessCount.level).where(GuessCount.key == key)).one()


def prolong_waits(session: Session) -> None:
    """Prolong every wait by its longest, so that a slow test does not see its end."""
    changed = session.execute(
        update(GuessCount)
        .where(GuessCount.open_at > GuessCount.counted_at)
        .values(open_at=GuessCount.open_at + timedelta(seconds=ACCOUNT.longest))
        .returning(GuessCount.key)
    ).all()
    assert changed, "nobody has to wait"
    session.commit()

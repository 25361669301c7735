"""Counts of tries to guess a secret, as many tries leave them."""

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

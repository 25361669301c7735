"""Counts what is tried, before it is judged, so that no secret can be guessed at speed.

Nobody is locked out: each try beyond a few makes the wait for the next longer, up to a limit, and
places that an account was signed in from wait for their own tries only
(docs/decisions/guessing.md).
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_token
from shared.accounts.places import Place, find_known_mark
from shared.errors import TooMany


@dataclass(frozen=True)
class GuessLimit:
    """The number of tries that are free, and the waits beyond them."""

    free: int
    longest: int  # seconds between two tries at most
    forgives: int  # seconds after which one try less counts


ACCOUNT = GuessLimit(free=10, longest=900, forgives=900)  # by whomever
PLACE = GuessLimit(free=10, longest=900, forgives=900)  # of one account, from one place
ADDRESS = GuessLimit(free=100, longest=60, forgives=9)  # many people may share a network address


@dataclass(frozen=True)
class Guess:
    """A try that was counted, and how long its like would have to wait, in seconds."""

    subject_key: str | None  # of the account's count
    place_key: str | None
    address_key: str | None
    subject_wait: int
    place_wait: int
    is_known: bool  # it comes from a place that the account was signed in from
    is_known_device: bool

    def check_place(self) -> None:
        """Raise `TooMany` where tries from this place have to wait, whoever may be meant."""
        if self.place_wait:
            raise _make_refusal(self.place_wait)

    def check_subject(self, *, is_right: bool) -> None:
        """Raise `TooMany` where the account's tries have to wait, but for the right one from home.

        It is asked after the secret was looked at, so that both take equal time.
        """
        if self.subject_wait and not (is_right and self.is_known):
            raise _make_refusal(self.subject_wait)


def count_try(session: Session, subject: str | None, user_id: object, place: Place) -> Guess:
    """Count a try at a secret of `subject`, which need not exist; commit before it is judged.

    `user_id` is the account that it would open, None where there is none. A known device waits for
    its own tries only; a known network address does so unless others try too much from there.
    """
    mark, by_device = find_known_mark(session, user_id, place)
    subject_wait = place_wait = 0
    subject_key = place_key = address_key = None
    if subject is not None:
        if not by_device:
            subject_key = hash_token(f"account {subject}")
            subject_wait = _count(session, subject_key, ACCOUNT)
        place_key = hash_token(f"place {subject} {mark if by_device else place.network}")
        place_wait = _count(session, place_key, PLACE)
    if place.network is not None and not by_device:
        address_key = hash_token(f"address {place.network}")
        place_wait = max(place_wait, _count(session, address_key, ADDRESS))
    return Guess(
        subject_key,
        place_key,
        address_key,
        subject_wait,
        place_wait,
        is_known=mark is not None,
        is_known_device=by_device,
    )


def forgive_try(session: Session, guess: Guess) -> None:
    """Take back a try that was right: all of its place's, one of the others."""
    for key, whole in (
        (guess.subject_key, False),
        (guess.place_key, True),
        (guess.address_key, False),
    ):
        if key is not None:
            session.execute(select(func.forgive_guess(key, whole)))


def _count(session: Session, key: str, limit: GuessLimit) -> int:
    """Return the seconds until a try is judged, 0 where this one is."""
    return (
        session.scalar(select(func.count_guess(key, limit.free, limit.longest, limit.forgives)))
        or 0
    )


def _make_refusal(wait: int) -> TooMany:
    return TooMany(f"Too many tries; the next counts in {wait} seconds.", retry_after=wait)

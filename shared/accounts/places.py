"""Places that accounts are signed in from: browsers, by a cookie, and network addresses."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Self
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_token
from shared.models import KnownPlace
from shared.models.base import new_id

_SEEN_STEP = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """The network that a call comes from, and the browser where it says which it is."""

    network: str | None  # an IPv4 address, or the /64 of an IPv6 one, which one customer has
    device: str | None

    @classmethod
    def of(cls, ip: str | None, device: str | None = None) -> Self:
        """Return the place of a network address as text, and of a browser's token."""
        try:
            address = ip_address(ip or "")
        except ValueError:
            return cls(None, device)
        if address.version == 6 and address.ipv4_mapped is None:
            return cls(str(ip_network((address, 64), strict=False)), device)
        return cls(str(getattr(address, "ipv4_mapped", None) or address), device)


def find_known_mark(session: Session, user_id: object, place: Place) -> tuple[str | None, bool]:
    """Return the mark under which an account knows a place, and whether it is the browser's.

    Without an account the same is asked of the database, and nothing found.
    """
    owner = user_id if isinstance(user_id, UUID) else new_id()
    device, network = _mark_device(owner, place), _mark_network(owner, place)
    known = set(
        session.scalars(
            select(KnownPlace.mark).where(
                KnownPlace.user_id == owner, KnownPlace.mark.in_([device, network])
            )
        )
    )
    if device in known:
        return device, True
    return (network if network in known else None), False


def remember_place(session: Session, user_id: UUID, place: Place) -> None:
    """Note that an account was signed in to from here, as the system role."""
    marks = {_mark_device(user_id, place), _mark_network(user_id, place)} - {None}
    for mark in sorted(filter(None, marks)):
        session.execute(
            insert(KnownPlace)
            .values(user_id=user_id, mark=mark)
            .on_conflict_do_update(
                index_elements=[KnownPlace.user_id, KnownPlace.mark],
                set_={"seen_at": func.now()},
                where=KnownPlace.seen_at < func.now() - _SEEN_STEP,
            )
        )


def _mark_device(user_id: UUID, place: Place) -> str | None:
    return hash_token(f"device {user_id} {place.device}") if place.device else None


def _mark_network(user_id: UUID, place: Place) -> str | None:
    return hash_token(f"network {user_id} {place.network}") if place.network else None

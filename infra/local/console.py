"""A link that opens the console as the local system's own account."""

import json
import os
import secrets
from pathlib import Path

from sqlalchemy import create_engine, delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from shared.accounts.codes import issue_code
from shared.accounts.credentials import hash_password
from shared.database.driver import to_pg8000_url
from shared.database.transactions import transaction
from shared.models import Profile, SignInCode

_EMAIL = "me@pixmill.local"
_LIFE = 30 * 24 * 3600  # seconds; the link ends with the system before


class ConsoleLink:
    """A link that signs a browser in, any number of times, until it is removed.

    It opens the account of `pixmill up`, which is made the first time; its e-mail address and
    password are kept in the folder of the system's data, for its owner alone.
    """

    def __init__(self, database_url: str) -> None:
        url, arguments = to_pg8000_url(database_url)
        self._engine = create_engine(url, connect_args=arguments, poolclass=NullPool)

    def make(self, state: Path, base_url: str) -> str:
        """Return a new link, in the place of one that a system has left which was killed."""
        email, password = _read_account(state / "account.json")
        with transaction(self._engine) as session:
            profile = session.scalar(
                select(Profile).where(func.lower(Profile.email) == email.lower())
            )
            if profile is None:
                profile = Profile(email=email, hashed_password=hash_password(password))
                session.add(profile)
                session.flush()
            _delete_codes(session)
            code = issue_code(session, profile.id, _LIFE, is_reusable=True)
        return f"{base_url}{code.url}"

    def remove(self) -> None:
        """Remove the link."""
        with transaction(self._engine) as session:
            _delete_codes(session)


def _delete_codes(session: Session) -> None:
    session.execute(delete(SignInCode).where(SignInCode.is_reusable))


def _read_account(path: Path) -> tuple[str, str]:
    if not path.exists():
        account = {"email": _EMAIL, "password": secrets.token_urlsafe(24)}
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(account, file)
    told = json.loads(path.read_text())
    return told["email"], told["password"]

"""Profiles, sessions and API keys."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator

from shared.schemas.fields import (
    Email,
    FutureTime,
    Name,
    Password,
    PasswordAttempt,
    Text,
    Time,
    make_refusal,
)
from shared.schemas.kinds import Input, Read, Update

Role = Literal["user", "admin"]
"""Role in the installation: an `admin` looks after it."""


class UserRegister(Input):
    """A new account."""

    email: Email
    password: Annotated[Password, Field(repr=False)]
    """8 to 128 characters of any kind, taken just as they are."""
    full_name: Name | None = None
    """Name to be shown."""


class SessionCreate(Input):
    """Sign in."""

    email: Email
    password: Annotated[PasswordAttempt, Field(repr=False)]
    """The account's password."""


class SessionRefresh(Input):
    """Trade a refresh token for a new pair; it works once."""

    refresh_token: Annotated[Text, Field(min_length=1, max_length=200, repr=False)]
    """Refresh token of the latest pair (`pxr_…`)."""


class SessionRead(Read):
    """A fresh pair of tokens."""

    access_token: str = Field(repr=False)
    """Token for `Authorization: Bearer` (`pxa_…`)."""
    refresh_token: str = Field(repr=False)
    """Token that is traded once for the next pair (`pxr_…`)."""
    token_type: Literal["Bearer"]
    """Scheme of `Authorization` that the access token is for."""
    expires_in: int
    """Seconds that the access token works."""


class OpenSessionRead(Read):
    """A session that has not ended, by the sign-in that it began with."""

    id: UUID
    ip_address: str | None
    """Network address that asked for its tokens last; null where it is not known."""
    user_agent: str | None
    """Program that asked for its tokens last; null where it did not say."""
    last_used_at: Time
    """Time of its sign-in or of its last refresh, which is due every hour of use."""
    expires_at: Time
    """Time at which it ends unless it is used before."""
    is_current: bool
    """True for the session that asks."""


class WebSessionCreate(Input):
    """Sign a browser in: by `email` and `password`, or by a `code`."""

    email: Email | None = None
    """E-mail address, with the password."""
    password: Annotated[PasswordAttempt | None, Field(repr=False)] = None
    """The account's password, with the e-mail address."""
    code: Annotated[Text | None, Field(min_length=1, max_length=200, repr=False)] = None
    """Code that somebody who is signed in has asked for, instead of both."""

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        sent = {name for name in ("email", "password", "code") if getattr(self, name) is not None}
        if sent not in ({"email", "password"}, {"code"}):
            raise make_refusal("must have either email and password, or code")
        return self


class SignInCodeRead(Read):
    """A code, which is shown this once, and where it leads."""

    code: str = Field(repr=False)
    """The code that signs a browser in."""
    expires_at: Time
    """Time until which it works."""
    url: str = Field(repr=False)
    """Address with the code, from the deployment's own on."""


class WebSessionRead(Read):
    """A browser's session, whose tokens are in cookies."""

    expires_in: int
    """Seconds until it is to be refreshed."""


class ProfileUpdate(Update):
    """Changes to one's own profile; a new e-mail or password needs the current password."""

    email: Email | MISSING = MISSING
    """New e-mail address."""
    full_name: Name | MISSING | None = MISSING
    """Name to be shown; null removes it."""
    password: Annotated[Password | MISSING, Field(repr=False)] = MISSING
    """New password, of 8 to 128 characters."""
    current_password: Annotated[PasswordAttempt | MISSING, Field(repr=False)] = MISSING
    """Password of now, without which neither the e-mail address nor the password is changed."""

    @model_validator(mode="after")
    def _check_password(self) -> Self:
        if self.model_fields_set & {"email", "password"} and self.current_password is MISSING:
            raise make_refusal(
                "is required to change the e-mail or the password", "current_password"
            )
        return self


class AccountDelete(Input):
    """Delete one's own account, which asks for its password again."""

    current_password: Annotated[PasswordAttempt, Field(repr=False)]
    """Password of now."""


class ProfileRead(Read):
    """A person's own profile."""

    id: UUID
    email: str
    """E-mail address to sign in with."""
    full_name: str | None
    """Name to be shown; null where there is none."""
    role: Role
    """Role in the installation."""
    is_active: bool
    """False while the account is locked out."""
    created_at: Time
    updated_at: Time


class ApiKeyCreate(Input):
    """A new API key; without `expires_at` it lives until it is revoked."""

    name: Name
    expires_at: FutureTime | None = None
    """Time in the future from which the key works no longer; without one it works until it is
    revoked.
    """


class ApiKeyCreated(Read):
    """A new API key; `key` is shown this once."""

    id: UUID
    name: str
    prefix: str
    key: str = Field(repr=False)
    """The key itself (`pxk_…`), for `Authorization: Bearer`. It is kept nowhere: note it now."""
    expires_at: Time | None
    created_at: Time


class ApiKeyRead(Read):
    """An API key as the list shows it."""

    id: UUID
    name: str
    prefix: str
    is_active: bool
    """False once it is revoked."""
    last_used_at: Time | None
    """Time of the last request that it was accepted for, to about a minute; null before the first.
    """
    expires_at: Time | None
    created_at: Time

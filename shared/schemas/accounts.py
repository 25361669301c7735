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


class UserRegister(Input):
    """A new account."""

    email: Email
    password: Annotated[Password, Field(repr=False)]
    full_name: Name | None = None


class SessionCreate(Input):
    """Sign in."""

    email: Email
    password: Annotated[PasswordAttempt, Field(repr=False)]


class SessionRefresh(Input):
    """Trade a refresh token for a new pair; it works once."""

    refresh_token: Annotated[Text, Field(min_length=1, max_length=200, repr=False)]


class SessionRead(Read):
    """A fresh pair of tokens; `expires_in` is the access token's life in seconds."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    expires_in: int


class WebSessionCreate(Input):
    """Sign a browser in: by `email` and `password`, or by a `code`."""

    email: Email | None = None
    password: Annotated[PasswordAttempt | None, Field(repr=False)] = None
    code: Annotated[Text | None, Field(min_length=1, max_length=200, repr=False)] = None

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        sent = {name for name in ("email", "password", "code") if getattr(self, name) is not None}
        if sent not in ({"email", "password"}, {"code"}):
            raise make_refusal("must have either email and password, or code")
        return self


class SignInCodeRead(Read):
    """A code, which is shown this once, and where it leads, from the deployment's address."""

    code: str = Field(repr=False)
    expires_at: Time
    url: str = Field(repr=False)


class WebSessionRead(Read):
    """A browser's session, whose tokens are in cookies; `expires_in` seconds until a refresh."""

    expires_in: int


class ProfileUpdate(Update):
    """Changes to one's own profile; a new e-mail or password needs the current password."""

    email: Email | MISSING = MISSING
    full_name: Name | MISSING | None = MISSING
    password: Annotated[Password | MISSING, Field(repr=False)] = MISSING
    current_password: Annotated[PasswordAttempt | MISSING, Field(repr=False)] = MISSING

    @model_validator(mode="after")
    def _check_password(self) -> Self:
        if self.model_fields_set & {"email", "password"} and self.current_password is MISSING:
            raise make_refusal(
                "is required to change the e-mail or the password", "current_password"
            )
        return self


class ProfileRead(Read):
    """A person's own profile."""

    id: UUID
    email: str
    full_name: str | None
    role: Literal["user", "admin"]
    is_active: bool
    created_at: Time
    updated_at: Time


class ApiKeyCreate(Input):
    """A new API key; without `expires_at` it lives until it is revoked."""

    name: Name
    expires_at: FutureTime | None = None


class ApiKeyCreated(Read):
    """A new API key; `key` is shown this once."""

    id: UUID
    name: str
    prefix: str
    key: str = Field(repr=False)
    expires_at: Time | None
    created_at: Time


class ApiKeyRead(Read):
    """An API key as the list shows it."""

    id: UUID
    name: str
    prefix: str
    is_active: bool
    last_used_at: Time | None
    expires_at: Time | None
    created_at: Time

"""Cookies of browsers' sessions, by the rules of RFC 6265bis.

No script can read them (HttpOnly), no page of another site makes a browser send them (SameSite),
and no other host can set them: the prefixes `__Host-` and `__Secure-` say so to browsers. The
refresh token goes to the addresses that take it, and nowhere else.
"""

from werkzeug.http import parse_cookie

from shared.accounts.prefixes import ACCESS, REFRESH
from shared.calls import SessionCookies
from shared.schemas.accounts import SessionRead

ACCESS_COOKIE = "__Host-pixmill"
REFRESH_COOKIE = "__Secure-pixmill-refresh"
_REFRESH_PATH = "/v1/web-sessions"
_FLAGS = "Secure; HttpOnly; SameSite=Strict"


def make_cookies(tokens: SessionRead) -> tuple[str, ...]:
    """Return the values of Set-Cookie for a pair of tokens.

    The access token's goes when the token ends, the refresh token's when the browser is closed.
    """
    return (
        f"{ACCESS_COOKIE}={tokens.access_token}; Path=/; {_FLAGS}; Max-Age={tokens.expires_in}",
        f"{REFRESH_COOKIE}={tokens.refresh_token}; Path={_REFRESH_PATH}; {_FLAGS}",
    )


def clear_cookies() -> tuple[str, ...]:
    """Return the values of Set-Cookie that make a browser forget a pair of tokens."""
    return (
        f"{ACCESS_COOKIE}=; Path=/; {_FLAGS}; Max-Age=0",
        f"{REFRESH_COOKIE}=; Path={_REFRESH_PATH}; {_FLAGS}; Max-Age=0",
    )


def read_cookies(header: str | None) -> SessionCookies:
    """Return the tokens in the header Cookie. A value that is no token of its kind is not there."""
    found = parse_cookie(header)
    access, refresh = found.get(ACCESS_COOKIE, ""), found.get(REFRESH_COOKIE, "")
    return SessionCookies(
        access if access.startswith(ACCESS) else None,
        refresh if refresh.startswith(REFRESH) else None,
    )

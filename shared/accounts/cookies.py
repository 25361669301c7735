"""Cookies of browsers' sessions, by the rules of RFC 6265bis.

No script can read them (HttpOnly), no page of another site makes a browser send them (SameSite),
and no other host can set them: the prefixes `__Host-` and `__Secure-` say so to browsers. The
refresh token goes to the addresses that take it, and nowhere else.
"""

from werkzeug.http import parse_cookie

from shared.accounts.prefixes import ACCESS, DEVICE, REFRESH
from shared.calls import SessionCookies
from shared.schemas.accounts import SessionRead

ACCESS_COOKIE = "__Host-pixmill"
REFRESH_COOKIE = "__Secure-pixmill-refresh"
DEVICE_COOKIE = "__Secure-pixmill-device"
_REFRESH_PATH = "/v1/web-sessions"
_DEVICE_LIFE = 180 * 24 * 3600  # seconds
_FLAGS = "Secure; HttpOnly; SameSite=Strict"


def make_cookies(tokens: SessionRead) -> tuple[str, ...]:
    """Return the values of Set-Cookie for a pair of tokens.

    The access token's goes when the token ends, the refresh token's when the browser is closed.
    """
    return (
        f"{ACCESS_COOKIE}={tokens.access_token}; Path=/; {_FLAGS}; Max-Age={tokens.expires_in}",
        f"{REFRESH_COOKIE}={tokens.refresh_token}; Path={_REFRESH_PATH}; {_FLAGS}",
    )


def make_device_cookie(device: str) -> str:
    """Return the value of Set-Cookie by which a browser is known when it signs in again."""
    return f"{DEVICE_COOKIE}={device}; Path={_REFRESH_PATH}; {_FLAGS}; Max-Age={_DEVICE_LIFE}"


def clear_cookies() -> tuple[str, ...]:
    """Return the values of Set-Cookie that make a browser forget a pair of tokens.

    The browser stays known: whoever signs out wants to come in again.
    """
    return (
        f"{ACCESS_COOKIE}=; Path=/; {_FLAGS}; Max-Age=0",
        f"{REFRESH_COOKIE}=; Path={_REFRESH_PATH}; {_FLAGS}; Max-Age=0",
    )


def read_cookies(header: str | None) -> SessionCookies:
    """Return the tokens in the header Cookie. A value that is no token of its kind is not there."""
    found = parse_cookie(header)

    def read(name: str, prefix: str) -> str | None:
        value = found.get(name, "")
        return value if value.startswith(prefix) else None

    return SessionCookies(
        read(ACCESS_COOKIE, ACCESS), read(REFRESH_COOKIE, REFRESH), read(DEVICE_COOKIE, DEVICE)
    )

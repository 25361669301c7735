"""Refuses what a page of another site makes a browser ask for with its cookies (CSRF).

OWASP's Cross-Site Request Forgery Prevention Cheat Sheet: "Employing Custom Request Headers for
AJAX/API", which a page of another origin cannot send without a preflight that is not granted
here (`shared.runtime.cors`), and "Fetch Metadata headers", by which browsers say themselves whose
page asks. Both stand behind SameSite=Strict, which pages on other ports of a host get around.
"""

from werkzeug.datastructures import Headers

from shared.errors import CrossSite

HEADER = "x-csrf-protection"
_SAFE = ("GET", "HEAD")
_OWN = ("", "none", "same-origin")  # no browser, an address that a person has typed, our own page


def check_site(headers: Headers) -> None:
    """Raise `CrossSite` where a browser says that a page of another origin asks."""
    site = headers.get("sec-fetch-site", "")
    if site not in _OWN:
        raise CrossSite(
            f"Sec-Fetch-Site is {site}: with cookies only pages of this origin may ask. "
            "Others send Authorization instead."
        )


def check_cookie_call(method: str, headers: Headers) -> None:
    """Raise `CrossSite` where a call that relies on cookies may be another site's doing."""
    check_site(headers)
    if method not in _SAFE and headers.get(HEADER) != "1":
        raise CrossSite(
            f"With cookies, {method} needs the header X-CSRF-Protection: 1, by which a page shows "
            "that it is one of this origin."
        )

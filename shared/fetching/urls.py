"""One spelling for every web address, as the WHATWG URL standard has it, or why it is none."""

from __future__ import annotations

import codecs
import re
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from ada_url import URL, HostType

MAX_LENGTH = 2048
_MAX_HOST = 253  # characters of a name that DNS can look up, and of each label (RFC 1035 §2.3.4)
_MAX_LABEL = 63
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[\x00-\x20]*[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A user and password before the host, also where a "/", "?" or "#" in the password cuts it off.
_USER_INFORMATION = re.compile(
    r"""\A(?P<start>(?:https?|ftp|wss?):[/\\]*+|(?:[a-z][a-z0-9+.-]*+:)?[/\\]{2,}+)
        (?:[^/\\?#]*@|[^/\\?#:@[]*+:(?![0-9]*+(?:[/\\?#]|\Z)).*@)""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_HOST = re.compile(r"https?:/*+(?:[^/\\?#@]*+@)?+([^/\\?#:@]++)", re.IGNORECASE)
_REMOVED = str.maketrans("", "", "\t\n\r")
_STRIPPED = "".join(map(chr, range(0x21)))
_NOT_ASCII = re.compile(r"[^\x00-\x7f]++")
# What the standard's special-query percent-encode set lets through, and "%" for what is encoded.
_QUERY_SAFE = "!$%&()*+,-./:;=?@[\\]^_`{|}~"


class BadUrl(ValueError):
    """This is no web address that can be fetched."""

    def __init__(self, detail: str, reason: str = "bad_url") -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason


class Target(NamedTuple):
    """The scheme, host and port of a normalised URL; the host keeps its brackets."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme and authority, which is what a robots.txt governs (RFC 9309 §2.3)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and the port unless it is the scheme's own."""
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return self.host
        return f"{self.host}:{self.port}"


def normalise(url: str) -> str:
    """Return an absolute URL as browsers ask for it, without its fragment.

    It is ASCII, with a lower-case host and no default port; numeric hosts in any notation are
    dotted quads. Escapes, empty path segments and an empty query stay as they are (WHATWG URL
    standard; docs/decisions/reading-pages.md lists what differs). Raises `BadUrl` (`reason` is
    `bad_url` or `unsupported_scheme`) for user information, port 0, other schemes than http and
    https, hosts that DNS cannot look up, and more than 2048 characters.
    """
    return _check(_parse(url, None))


def resolve(base: str, reference: str, encoding: str = "utf-8") -> str:
    """Return a reference from a page or a Location header as a normalised URL. Raises `BadUrl`.

    `base` is a normalised URL. `encoding`, a Python codec, is the page's: what is not ASCII in a
    query is sent in it (WHATWG URL standard, "percent-encode after encoding").
    """
    return _check(_parse(_encode_query(reference, encoding), base))


def join(base: str, reference: str) -> str:
    """Return an absolute address for people to see, whatever `normalise` would say of it.

    A user and password in it are hidden.
    """
    reference = hide_user_information(reference)
    try:
        return _parse(reference, base).href
    except BadUrl:
        if _SCHEME.match(reference):
            return reference
        # Only an authority can be wrong in what is relative to a good address.
        return f"{base.partition(':')[0]}:{reference}"


def hide_user_information(text: str) -> str:
    """Return an address, a good one or not, with `***` for the user and password in it.

    White space is taken out where browsers take it out too.
    """
    text = text.translate(_REMOVED).strip(_STRIPPED)
    return _USER_INFORMATION.sub(r"\g<start>***@", text, count=1) if "@" in text else text


def parse_target(url: str) -> Target:
    """Return scheme, host and port of a URL that `normalise` returned."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        return Target(scheme, authority, _DEFAULT_PORTS[scheme])
    return Target(scheme, host, int(port))


def hash_address(url: str) -> bytes:
    """Return by what a normalised URL is found again: its SHA-256, 32 bytes."""
    return sha256(url.encode()).digest()


def is_same_host(url: str, other: str) -> bool:
    """Return whether two URLs name the same host, a leading `www.` and the port aside.

    They may be such as cannot be fetched, for their port or length.
    """
    first, second = (_find_host(text).removeprefix("www.") for text in (url, other))
    return first == second != ""


def _find_host(url: str) -> str:
    try:
        host: str = _parse(url, None).hostname
    except BadUrl:
        found = _HOST.match(url)
        host = found[1].lower() if found else ""
    return host.removesuffix(".")


def _parse(text: str, base: str | None) -> URL:
    try:
        return URL(_replace_surrogates(text), base)
    except ValueError as error:
        if base is None and not _SCHEME.match(text):
            raise BadUrl("names no scheme: web addresses begin with https:// or http://") from error
        raise BadUrl("names no valid host or port") from error


def _check(parsed: URL) -> str:
    """Return the URL's one spelling. Raises `BadUrl` where it cannot be fetched."""
    if parsed.protocol.removesuffix(":") not in _DEFAULT_PORTS:
        raise BadUrl("only http and https addresses are fetched", "unsupported_scheme")
    if parsed.username or parsed.password:
        raise BadUrl("holds user information")
    if parsed.port == "0":
        raise BadUrl("names port 0")
    if parsed.host_type is HostType.DEFAULT:
        _check_name(parsed)
    # A "#" that is no fragment's is escaped.
    result = parsed.href.partition("#")[0]
    if len(result) > MAX_LENGTH:
        raise BadUrl(f"longer than {MAX_LENGTH} characters")
    return result


def _check_name(parsed: URL) -> None:
    """Take the dot of DNS's root from a host's name. Raises `BadUrl` where DNS knows none such."""
    name = parsed.hostname.removesuffix(".")
    if len(name) > _MAX_HOST or not all(0 < len(label) <= _MAX_LABEL for label in name.split(".")):
        raise BadUrl("names no host that can be looked up")
    if name != parsed.hostname:
        parsed.hostname = name


def _replace_surrogates(text: str) -> str:
    """Return the text with U+FFFD for each half of a pair, as browsers convert what they parse."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encode_query(reference: str, encoding: str) -> str:
    if encoding == "utf-8" or reference.isascii():
        return reference
    address, mark, fragment = reference.partition("#")
    path, question, query = address.partition("?")
    query = _NOT_ASCII.sub(
        lambda found: quote(found[0].encode(encoding, _CHARACTER_REFERENCES), _QUERY_SAFE), query
    )
    return f"{path}{question}{query}{mark}{fragment}"


def _escape_references(error: UnicodeError) -> tuple[str, int]:
    """Return what a query has for characters that its page's encoding lacks: `&#1234;`, escaped."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(f"%26%23{ord(character)}%3B" for character in missing), error.end


_CHARACTER_REFERENCES = "pixmill-escaped-references"
codecs.register_error(_CHARACTER_REFERENCES, _escape_references)

"""One spelling for every web address, or the reason why it is none."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv6Address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import idna

MAX_LENGTH = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class BadUrl(ValueError):
    """This is no web address that can be fetched."""

    def __init__(self, detail: str, reason: str = "bad_url") -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason


class Target(NamedTuple):
    """Where a normalised URL leads: the host as it stands in the URL, brackets included."""

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
    """The URL with lower-case ASCII host, no default port, no fragment, no dot segments, escaped.

    Numeric hosts in any notation become dotted quads, as every resolver reads them. Raises
    `BadUrl` (`reason` is `bad_url` or `unsupported_scheme`) for control characters, user
    information, other schemes than http and https, and more than 2048 characters.
    """
    text = url.strip()
    if len(text) > MAX_LENGTH:
        raise BadUrl(f"longer than {MAX_LENGTH} characters")
    if _CONTROL.search(text):
        raise BadUrl("holds control characters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadUrl(str(error)) from error
    scheme = parts.scheme
    if scheme not in _DEFAULT_PORTS:
        reason = "unsupported_scheme" if scheme else "bad_url"
        raise BadUrl("only http and https addresses are fetched", reason)
    if "@" in parts.netloc:
        raise BadUrl("holds user information")
    if port == 0 or not parts.hostname:
        raise BadUrl("names no host" if port != 0 else "names port 0")
    authority = Target(scheme, _host(parts.hostname), port or _DEFAULT_PORTS[scheme]).authority
    path = _without_dots(_escaped(parts.path.replace("\\", "/"))) or "/"
    query = f"?{_escaped(parts.query)}" if parts.query else ""
    result = f"{scheme}://{authority}{path}{query}"
    if len(result) > MAX_LENGTH:
        raise BadUrl(f"longer than {MAX_LENGTH} characters")
    return result


def resolve(base: str, reference: str) -> str:
    """A reference from a page or a Location header as a normalised URL. Raises `BadUrl`.

    Tabs and line breaks inside are dropped, as browsers do (WHATWG URL standard).
    """
    reference = re.sub(r"[\t\r\n]", "", reference.strip())
    try:
        return normalise(urljoin(base, reference))
    except BadUrl:
        raise
    except ValueError as error:
        raise BadUrl(str(error)) from error


def target(url: str) -> Target:
    """Scheme, host and port of a URL that `normalise` returned."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        return Target(scheme, authority, _DEFAULT_PORTS[scheme])
    return Target(scheme, host, int(port))


def same_host(url: str, base: str) -> bool:
    """Whether two URLs name the same host, a leading `www.` and the port aside."""
    hosts = []
    for text in (url, base):
        try:
            hosts.append(target(normalise(text)).host.removeprefix("www."))
        except BadUrl:
            return False
    return hosts[0] == hosts[1]


def _host(name: str) -> str:
    """A host as ASCII. Raises `BadUrl`."""
    if ":" in name:
        try:
            address = IPv6Address(name)
        except ValueError as error:
            raise BadUrl("names no valid IPv6 address") from error
        if address.scope_id:
            raise BadUrl("names an interface of this machine")
        return f"[{address}]"
    if not name.isascii():
        try:
            name = idna.uts46_remap(name)
            name = name if name.isascii() else idna.encode(name).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise BadUrl("names no valid host") from error
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return socket.inet_ntoa(socket.inet_aton(name))
        except OSError as error:
            raise BadUrl("names no valid IPv4 address") from error
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadUrl("names no valid host")
    return name


def _escaped(text: str) -> str:
    """Percent-encode what browsers would and leave what is encoded already."""
    text = _ESCAPE.sub(lambda found: found[0].upper() if found[1] else "%25", text)
    return quote(text, safe="%/:@!$&'()*+,;=~?[]|")


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` segments (RFC 3986 §5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)

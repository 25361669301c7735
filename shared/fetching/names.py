"""Names of hosts that DNS does not know any more."""

import ipaddress
import socket


def is_unknown_name(host: str) -> bool:
    """Return whether DNS says that there is no such host; where it says nothing, that is False.

    Blocks as long as the resolver takes. A resolver that is out of order may say so of any name:
    look first whether other names lead somewhere.
    """
    try:
        socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return error.errno == socket.EAI_NONAME
    except (OSError, UnicodeError):
        return False
    return False


def is_numeric(host: str) -> bool:
    """Return whether a host is an address and no name; IPv6 stands in brackets."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True

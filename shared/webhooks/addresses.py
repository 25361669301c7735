"""Addresses that webhooks may have: those that crawls may fetch from."""

from shared.errors import Invalid
from shared.fetching.addresses import PORTS, AddressPolicy
from shared.fetching.urls import BadUrl, normalise, parse_target
from shared.settings import Settings, to_variable


def check_address(url: str, settings: Settings) -> str:
    """Return an address as it is called. Raises `Invalid` for one that never would be.

    What its name leads to is checked at every call.
    """
    try:
        normal = normalise(url)
    except BadUrl as error:
        raise Invalid.at("/url", error.detail) from error
    target = parse_target(normal)
    refused = AddressPolicy.parse(settings.crawl_allow).check_host(target.host, target.port)
    if refused == "blocked_port":
        ports = ", ".join(map(str, sorted(PORTS)))
        raise Invalid.at("/url", f"names port {target.port}; these can be called: {ports}")
    if refused is not None:
        raise Invalid.at(
            "/url",
            "is not on the public internet; on your own machine"
            f" {to_variable('crawl_allow')}={target.host}:{target.port} opens it",
        )
    return normal

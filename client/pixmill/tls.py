"""Trust in servers, for all clients of this process."""

import functools
import ssl

import httpx2


@functools.cache
def make_tls_context() -> ssl.SSLContext:
    """Return the certificate authorities that count, which take 20 ms to load."""
    return httpx2.create_ssl_context()

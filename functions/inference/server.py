"""Say what serves, and which extensions of the protocol it knows."""

from shared.queries.served import server
from shared.schemas.inference import Server


def handle() -> Server:
    """Get the server's metadata."""
    return server()
